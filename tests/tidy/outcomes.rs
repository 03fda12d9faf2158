//! The words for outcomes and waits: the enums, the scripts' tables and PROTOCOL.md have the same ones, and each outcome
//! is made by a worker. That the model's test gives each one, a test beside it shows.

use std::collections::BTreeSet;

use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::job_outcome::ReadOutcome;
use antre_store::claim::WaitReason;
use antre_store::operate::TooLate;

use crate::workspace::{self, SourceFile};

const FOLDER: &str = "crates/antre-store/src/lua/";
const KNOWN: &str = "crates/antre-store/src/lua/lib/known_outcomes.lua";
const MEANINGS: &str = "crates/antre-store/src/lua/lib/outcomes.lua";
const ENUMS: &str = "crates/antre-core/src/job_outcome.rs";
/// Where answers become outcomes.
const REPORT: &str = "crates/antre-worker/src/report";
/// Where the answers to reads do: they are passed on.
const READS: &str = "crates/antre-xendit/src/api/classify/reads.rs";
const EVIDENCE: &str = "crates/antre-store/src/lua/lib/evidence.lua";
const TITLE: &str = "### What a request brought\n";
/// What a probe's outcomes say together.
const ANSWERED: &str = "answered";

type Words = BTreeSet<String>;

/// The enums of [`ENUMS`].
const NAMES: [&str; 4] = ["JobOutcome", "FollowUpOutcome", "ProbeOutcome", "ReadOutcome"];

/// What an outcome is of, the words of its enum, and the scripts' tables that share them.
const KINDS: [(&str, &[&str], &[&str]); 4] = [
    ("job", JobOutcome::WORDS, &["done", "dead", "retry"]),
    ("follow-up", FollowUpOutcome::WORDS, &["follow_up"]),
    ("probe", ProbeOutcome::WORDS, &["probe"]),
    ("read", ReadOutcome::WORDS, &["read"]),
];

fn faults(files: &[SourceFile]) -> Vec<String> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    // A file that is gone has no words, and each of them is missed.
    let text = |path: &str| find(path).map_or("", |file| file.text.as_str());
    let (known, protocol) = (text(KNOWN), text("PROTOCOL.md"));
    let table = |name: &str| keys(known, &format!("known_outcomes.{name} = {{"));
    let mut faults = Vec::new();
    let mut all = Words::from([ANSWERED.to_owned()]);
    for (kind, words, tables) in KINDS {
        let words: Words = words.iter().map(|word| (*word).to_owned()).collect();
        let listed: Vec<String> = tables.iter().flat_map(|name| table(name)).collect();
        let scripts: Words = listed.iter().cloned().collect();
        if scripts.len() < listed.len() {
            faults.push(format!("{KNOWN}: two scripts take one outcome of a {kind}"));
        }
        faults.extend(differences(&words, &scripts, &format!("the enum of a {kind}"), KNOWN));
        let documented = documented(protocol, kind);
        faults.extend(differences(&words, &documented, &format!("the enum of a {kind}"), TITLE));
        all.extend(words);
    }
    let (retry, follow_up) = (table("retry"), table("follow_up"));
    let meanings = behind(text(MEANINGS), &["function after."], '(');
    faults.extend(differences(&retry, &meanings, "known_outcomes.retry", MEANINGS));
    let says = keys(text(EVIDENCE), "evidence.says = {");
    let heard = retry.union(&follow_up).cloned().chain([ANSWERED.to_owned()]).collect();
    faults.extend(differences(&heard, &says, "what is told to evidence", EVIDENCE));
    let heard = behind(text(EVIDENCE), &["says == '"], '\'');
    let said = workspace::quoted(text(EVIDENCE), "evidence.says = {").into_iter();
    let unheard = said.filter(|word| !heard.contains(*word));
    faults.extend(unheard.map(|word| format!("{EVIDENCE}: nobody hears {word}")));
    faults.extend(unmade(files, text(ENUMS)));
    for file in files.iter().filter(|file| file.path.starts_with(FOLDER)) {
        let compared = behind(&file.text, &["outcome == '", "outcome ~= '"], '\'');
        let unknown = compared.difference(&all);
        faults.extend(unknown.map(|word| file.fault(1, &format!("{word} is no outcome"))));
    }
    faults.extend(wait_faults(files));
    faults
}

