//! `deploy/antre.example.toml` and `docs/options.md` are written from the options: `just generate`.

use std::path::Path;

use super::super::option::{Numbers, Setting, Taken, Times};
use super::super::options::{ACCOUNT, CALLER, PROCESS};
use super::{Case, KEY, Purpose};

const EXAMPLE_HEAD: &str = "\
# Antre's configuration. Copy it to antre.toml beside the program, or name it: antre worker -c FILE.
# `just generate` writes this file from the program's options.
#
# A line that is commented out shows the default, or an example where there is none. Every option is also a
# variable, named in brackets; variables count more than this file. Those of an account apply to the account
# `default`. `antre check` tells everything that is wrong at once.
#
# Durations are whole numbers with a unit: 500ms, 15s, 2m, 1h, 7d. A value that is not taken ends the program
# with the reason. Secrets never stand here: they come from variables, or from files of their own.
";

const EXAMPLE_ACCOUNTS: &str = "
# One section per Xendit account, named as jobs name it: antre:{NAME}:inbox. Two sections with one key are a
# fault, unless they name different sub-accounts in for_user_id. Every option below may also stand above the first section; it then holds for all accounts that say
# nothing else.
[accounts.default]
";

const EXAMPLE_CALLERS: &str = "
# Who may call the gateway beside those who have the account's own key: a section for each program, with exactly
# one of the three keys.
#
#   [accounts.default.callers.shop]
";

const PAGE_HEAD: &str = "\
# Options

<!-- `just generate` writes this page from the program's options. -->

From a file, from environment variables, and from the command line. The command line wins over variables, variables win
over the file. All faults are told at once, and end the program with code 64.

The file is the one that `-c FILE` names. Without `-c` it is `antre.toml` in the working directory, or, if there is none,
`/etc/antre/antre.toml`. Only one file is read. Secrets stand in variables or files of their own, never in `antre.toml`:
the key of `default` in `XENDIT_SECRET_KEY`.

Durations are written `500ms`, `9s`, `15m`, `48h`, `7d`. A value beyond its range ends the program with code 64, and the
message says why; `antre check` says it before you start. [antre.example.toml](../deploy/antre.example.toml) has every
option to copy.

## Of the process

They stand at the top of the file.
";

const PAGE_ACCOUNTS: &str = "
## Of an account

They stand under `[accounts.NAME]`. At the top of the file an option holds for every account that says nothing else. The
variables apply to the account `default`.
";

const PAGE_CALLERS: &str = "
## Of a caller

They stand under `[accounts.NAME.callers.CALLER]`, for each program that calls [the gateway](gateway.md) with a key of its
own. Each has exactly one of the three keys. They have no variables.

| option | default | taken | what it does |
|---|---|---|---|
";

const PAGE_TABLE: &str = "
| option | variable | default | taken | what it does |
|---|---|---|---|---|
";

/// The longest line of the example file.
const WIDTH: usize = 110;

fn taken(setting: &Setting) -> String {
    match setting.taken {
        Taken::Text => String::new(),
        Taken::Words(words) => words.join(", "),
        Taken::Times(Times { any, live, .. }) if any == live => any.to_string(),
        Taken::Times(Times { any, live, .. }) => format!("{any}; with a live key {live}"),
        Taken::Number(Numbers { min, max, .. }) => format!("{min} to {max}"),
    }
}

fn variables(setting: &Setting) -> Vec<&'static str> {
    [Some(setting.variable), setting.fallback].into_iter().flatten().collect()
}

/// Returns the text as lines of comment.
fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split(' ') {
        let line = lines.last_mut().unwrap();
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("# {word}"));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

fn in_example(setting: &Setting) -> String {
    let about = comment(&format!("{} [{}]", setting.doc, variables(setting).join(", else ")));
    let taken = taken(setting);
    let taken = if taken.is_empty() { taken } else { comment(&format!("Taken: {taken}.")) };
    let value = if setting.default.is_empty() { setting.example } else { setting.default };
    let is_bare = matches!(setting.taken, Taken::Number(_)) || matches!(value, "true" | "false");
    let value = if is_bare { value.to_owned() } else { format!("{value:?}") };
    format!("\n{about}{taken}# {} = {value}\n", setting.name)
}

fn caller_in_example(setting: &Setting) -> String {
    let value = if setting.default.is_empty() { setting.example } else { setting.default };
    format!("#   {} = {value:?}\n", setting.name)
}

fn caller_in_table(setting: &Setting) -> String {
    let Setting { name, default, doc, .. } = setting;
    let default = if default.is_empty() { "–".to_owned() } else { format!("`{default}`") };
    format!("| `{name}` | {default} | {} | {doc} |\n", taken(setting))
}

fn example() -> String {
    let [process, account] = [PROCESS.as_slice(), &ACCOUNT]
        .map(|all| all.iter().copied().map(in_example).collect::<String>());
    let callers: String = CALLER.iter().copied().map(caller_in_example).collect();
    format!("{EXAMPLE_HEAD}{process}{EXAMPLE_ACCOUNTS}{account}{EXAMPLE_CALLERS}{callers}")
}

fn in_table(setting: &Setting) -> String {
    let Setting { name, default, doc, .. } = setting;
    let default = if default.is_empty() { "–".to_owned() } else { format!("`{default}`") };
    let variables: Vec<String> =
        variables(setting).iter().map(|name| format!("`{name}`")).collect();
    let variables = variables.join(", else ");
    format!("| `{name}` | {variables} | {default} | {} | {doc} |\n", taken(setting))
}

fn options_page() -> String {
    let [process, account] = [PROCESS.as_slice(), &ACCOUNT]
        .map(|all| all.iter().copied().map(in_table).collect::<String>());
    let callers: String = CALLER.iter().copied().map(caller_in_table).collect();
    format!(
        "{PAGE_HEAD}{PAGE_TABLE}{process}{PAGE_ACCOUNTS}{PAGE_TABLE}{account}{PAGE_CALLERS}{callers}"
    )
}

/// Compares a page with what the options make of it; writes it instead if `UPDATE_PAGES` is set.
#[track_caller]
fn is_current(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{} is not what the options say: run `just generate`",
        path.display()
    );
}

#[test]
fn the_example_file_is_current() {
    is_current("deploy/antre.example.toml", &example());
}

#[test]
fn the_page_of_options_is_current() {
    is_current("docs/options.md", &options_page());
}

#[test]
fn every_option_is_explained_in_whole_sentences_and_shows_a_value() {
    for Setting { name, variable, default, example, doc, .. } in PROCESS.iter().chain(&ACCOUNT) {
        assert_eq!(*variable, format!("ANTRE_{}", name.to_uppercase()));
        assert!(doc.ends_with('.') && !doc.contains('|') && !doc.contains('\n'), "{name}: {doc}");
        assert!(default.is_empty() != example.is_empty(), "{name} has one of default and example");
    }
}

#[test]
fn every_option_is_read() {
    for setting in PROCESS.iter().chain(&ACCOUNT) {
        // No option takes a number with a fraction.
        let case = Case::new(&format!("{} = 1.5\n", setting.name), &[KEY]);
        let is_taken = case.load(Purpose::Serving).is_ok();
        assert!(!is_taken, "{} is declared and nobody reads it", setting.name);
        let found = case.faults();
        let is_told = found.iter().any(|fault| fault.contains(&format!("{} ", setting.name)));
        assert!(is_told, "{} is not in the message: {found:?}", setting.name);
    }
}
