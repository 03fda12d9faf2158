//! The form of Lua scripts: header, preamble that names every slot, blank line, body.

use crate::workspace::{self, SourceFile, has_word};

const FOLDER: &str = "crates/antre-store/src/lua/";
const LIBRARY: &str = "crates/antre-store/src/lua/lib/";
const LINES_MAX: usize = 100;

fn faults(file: &SourceFile) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = file.text.lines().count();
    if lines > LINES_MAX {
        faults.push(file.fault(LINES_MAX, &format!("{lines} lines, at most {LINES_MAX}")));
    }
    let calls = file.numbered_lines().filter(|(_, line)| has_word(line, "tostring"));
    faults.extend(calls.map(|(number, _)| {
        file.fault(number, "tostring keeps 14 digits; scores have more: use string.format('%.0f')")
    }));
    if !file.path.starts_with(LIBRARY) {
        faults.extend(header_faults(file));
        faults.extend(slot_faults(file));
    }
    faults
}

fn header_faults(file: &SourceFile) -> Vec<String> {
    let header: Vec<&str> =
        file.text.lines().skip_while(|line| line.starts_with("#!lua")).collect();
    let header: Vec<_> = header.into_iter().take_while(|line| line.starts_with("--")).collect();
    let header = header.join("\n");
    let missing = ["KEYS", "ARGV", "Replies"].into_iter().filter(|word| !has_word(&header, word));
    missing.map(|word| file.fault(1, &format!("the header does not name {word}"))).collect()
}

fn slot_faults(file: &SourceFile) -> Vec<String> {
    let is_head =
        |line: &str| line.starts_with("#!lua") || line.starts_with("--") || line.is_empty();
    let code = file.numbered_lines().skip_while(|(_, line)| is_head(line));
    let body = code.skip_while(|(_, line)| !line.trim().is_empty());
    body.filter(|(_, line)| line.contains("KEYS[") || line.contains("ARGV["))
        .map(|(number, _)| file.fault(number, "a slot read by number after the preamble"))
        .collect()
}

const GOOD: &str = "\
#!lua flags=allow-oom
-- Returns a grant unused.
-- KEYS[1]  antre:{A}:  prefix
-- ARGV[1]  claim token
-- Replies  given_back
local claim_token = ARGV[1]

return { claim_token }
";

fn script(text: &str) -> SourceFile {
    SourceFile::new("crates/antre-store/src/lua/give_back.lua", text)
}

#[test]
fn scripts_have_their_form() {
    let files = workspace::files().unwrap();
    let scripts: Vec<_> = files.iter().filter(|file| file.has_extension("lua")).collect();
    assert!(scripts.iter().all(|file| file.path.starts_with(FOLDER)), "Lua outside of {FOLDER}");
    assert!(scripts.iter().any(|file| !file.path.starts_with(LIBRARY)), "no script was checked");
    workspace::assert_none(&scripts.into_iter().flat_map(faults).collect::<Vec<_>>());
}

#[test]
fn a_good_script_passes_with_and_without_a_shebang() {
    assert_eq!(faults(&script(GOOD)), [""; 0]);
    assert_eq!(faults(&script(GOOD.split_once('\n').unwrap().1)), [""; 0]);
}

#[test]
fn each_missing_part_of_the_header_is_a_fault() {
    for word in ["KEYS", "ARGV[1]  claim token", "Replies"] {
        assert_eq!(faults(&script(&GOOD.replacen(word, "", 1))).len(), 1, "{word}");
    }
}

#[test]
fn a_slot_in_the_body_is_a_fault() {
    for slot in ["KEYS[1]", "ARGV[2]"] {
        let bad = GOOD.replace("{ claim_token }", &format!("{{ {slot} }}"));
        assert_eq!(faults(&script(&bad)).len(), 1, "{slot}");
    }
}

#[test]
fn a_long_script_is_a_fault_also_in_the_library() {
    let long = "local x = 1\n".repeat(LINES_MAX + 1);
    let library = SourceFile::new("crates/antre-store/src/lua/lib/base.lua", &long);
    assert_eq!(faults(&library).len(), 1);
}

#[test]
fn a_shortened_number_is_a_fault_also_in_the_library() {
    let library = SourceFile::new("crates/antre-store/src/lua/lib/base.lua", "tostring(score)");
    assert_eq!(faults(&library).len(), 1);
}
