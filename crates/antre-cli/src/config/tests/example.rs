//! `deploy/antre.example.toml` is what people copy: it must be right, complete and say the defaults.

use super::super::setting::ACCOUNT;
use super::*;

const EXAMPLE: &str = include_str!("../../../../../deploy/antre.example.toml");

/// Returns the example with every option that is commented out put in force.
fn all_options() -> String {
    let is_option = |line: &str| {
        line.split_once(" = ").is_some_and(|(name, _)| {
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
    };
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(option) if is_option(option) => option,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(config: &Config) -> String {
    // Debug shows every value but no secret.
    format!("{config:#?}")
}

#[test]
fn the_example_as_it_is_means_the_defaults() {
    assert_eq!(shown(&config(EXAMPLE)), shown(&config("")));
}

#[test]
fn every_default_that_the_example_names_is_the_default() {
    let text = all_options();
    // These have no default, or exclude another option.
    let without = ["secret_key_file", "http_token_file", "http_hosts"];
    let lines = text.lines().filter(|line| !without.iter().any(|name| line.starts_with(name)));
    let named = config(&lines.collect::<Vec<_>>().join("\n"));
    assert_eq!(shown(&named), shown(&config("")));
}

#[test]
fn the_example_names_every_option_and_its_variable() {
    let text = all_options();
    for setting in PROCESS.iter().chain(&ACCOUNT) {
        let line = format!("\n{} = ", setting.name);
        assert!(text.contains(&line), "{} is not in the example", setting.name);
        assert!(EXAMPLE.contains(setting.variable), "{} is not in the example", setting.variable);
    }
}