/// Every outcome is made where answers are read.
fn unmade(files: &[SourceFile], enums: &str) -> Vec<String> {
    let is_report = |file: &&SourceFile| {
        (file.path.starts_with(REPORT) || file.path == READS) && !file.is_test_code()
    };
    let report: String = files.iter().filter(is_report).map(|file| file.text.as_str()).collect();
    let outcomes = NAMES.iter().flat_map(|name| variants(enums, name));
    let unmade = outcomes.filter(|outcome| !workspace::has_word(&report, outcome));
    unmade.map(|outcome| format!("{REPORT}: nothing makes {outcome}")).collect()
}

/// Returns the variants of the enum `name`, as code names them.
fn variants(enums: &str, name: &str) -> Vec<String> {
    let start = format!("words! {{ {name} {{");
    let words = enums.split_once(&start).map_or("", |(_, rest)| rest);
    let words = words.split_once("\n}").map_or("", |(words, _)| words);
    let variants = words.split("Self::").skip(1);
    let variants = variants.filter_map(|it| it.split(|c: char| !c.is_alphanumeric()).next());
    variants.map(|variant| format!("{name}::{variant}")).collect()
}

/// Every wait that the scripts name is known, and every known one is named; a replica's is the store's own.
fn wait_faults(files: &[SourceFile]) -> Vec<String> {
    let mut waits = Words::from([WaitReason::Replica.to_string()]);
    let mut too_late = Words::new();
    let scripts = files.iter().filter(|file| file.path.starts_with(FOLDER));
    for line in scripts.flat_map(|file| file.text.lines()) {
        for mark in ["{ 'wait', ", "not_before(", "at, reason = ", "pause_reason"] {
            let named = line.split_once(mark).and_then(|(_, rest)| rest.rsplit('\'').nth(1));
            waits.extend(named.map(str::to_owned));
        }
        too_late.extend(behind(line, &["'too_late', '"], '\''));
    }
    let known = WaitReason::ALL.map(|reason| reason.to_string()).into();
    let reasons = TooLate::ALL.map(|reason| reason.to_string()).into();
    let mut faults = differences(&known, &waits, "WaitReason", FOLDER);
    faults.extend(differences(&reasons, &too_late, "TooLate", FOLDER));
    faults
}

fn differences(ours: &Words, theirs: &Words, our_name: &str, their_name: &str) -> Vec<String> {
    let their_name = their_name.trim();
    let missing = ours.difference(theirs).map(|word| format!("{their_name}: {word} is missing"));
    let unknown = theirs.difference(ours);
    let unknown = unknown.map(|word| format!("{their_name}: {word} is not in {our_name}"));
    missing.chain(unknown).collect()
}

/// Returns the names in a table of Lua that begins with `start`.
fn keys(text: &str, start: &str) -> Words {
    let rest = text.split_once(start).map_or("", |(_, rest)| rest);
    let body = rest.split_once('}').map_or("", |(body, _)| body);
    let pairs = body.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, _)| name.trim().to_owned()).collect()
}

/// Returns what stands between each of `starts` and the next `end`.
fn behind(text: &str, starts: &[&str], end: char) -> Words {
    let rests = starts.iter().flat_map(|start| text.split(start).skip(1));
    rests.filter_map(|rest| rest.split_once(end)).map(|(word, _)| word.to_owned()).collect()
}

/// Returns the words of the document's table that are of this kind.
fn documented(protocol: &str, kind: &str) -> Words {
    let section = protocol.split_once(TITLE).map_or("", |(_, rest)| rest);
    let section = section.split("\n#").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let of_kind = |kinds: &str| {
        kinds.split(" |").next().is_some_and(|it| it.split(", ").any(|it| it == kind))
    };
    rows.filter(|(_, rest)| of_kind(rest)).map(|(word, _)| word.to_owned()).collect()
}

#[test]
fn the_words_of_enums_scripts_and_document_are_the_same() {
    workspace::assert_none(&faults(&workspace::files().unwrap()));
}

