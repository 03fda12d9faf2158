//! What a crate's code must not do although its dependencies would let it.

use crate::workspace::{self, SourceFile};

/// Folder, forbidden text, reason.
#[rustfmt::skip]
const RULES: [(&str, &str, &str); 8] = [
    ("crates/antre-core/src/", "::now(", "the vocabulary reads no clock"),
    ("crates/antre-xendit/src/api/", "::now(", "what an answer means depends on no clock"),
    ("crates/antre-xendit/src/body/", "::now(", "what a job asks for depends on no clock"),
    ("crates/antre-store/src/", "spawn(", "the store spawns nothing"),
    ("crates/antre-store/src/", concat!("sl", "eep("), "the store never sleeps"),
    ("crates/antre-store/src/", "::now(", "only Redis' clock decides"),
    ("crates/antre-admin/src/", "::bind(", "the router binds no socket"),
    ("crates/antre-gateway/src/", "::bind(", "the router binds no socket"),
];

/// File and text, with the reason why it may.
#[rustfmt::skip]
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    ("crates/antre-store/src/shared.rs", "::now(", "the age of a connection decides nothing about jobs"),
    ("crates/antre-store/src/connection/cluster.rs", "::now(", "how often a cluster is asked for its map decides nothing about jobs"),
];

fn faults(files: &[SourceFile]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs") && !file.is_test_code()) {
        for (_, text, reason) in RULES.iter().filter(|(folder, ..)| file.path.starts_with(folder)) {
            let code =
                file.numbered_lines().filter(|(_, line)| !line.trim_start().starts_with("//"));
            let may = EXCEPTIONS.iter().any(|(path, may, _)| *path == file.path && may == text);
            let hits = code.filter(|(_, line)| !may && line.contains(text));
            faults.extend(hits.map(|(number, _)| file.fault(number, reason)));
        }
    }
    faults
}

#[test]
fn pure_crates_are_pure() {
    workspace::assert_none(&faults(&workspace::files().unwrap()));
}

#[test]
fn every_exception_is_still_needed() {
    let files = workspace::files().unwrap();
    for (path, text, _) in EXCEPTIONS {
        let file = workspace::required(&files, path).unwrap();
        assert!(file.text.contains(text), "{path} no longer needs {text}");
    }
}

#[test]
fn each_impurity_is_a_fault() {
    for (folder, text, _) in RULES {
        let code = SourceFile::new(&format!("{folder}job.rs"), &format!("let x = tokio{text});"));
        assert_eq!(faults(&[code]).len(), 1, "{folder} {text}");
    }
}

#[test]
fn comments_and_tests_are_free() {
    let comment = SourceFile::new("crates/antre-store/src/job.rs", "// never calls sleep()");
    let test = SourceFile::new("crates/antre-store/src/job/tests.rs", concat!("sl", "eep(x)"));
    assert_eq!(faults(&[comment, test]), [""; 0]);
}
