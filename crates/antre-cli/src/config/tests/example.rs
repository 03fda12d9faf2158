//! `deploy/antre.example.toml` is what people copy: it must be right.

use super::super::option::Taken;
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
    // These have no default; one of them is the default key's own place.
    let without =
        ["secret_key_file", "http_token_file", "http_hosts", "secret_key_env", "for_user_id"];
    let is_without = |line: &str| {
        without.iter().any(|name| line.starts_with(name))
            || line.starts_with("redis_") && !line.starts_with("redis_url")
    };
    let lines = text.lines().filter(|line| !is_without(line));
    let named = config(&lines.collect::<Vec<_>>().join("\n"));
    assert_eq!(shown(&named), shown(&config("")));
}

#[test]
fn a_word_that_is_not_taken_is_refused_with_those_that_are() {
    for (option, other, words) in [
        ("durability", "Always", "none of auto, local and replicated"),
        ("log_format", "xml", "neither text nor json"),
        ("http_metrics", "closed", "neither token nor open"),
    ] {
        let found = faults(&format!("{option} = {other:?}\n"));
        assert_faults(
            &found,
            &[&format!("antre.toml:1: {option} {:?} is {words}", other.to_lowercase())],
        );
    }
}

#[test]
fn every_word_that_is_listed_is_taken() {
    for setting in PROCESS.iter().chain(&options::ACCOUNT) {
        let Taken::Words(words) = setting.taken else { continue };
        for word in words {
            config(&format!("{} = {word:?}\n", setting.name));
        }
    }
}