/// Finds one fault or more that tells of `told`, in the checkout with `good` replaced by `bad` once.
#[track_caller]
fn assert_found(path: &str, good: &str, bad: &str, told: &str) {
    let mut files = workspace::files().unwrap_or_default();
    let is_meant = |file: &&mut SourceFile| file.path == path && file.text.contains(good);
    let changed = files.iter_mut().filter(is_meant);
    let changed = changed.map(|file| file.text = file.text.replacen(good, bad, 1)).count();
    assert_eq!(changed, 1, "{path} has no {good}");
    let faults = faults(&files);
    assert!(faults.iter().any(|fault| fault.contains(told)), "{faults:?}");
}

#[test]
fn a_word_that_a_table_of_the_scripts_lacks_misspells_or_has_too_much_is_a_fault() {
    assert_found(KNOWN, "adopted = true", "adoptd = true", "adopted is missing");
    assert_found(KNOWN, "adopted = true", "adoptd = true", "adoptd is not in");
    assert_found(KNOWN, "rejected = true, ", "", "rejected is missing");
    assert_found(KNOWN, "silent = true", "silent = true, loud = true", "loud is not in");
    assert_found(KNOWN, "rejected = true", "rejected = true, absent = true", "two scripts take");
}

#[test]
fn a_meaning_or_evidence_of_no_outcome_and_an_outcome_without_are_faults() {
    assert_found(
        MEANINGS,
        "function after.absent(",
        "function after.absence(",
        "absent is missing",
    );
    assert_found(EVIDENCE, "ambiguous = 'trouble'", "ambigous = 'trouble'", "ambigous is not in");
    assert_found(EVIDENCE, ", expired = 'answer'", "", "expired is missing");
    assert_found(EVIDENCE, "limited = 'limit'", "limited = 'limt'", "nobody hears limt");
}

#[test]
fn every_variant_is_found() {
    let files = workspace::files().unwrap();
    let enums = workspace::required(&files, ENUMS).unwrap().text;
    for (name, (_, words, _)) in NAMES.iter().zip(KINDS) {
        assert_eq!(variants(&enums, name).len(), words.len(), "{name}");
    }
}

#[test]
fn an_outcome_that_no_worker_makes_is_a_fault() {
    let more = "\"shy\": Self::Shy(_), \"refused\": Self::Refused";
    assert_found(ENUMS, "\"refused\": Self::Refused", more, "nothing makes JobOutcome::Shy");
}

#[test]
fn a_comparison_with_a_word_that_is_no_outcome_is_a_fault() {
    let retry = format!("{FOLDER}lib/finish_retry.lua");
    assert_found(&retry, "outcome == 'refused'", "outcome == 'refusd'", "refusd is no outcome");
    assert_found(&retry, "outcome ~= 'limited'", "outcome ~= 'limitd'", "limitd is no outcome");
}

#[test]
fn a_word_that_the_document_lacks_misspells_or_gives_to_another_kind_is_a_fault() {
    let document = "PROTOCOL.md";
    assert_found(document, "| `expire_first` | job |", "| expire_first | job |", "expire_first is");
    assert_found(document, "| `seen` | probe |", "| `sen` | probe |", "sen is not in");
    assert_found(
        document,
        "| `refused` | job, follow-up |",
        "| `refused` | job |",
        "refused is missing",
    );
    assert_found(document, "| `absent` | job |", "| `absent` | job, probe |", "absent is not in");
}

#[test]
fn a_wait_or_a_late_cancel_that_rust_does_not_know_is_a_fault() {
    let (claim, pace) = (format!("{FOLDER}claim.lua"), format!("{FOLDER}lib/pace.lua"));
    assert_found(&claim, "'alone'", "'lonely'", "lonely is not in WaitReason");
    assert_found(&claim, "'alone'", "'lonely'", "alone is missing");
    assert_found(&pace, "'quota'", "'quotas'", "quotas is not in WaitReason");
    let cancel = format!("{FOLDER}cancel.lua");
    assert_found(
        &cancel,
        "'too_late', 'duplicate'",
        "'too_late', 'twin'",
        "twin is not in TooLate",
    );
}
