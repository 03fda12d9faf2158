//! Prometheus' text format as a scraper reads it, and the rules of `promtool check metrics` with some of our own.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of one answer by name and labels, as they are written.
pub(crate) type Samples = BTreeMap<String, f64>;

/// Returns the samples of a text; a line that cannot be read is left to [`faults`].
pub(crate) fn samples(text: &str) -> Samples {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.rsplit_once(' '));
    pairs.filter_map(|(series, value)| Some((series.to_owned(), value.parse().ok()?))).collect()
}

/// Returns what a scraper, `promtool check metrics` or our own rules have against a text.
pub(crate) fn faults(text: &str) -> Vec<String> {
    let (helps, types) = (comments(text, "# HELP "), comments(text, "# TYPE "));
    let mut faults = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else {
            faults.insert(format!("no sample: {line}"));
            continue;
        };
        if value.parse::<f64>().is_err() {
            faults.insert(format!("no number: {line}"));
        }
        if !seen.insert(series.to_owned()) {
            faults.insert(format!("twice: {series}"));
        }
        let (sample, labels) = series.split_once('{').unwrap_or((series, ""));
        let family = family(sample, &types);
        if helps.get(family).is_none_or(|help| help.trim().is_empty()) {
            faults.insert(format!("no help: {family}"));
        }
        match types.get(family) {
            Some(kind) => faults.extend(faults_of_name(family, kind)),
            None => drop(faults.insert(format!("no type: {family}"))),
        }
        faults.extend(faults_of_labels(family, labels));
    }
    faults.into_iter().collect()
}

fn comments<'a>(text: &'a str, start: &str) -> BTreeMap<&'a str, &'a str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(start));
    lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
}

/// Returns the family of a sample: a histogram's has no suffix.
fn family<'a>(sample: &'a str, types: &BTreeMap<&str, &str>) -> &'a str {
    let bases = ["_bucket", "_sum", "_count"].iter().filter_map(|end| sample.strip_suffix(end));
    let is_distribution =
        |base: &&str| types.get(base).is_some_and(|kind| ["histogram", "summary"].contains(kind));
    bases.into_iter().find(is_distribution).unwrap_or(sample)
}

fn faults_of_name(name: &str, kind: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |is_fault: bool, what: &str| {
        if is_fault {
            faults.push(format!("{name} ({kind}): {what}"));
        }
    };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    check(!name.starts_with("antre_"), "no prefix antre_");
    check(!name.chars().all(is_plain), "other characters than a-z, 0-9 and _");
    check((kind == "counter") != name.ends_with("_total"), "_total is for counters");
    let ends = ["_count", "_sum", "_bucket", "_info"];
    check(ends.iter().any(|end| name.ends_with(end)), "a suffix of another type");
    let words: Vec<&str> = name.split('_').collect();
    let types = ["counter", "gauge", "histogram", "summary"];
    check(words.iter().any(|word| types.contains(word)), "its type in its name");
    let units = ["ms", "milliseconds", "us", "minutes", "hours", "days", "kb", "percent", "sec"];
    check(words.iter().any(|word| units.contains(word)), "no base unit");
    faults
}

fn faults_of_labels(name: &str, labels: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if labels.contains("::") {
        faults.push(format!("{name}: a type of the program as a label"));
    }
    let names = labels.trim_end_matches('}').split("\",").filter_map(|pair| pair.split_once('='));
    for (label, _) in names {
        let is_known = ["account", "event", "le", "outcome", "state", "request"].contains(&label);
        if !is_known {
            faults.push(format!("{name}: an unknown label {label}"));
        }
    }
    faults
}

#[test]
fn what_promtool_refuses_is_a_fault() {
    let with = |name: &str, kind: &str, sample: &str| {
        format!("# HELP {name} Help.\n# TYPE {name} {kind}\n{sample}\n")
    };
    for (text, expected) in [
        ("antre_x 1\n".to_owned(), "no help: antre_x"),
        ("# HELP antre_x Help.\nantre_x 1\n".to_owned(), "no type: antre_x"),
        (with("tasks_total", "counter", "tasks_total 1"), "no prefix"),
        (with("antre_tasks", "counter", "antre_tasks 1"), "_total is for counters"),
        (with("antre_jobs_total", "gauge", "antre_jobs_total 1"), "_total is for counters"),
        (with("antre_job_count", "gauge", "antre_job_count 1"), "a suffix of another type"),
        (with("antre_wait_ms", "gauge", "antre_wait_ms 1"), "no base unit"),
        (with("antre_x", "gauge", "antre_x{worker=\"a\"} 1"), "an unknown label worker"),
        (with("antre_x", "gauge", "antre_x{request=\"a::B\"} 1"), "a type of the program"),
        (with("antre_x", "gauge", "antre_x 1\nantre_x 2"), "twice: antre_x"),
        (with("antre_x", "gauge", "antre_x one"), "no number"),
    ] {
        let found = faults(&text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
    }
    let histogram = "antre_x_seconds_bucket{request=\"create\",le=\"+Inf\"} 1\nantre_x_seconds_sum 1\n\
                     antre_x_seconds_count 1";
    assert_eq!(faults(&with("antre_x_seconds", "histogram", histogram)), [""; 0]);
}
