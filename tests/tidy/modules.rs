//! Lua as modules: a file names in its header what it uses, uses what it names, and every name in it is its own, a
//! module's or the language's.

use std::collections::BTreeSet;

use crate::workspace::{self, SourceFile};
use words::{Word, words};

mod words;

const FOLDER: &str = "crates/antre-store/src/lua/";
const LIBRARY: &str = "crates/antre-store/src/lua/lib/";
const NEEDS: &str = "-- needs: ";

/// What Lua and Redis have, as far as the scripts use it.
const LANGUAGE: [&str; 34] = [
    "and", "break", "cjson", "do", "else", "elseif", "end", "false", "for", "function", "if", "in",
    "ipairs", "local", "math", "nil", "not", "or", "pairs", "pcall", "redis", "repeat", "return",
    "string", "table", "then", "tonumber", "true", "type", "unpack", "until", "while", "ARGV",
    "KEYS",
];

fn module_name(file: &SourceFile) -> Option<&str> {
    file.path.strip_prefix(LIBRARY)?.strip_suffix(".lua")
}

/// Returns the faults of one file, given the names of all modules.
fn faults(file: &SourceFile, modules: &BTreeSet<String>) -> Vec<String> {
    let Some((line, needs)) = needs(file) else {
        return vec![file.fault(1, "the header has no line `-- needs:`")];
    };
    let own = module_name(file);
    let others: BTreeSet<&str> =
        modules.iter().map(String::as_str).filter(|name| Some(*name) != own).collect();
    let words = words(&file.text);
    let declared = declared(&words);
    let mut faults = Vec::new();
    for name in declared.iter().filter(|name| others.contains(*name)) {
        faults.push(file.fault(1, &format!("{name} hides the module of that name")));
    }
    let used: Vec<&Word<'_>> = words.iter().filter(|word| word.is_name()).collect();
    for word in &used {
        if others.contains(word.text) && !needs.contains(&word.text) {
            faults.push(file.fault(word.line, &format!("uses {}, and needs it not", word.text)));
        }
        let is_known = declared.contains(word.text)
            || others.contains(word.text)
            || LANGUAGE.contains(&word.text);
        if !is_known {
            faults.push(file.fault(word.line, &format!("{} is declared nowhere", word.text)));
        }
    }
    let is_used = |need: &str| used.iter().any(|word| word.text == need);
    for need in needs.iter().filter(|need| !others.contains(*need) || !is_used(need)) {
        faults.push(file.fault(line, &format!("needs {need}, and uses no such module")));
    }
    faults.extend(own.and_then(|own| form_fault(file, own)));
    faults
}

/// Returns the line of the header that names what a file needs, and the names.
fn needs(file: &SourceFile) -> Option<(usize, Vec<&str>)> {
    let is_header = |line: &str| line.starts_with("--") || line.starts_with("#!");
    let mut header = file.numbered_lines().take_while(|(_, line)| is_header(line));
    let (number, names) =
        header.find_map(|(number, line)| Some((number, line.strip_prefix(NEEDS)?)))?;
    let names = names.split(", ").filter(|name| *name != "nothing");
    Some((number, names.collect()))
}

/// Returns every name that the file declares somewhere: its scopes are not told apart.
fn declared<'a>(words: &[Word<'a>]) -> BTreeSet<&'a str> {
    let mut declared = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at + 1..];
        match word.text {
            "local" if rest.first().is_some_and(|next| next.text == "function") => {
                declared.extend(rest.get(1).map(|name| name.text));
            }
            "local" | "for" => declared.extend(listed(rest)),
            "function" => {
                let parameters = rest.iter().position(|next| next.text == "(");
                declared.extend(parameters.into_iter().flat_map(|open| listed(&rest[open + 1..])));
            }
            _ => {}
        }
    }
    declared
}

/// Returns the names up to the first word that is neither a name nor a comma.
fn listed<'a>(words: &[Word<'a>]) -> impl Iterator<Item = &'a str> {
    let is_listed = |text: &str| text == "," || (is_word(text) && !LANGUAGE.contains(&text));
    let names: Vec<_> = words.iter().map(|word| word.text).take_while(|it| is_listed(it)).collect();
    names.into_iter().filter(|text| *text != ",")
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// A module's file makes one table and returns it.
fn form_fault(file: &SourceFile, own: &str) -> Option<String> {
    let mut code = file.text.lines().skip_while(|line| line.starts_with("--"));
    let is_made = code.next() == Some(format!("local {own} = {{}}").as_str());
    let is_returned = file.text.ends_with(&format!("\nreturn {own}\n"));
    let message = format!("begins with `local {own} = {{}}` and ends with `return {own}`");
    (!is_made || !is_returned).then(|| file.fault(1, &message))
}

