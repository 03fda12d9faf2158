//! A field of a job has its place at each station on its way: sender, intake, script, record, document.
//!
//! That it is read at all, a test of `antre-core` shows.

use std::collections::BTreeSet;

use antre_core::schema::ENVELOPE;

use crate::workspace::{self, SourceFile};

const BUILDER: &str = "crates/antre-producer/src/new_job.rs";
const FILES: &str = "crates/antre-producer/src/files.rs";
const INTAKE: &str = "crates/antre-store/src/intake.rs";
const SCRIPTS: &str = "crates/antre-store/src/lua/";
const ACCEPT: &str = "crates/antre-store/src/lua/accept.lua";
const RECORD: &str = "crates/antre-store/src/lua/lib/new_jobs.lua";
const TITLE: &str = "## Fields of a job's record\n";

/// Fields that have another name once they are read.
const READ_AS: [(&str, &str); 2] = [("customer", "priority"), ("max_retries", "max_attempts")];
/// What is an argument of its own, beside the other fields.
const APART: &str = "data";

fn faults(fields: &[&str], files: &[SourceFile]) -> Vec<String> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    // A file that is gone names nothing, and each field is missed.
    let text = |path: &str| find(path).map_or("", |file| file.text.as_str());
    let submitted = submitted(text(INTAKE));
    let mut faults = Vec::new();
    let mut miss = |path: &str, name: &str| faults.push(format!("{path}: {name} is missing"));
    for name in fields {
        if !text(BUILDER).contains(&format!("pub fn {name}(")) {
            miss(BUILDER, name);
        }
        if !text(FILES).contains(&format!("`{name}`")) {
            miss(FILES, name);
        }
        let read_as = READ_AS.iter().find(|(field, _)| field == name).map_or(*name, |(_, it)| it);
        if !submitted.contains(read_as) {
            miss(INTAKE, read_as);
        }
    }
    let (header, _) = text(ACCEPT).split_once("-- needs:").unwrap_or_default();
    let scripts: String =
        files.iter().filter(|file| file.path.starts_with(SCRIPTS)).map(code_of).collect();
    for name in submitted.iter().filter(|name| **name != APART) {
        if !workspace::has_word(header, name) {
            miss(ACCEPT, name);
        }
        let is_used = scripts.contains(&format!("'{name}'"))
            || workspace::has_word(&scripts, &format!("entry.{name}"));
        if !is_used {
            miss(RECORD, name);
        }
    }
    let section = text("PROTOCOL.md").split_once(TITLE).map_or("", |(_, rest)| rest);
    let section = section.split("\n#").next().unwrap_or_default();
    for name in optional(text(RECORD)).iter().filter(|name| !section.contains(&format!("`{name}`")))
    {
        miss(TITLE.trim(), name);
    }
    faults
}

/// Returns the fields of an entry as the store takes it.
fn submitted(text: &str) -> BTreeSet<&str> {
    let rest = text.split_once("pub struct Submission {").map_or("", |(_, rest)| rest);
    let body = rest.split_once("\n}").map_or("", |(body, _)| body);
    let fields = body.lines().filter_map(|line| line.trim_start().strip_prefix("pub "));
    fields.filter_map(|field| field.split(':').next()).collect()
}

/// Returns what a record has of an entry, if the entry has it.
fn optional(text: &str) -> Vec<&str> {
    workspace::quoted(text, "local optional = {")
}

fn code_of(file: &SourceFile) -> String {
    let code = file.text.lines().filter(|line| !line.starts_with("--"));
    code.flat_map(|line| [line, "\n"]).collect()
}

fn of_jobs() -> Vec<&'static str> {
    ENVELOPE.iter().map(|field| field.name).collect()
}

#[test]
fn every_field_of_a_job_has_its_place_at_each_station() {
    let files = workspace::files().unwrap();
    assert!(optional(&workspace::required(&files, RECORD).unwrap().text).contains(&"reference"));
    workspace::assert_none(&faults(&of_jobs(), &files));
}

#[test]
fn a_new_field_is_missed_where_jobs_are_made_and_taken_in() {
    let files = workspace::files().unwrap();
    let faults = faults(&["shoe_size"], &files);
    let expected = [BUILDER, FILES, INTAKE].map(|path| format!("{path}: shoe_size is missing"));
    assert_eq!(faults, expected);
}

#[test]
fn a_field_that_the_script_or_the_document_does_not_know_is_a_fault() {
    for (path, good, bad, told) in [
        (INTAKE, "    pub reference: ", "    pub shoe_size: String,\n    pub reference: ", ACCEPT),
        (INTAKE, "    pub reference: ", "    pub shoe_size: String,\n    pub reference: ", RECORD),
        (ACCEPT, "batch, reference, ", "batch, ", ACCEPT),
        (RECORD, "'traceparent' }", "'traceparent', 'shoe_size' }", TITLE),
    ] {
        let mut files = workspace::files().unwrap();
        let file = files.iter_mut().find(|file| file.path == path).unwrap();
        assert!(file.text.contains(good), "{path} has no {good}");
        file.text = file.text.replacen(good, bad, 1);
        let faults = faults(&of_jobs(), &files);
        assert!(faults.iter().any(|fault| fault.starts_with(told.trim())), "{path}: {faults:?}");
    }
}
