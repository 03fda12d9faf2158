//! What ARCHITECTURE.md's tables of places name is there: files, folders, names in the code.

use crate::workspace::{self, SourceFile, has_word};

const PAGE: &str = "ARCHITECTURE.md";
/// The tables stand between these two.
const START: &str = "\nTo add something:\n";
const END: &str = "\n## ";

fn faults(page: &str, files: &[SourceFile]) -> Vec<String> {
    let tables = page.split_once(START).map_or("", |(_, rest)| rest);
    let tables = tables.split(END).next().unwrap_or_default();
    let rows = tables.lines().filter(|line| line.starts_with('|'));
    let named = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    // Words with blanks are commands.
    let named: Vec<&str> = named.filter(|word| !word.contains(' ')).collect();
    if named.is_empty() {
        return vec![format!("{PAGE}: the tables of places are not found")];
    }
    let absent = named.into_iter().filter(|word| !is_there(word, files));
    absent.map(|word| format!("{PAGE}: {word} is not there")).collect()
}

fn is_there(word: &str, files: &[SourceFile]) -> bool {
    if !word.contains(['/', '.']) {
        let is_code = |file: &&SourceFile| file.has_extension("rs") || file.has_extension("lua");
        return files.iter().filter(is_code).any(|file| has_word(&file.text, word));
    }
    let place = format!("/{}", word.trim_end_matches('/'));
    let folder = format!("{place}/");
    files
        .iter()
        .map(|file| format!("/{}", file.path))
        .any(|path| path.ends_with(&place) || path.contains(&folder))
}

#[test]
fn every_place_in_the_tables_is_there() {
    let files = workspace::files().unwrap();
    let page = workspace::required(&files, PAGE).unwrap();
    workspace::assert_none(&faults(&page.text, &files));
}

#[test]
fn a_file_a_folder_or_a_name_that_is_gone_is_a_fault() {
    let files = [SourceFile::new("crates/a/src/job/entry.rs", "pub const ENVELOPE: u8 = 1;")];
    let page = |row: &str| format!("{PAGE}\n{START}\n| `{row}` |\n\n## Next\n| `gone.rs` |\n");
    for there in ["entry.rs", "job/entry.rs", "crates/a/src/job/", "src/job", "ENVELOPE", "cargo x"]
    {
        assert_eq!(faults(&page(&format!("entry.rs` `{there}")), &files), [""; 0], "{there}");
    }
    for gone in ["ntry.rs", "entry", "JOB", "src/jo/", "job.rs"] {
        assert_eq!(faults(&page(gone), &files).len(), 1, "{gone}");
    }
    assert_eq!(faults("", &files).len(), 1);
}
