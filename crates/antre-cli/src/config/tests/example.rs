//! `deploy/antre.example.toml` is what people copy: it must be right, complete and say the defaults.

use super::super::range::TIMES;
use super::super::setting::ACCOUNT;
use super::*;

const README: &str = include_str!("../../../../../README.md");
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
    let without = ["secret_key_file", "http_token_file", "http_hosts", "redis_ca_file"];
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

/// Returns the lines of the comment above an option.
fn comment_above(option: &str) -> Vec<&'static str> {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let place = lines.iter().position(|line| line.starts_with(&format!("# {option} = ")));
    let above = lines[..place.unwrap()].iter().rev();
    above.take_while(|line| line.starts_with("# ")).copied().collect()
}

/// Returns an option's column of values in README.md's table.
fn values_in_readme(option: &str) -> &'static str {
    let row = README.lines().find(|line| line.starts_with(&format!("| `{option}` |"))).unwrap();
    row.split('|').nth(4).unwrap().trim()
}

#[test]
fn the_example_and_the_readme_name_every_range() {
    let times = TIMES.iter().map(|times| (times.setting.name, times.shown()));
    let numbers = [&range::CONCURRENCY, &range::MAX_RETRIES].map(|numbers| {
        let (min, max) = (numbers.range.start(), numbers.range.end());
        (numbers.setting.name, format!("{min} to {max}"))
    });
    for (name, shown) in times.chain(numbers) {
        assert!(
            comment_above(name).contains(&format!("# Taken: {shown}.").as_str()),
            "{name} {shown}"
        );
        assert_eq!(values_in_readme(name), shown, "{name}");
    }
}

#[test]
fn no_range_is_named_that_does_not_hold() {
    let named = EXAMPLE.lines().filter(|line| line.starts_with("# Taken: ")).count();
    assert_eq!(named, TIMES.len() + 2);
}