fn unneeded(files: &[SourceFile]) -> Vec<String> {
    let of_scripts = || files.iter().filter(|file| file.path.starts_with(FOLDER));
    let needed: BTreeSet<&str> = of_scripts().filter_map(needs).flat_map(|(_, it)| it).collect();
    let is_needed = |file: &SourceFile| module_name(file).is_none_or(|name| needed.contains(name));
    let unneeded = of_scripts().filter(|file| !is_needed(file));
    unneeded.map(|file| file.fault(1, "no file needs this module")).collect()
}

#[test]
fn lua_files_use_what_they_name_and_name_what_they_use() {
    let files = workspace::files().unwrap();
    let files: Vec<_> = files.iter().filter(|file| file.path.starts_with(FOLDER)).collect();
    let modules: BTreeSet<String> =
        files.iter().filter_map(|file| module_name(file)).map(str::to_owned).collect();
    assert!(modules.contains("base"), "no module was found");
    let faults: Vec<_> = files.iter().flat_map(|file| faults(file, &modules)).collect();
    workspace::assert_none(&faults);
}

#[test]
fn every_module_is_needed() {
    workspace::assert_none(&unneeded(&workspace::files().unwrap()));
}

#[test]
fn a_module_that_no_file_needs_is_a_fault() {
    let base = SourceFile::new("crates/antre-store/src/lua/lib/base.lua", "-- needs: nothing\n");
    let order = SourceFile::new("crates/antre-store/src/lua/lib/order.lua", "-- needs: base\n");
    let claim = SourceFile::new("crates/antre-store/src/lua/claim.lua", "-- needs: order\n");
    assert_eq!(unneeded(&[base.clone(), order.clone(), claim]), [""; 0]);
    assert_eq!(unneeded(&[base, order]).len(), 1);
}

const GOOD: &str = "\
-- Which job is next.
-- needs: base
local order = {}

local function best_of(first, ...) return first or ... end

-- clock.now is no call, nor is 'clock.now'.
function order.best(ctx, clock_ms)
  for at, id in pairs({ clock = base.ids(ctx), base.clock }) do clock_ms = at .. id end
  return best_of(order.last, clock_ms)
end

return order
";

fn found(text: &str) -> Vec<String> {
    let modules = ["base", "clock", "order"].map(str::to_owned).into();
    faults(&SourceFile::new("crates/antre-store/src/lua/lib/order.lua", text), &modules)
}

#[track_caller]
fn assert_one(good: &str, bad: &str, told: &str) {
    let faults = found(&GOOD.replacen(good, bad, 1));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains(told), "{faults:?}");
}

#[test]
fn a_good_module_passes() {
    assert_eq!(found(GOOD), [""; 0]);
}

#[test]
fn a_module_that_is_used_and_not_named_is_a_fault() {
    assert_one("pairs({", "pairs({ clock.now(ctx),", "uses clock");
    assert_one("at .. id", "at .. clock.now(ctx) .. id", "uses clock");
}

#[test]
fn a_module_that_is_named_and_not_used_is_a_fault() {
    assert_one("needs: base", "needs: base, clock", "needs clock");
    assert_one("needs: base", "needs: base, hen", "needs hen");
}

#[test]
fn a_header_without_needs_is_a_fault() {
    assert_one("-- needs: base\n", "", "no line");
    assert_one("-- needs: base\n", "\n-- needs: base\n", "no line");
}

#[test]
fn a_name_that_nobody_declares_is_a_fault() {
    assert_one("best_of(order.last, clock_ms)", "best(order.last, clock_ms)", "best is declared");
    assert_one("clock_ms = at", "clock_us = at", "clock_us is declared");
}

#[test]
fn a_name_that_hides_a_module_is_a_fault() {
    for (good, bad) in [
        ("best(ctx, clock_ms)", "best(ctx, clock_ms, base)"),
        ("for at, id in", "for at, id, base in"),
        ("local order = {}\n", "local order = {}\nlocal last, base = 1\n"),
        ("local order = {}\n", "local order = {}\nlocal function base() end\n"),
    ] {
        assert_one(good, bad, "base hides");
    }
}

#[test]
fn a_module_is_one_table() {
    assert_one("local order = {}\n", "\nlocal order = {}\n", "begins with");
    assert_one("\nreturn order\n", "\nreturn {}\n", "begins with");
}
