use clap::CommandFactory as _;

use super::*;

mod package;

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_command_teaches_by_examples_and_names_its_exit_codes() {
    let root = CommandLine::command();
    let shown = root.get_subcommands().filter(|command| !command.is_hide_set());
    for command in shown {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let name = command.get_name();
        assert!(help.contains(&format!("antre {name}")), "{name} has no example");
        assert!(help.contains("64  bad configuration"), "{name} does not name its exit codes");
    }
}

#[test]
fn help_fits_an_ordinary_terminal() {
    let root = CommandLine::command();
    for command in root.get_subcommands().chain([&root]) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let long = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{}", command.get_name());
    }
}
