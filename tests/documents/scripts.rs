//! What the scripts write, PROTOCOL.md lists, and the other way round: events, totals, words for errors.

use std::{collections::BTreeSet, fs, path::Path};

use antre_store::status::Totals;

use crate::markdown::{code_words, document, rows, section};

/// Returns the text of all scripts.
fn scripts() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/antre-store/src/lua");
    let mut text = String::new();
    for folder in [folder.join("lib"), folder] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// Returns the texts in single quotes right behind each `start`.
fn quoted_after(text: &str, start: &str) -> BTreeSet<String> {
    let behind = text.split(start).skip(1);
    behind.filter_map(|rest| rest.split('\'').next()).map(str::to_owned).collect()
}

fn first_cells(title: &str) -> BTreeSet<String> {
    let text = document("PROTOCOL.md");
    rows(section(&text, title)).iter().flat_map(|row| code_words(&row[0])).collect()
}

#[test]
fn every_event_is_listed_and_every_listed_one_exists() {
    let written = quoted_after(&scripts(), "event(ctx, '");
    assert!(written.len() > 10, "the scripts are not read: {written:?}");
    assert_eq!(first_cells("### `events`: for watching"), written);
}

#[test]
fn every_total_is_listed() {
    // Three are counted by the job's end state.
    let ends = ["done", "dead", "cancelled"].map(str::to_owned);
    let mut counted = quoted_after(&scripts(), "count(ctx, '");
    assert!(counted.len() > 10, "the scripts are not read: {counted:?}");
    counted.extend(ends);
    let listed = first_cells("### Totals");
    assert_listed(&listed, &counted);
}

#[test]
fn every_total_is_a_metric_from_the_start() {
    let events: BTreeSet<String> = Totals::NAMES.iter().map(|name| (*name).to_owned()).collect();
    let mut listed = first_cells("### Totals");
    assert!(listed.remove("ready_us"), "it is no counter");
    assert_eq!(events, listed);
}

#[test]
fn every_error_code_of_the_scripts_is_listed() {
    let scripts = scripts();
    let mut codes = quoted_after(&scripts, "error_code = '");
    codes.extend(quoted_after(&scripts, "kill(ctx, id, entry, '"));
    codes.remove("");
    assert!(codes.contains("conflict") && codes.contains("crash_loop"), "{codes:?}");
    assert_listed(&first_cells("## Error codes"), &codes);
}

#[test]
fn every_field_that_the_scripts_keep_of_a_stranger_is_listed() {
    let listed = first_cells("## Whose account it is");
    assert_listed(&listed, &assigned_to(&scripts(), "stranger"));
}

/// Returns the fields of `record` that the scripts assign, one or several at a time.
fn assigned_to(text: &str, record: &str) -> BTreeSet<String> {
    let start = format!("{record}.");
    let targets =
        text.lines().filter_map(|line| line.trim_start().split_once(" = ")).map(|(to, _)| to);
    let fields = targets.flat_map(|to| to.split(", ")).filter_map(|one| one.strip_prefix(&start));
    let fields: BTreeSet<String> = fields.map(str::to_owned).collect();
    assert!(!fields.is_empty(), "nothing is assigned to {record}");
    fields
}

#[test]
fn every_reason_of_health_is_in_the_readme() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut codes = BTreeSet::new();
    let files = ["antre-operating/src/health.rs", "antre-operating/src/obstacle.rs"];
    let texts = files.map(|file| fs::read_to_string(crates.join(file)).unwrap());
    for text in &texts {
        for mark in ["Reason::new(\"", "Obstacle::new(\"", "Self::new(\""] {
            let rests = text.split(mark).skip(1);
            codes.extend(rests.filter_map(|rest| rest.split('"').next()));
        }
    }
    let notices = fs::read_to_string(crates.join("antre-operating/src/notices.rs")).unwrap();
    let arms =
        notices.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"));
    codes.extend(arms.map(|(code, _)| code));
    // These two are chosen before.
    codes.extend(["limited", "quota"]);
    assert!(codes.contains("worker_closed") && codes.contains("redis_unavailable"), "{codes:?}");
    let page = document("docs/operating.md");
    let listed: BTreeSet<String> = code_words(section(&page, "## HTTP")).into_iter().collect();
    assert_listed(&listed, &codes.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_reason_of_a_look_up_and_every_warning_is_listed() {
    let codes = first_cells("## Error codes");
    assert_listed(&codes, &codes_in("api/identity/verdict.rs", "Self::", " => \""));
    let warnings = first_cells("## Warnings");
    assert_listed(&warnings, &codes_in("api/identity/warning.rs", "Self::", " => \""));
    for file in ["body/notification.rs", "body/invoice.rs"] {
        assert_listed(&warnings, &codes_in(file, "Warning::about_field(", "\""));
    }
    let others = ["unknown_field", "already_paid", "billed_before"].map(str::to_owned);
    assert_listed(&warnings, &BTreeSet::from(others));
}

#[test]
fn every_field_of_a_job_is_listed_and_every_listed_one_exists() {
    let fields: BTreeSet<String> =
        antre_xendit::body::INVOICE.job_fields().map(str::to_owned).collect();
    assert!(fields.contains("invoice") && fields.contains("traceparent"), "{fields:?}");
    assert_eq!(first_cells("### The job"), fields);
}

fn xendit_source(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/antre-xendit/src");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// Returns the snake-case words that stand in `file` behind `start` and then, before anything else, `opening`.
fn codes_in(file: &str, start: &str, opening: &str) -> BTreeSet<String> {
    let source = xendit_source(file);
    let codes: BTreeSet<String> = source
        .split(start)
        .skip(1)
        .filter_map(|rest| {
            let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c.is_whitespace());
            let rest = rest.trim_start().strip_prefix(opening.trim_start())?;
            rest.split('"').next()
        })
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .map(str::to_owned)
        .collect();
    assert!(!codes.is_empty(), "{file} is not read");
    codes
}

#[track_caller]
fn assert_listed(listed: &BTreeSet<String>, used: &BTreeSet<String>) {
    let missing: Vec<_> = used.difference(listed).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}
