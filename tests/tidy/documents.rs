//! The documents and the code name the same variables and routes.

use std::collections::BTreeSet;

use crate::workspace::{self, SourceFile};

const PREFIXES: [&str; 2] = ["ANTRE_", "XENDIT_"];
/// Who starts and stops processes has no secrets.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];
const GATEWAY: &str = "crates/antre-gateway/src/";
const CLI: &str = "crates/antre-cli/src/";
const ADMIN: &str = "crates/antre-admin/src/";
const OPERATING: &str = "crates/antre-operating/src/";
const SCRIPTS: &str = "crates/antre-store/src/lua/";
/// The page with the table of routes.
const PAGE: &str = "docs/operating.md";
/// The help of who does nothing but answer.
const HELP: &str = "crates/antre-cli/src/commands/serve.rs";

/// Returns the whole names of variables in `text`; a bare prefix is none.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_part = |character: char| {
        character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
    };
    text.split(|character| !is_part(character))
        .filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word != prefix))
        .collect()
}

fn variable_faults(pages: &str, code: &str) -> Vec<String> {
    let (documented, read) = (variables(pages), variables(code));
    let unknown =
        documented.difference(&read).map(|name| format!("the pages: {name} is not in {CLI}"));
    let silent = read.difference(&documented).map(|name| format!("{CLI}: {name} is on no page"));
    unknown.chain(silent).collect()
}

fn route_faults(page: &str, help: &str, router: &str) -> Vec<String> {
    // `.route("/path", …)`, also with a line break after the bracket, up to the next call of its kind.
    let calls = router.split(".route(").skip(1);
    let calls = calls.filter_map(|call| call.split(".fallback(").next());
    let routes: Vec<(&str, &str)> =
        calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split_once('"')).collect();
    let served: BTreeSet<&str> = routes.iter().map(|(path, _)| *path).collect();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<&str> = rows
        .filter_map(|row| row.strip_prefix("GET ").or_else(|| row.strip_prefix("POST ")))
        .filter_map(|row| row.split('`').next())
        .collect();
    let silent = served.difference(&documented).map(|path| format!("{PAGE}: {path} is missing"));
    let told: BTreeSet<&str> =
        help.split([' ', '\n']).map(|word| word.trim_end_matches([',', '.'])).collect();
    let untold = served.difference(&told).map(|path| format!("{HELP}: {path} is missing"));
    let absent =
        documented.difference(&served).map(|path| format!("{ADMIN} does not serve {path}"));
    let open = routes.iter().filter(|(path, rest)| {
        let guard = if rest.contains("post(") { "(changing" } else { "(reading" };
        // What is no call here is put together above, where its layer depends on an option.
        rest.contains('(')
            && !rest.contains(&format!(".route_layer{guard}"))
            && !PROBES.contains(path)
    });
    let open = open.map(|(path, _)| format!("{ADMIN}: {path} has no layer that guards it"));
    silent.chain(untold).chain(absent).chain(open).collect()
}

/// Returns the words that stand behind one of these beginnings.
fn words_behind(beginnings: &[&str], quote: char, code: &str) -> BTreeSet<String> {
    let behind = beginnings.iter().flat_map(|beginning| code.split(beginning).skip(1));
    behind.filter_map(|rest| rest.split(quote).next()).map(str::to_owned).collect()
}

/// The reasons of health: those that the code gives, and the rows of the page's table.
fn reason_faults(page: &str, operating: &str, scripts: &str) -> Vec<String> {
    let beginnings = ["Obstacle::new(\"", "Reason::new(\"", "Self::new(\"", "code: \""];
    let mut given = words_behind(&beginnings, '"', operating);
    given.extend(words_behind(&["notices.tell(ctx, '"], '\'', scripts));
    // Words of a wait.
    given.extend(["limited", "quota"].map(str::to_owned));
    let table = page.split_once("| code | health |").map_or("", |(_, table)| table);
    let table = table.split("\n\n").next().unwrap_or_default();
    let cells = table.lines().filter_map(|row| row.strip_prefix("| `")?.split(" |").next());
    let told: BTreeSet<String> = cells
        .flat_map(|cell| cell.split(['`', ',', ' ']))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let silent =
        given.difference(&told).map(|code| format!("{PAGE}: the reason {code} is missing"));
    let unknown = told.difference(&given).map(|code| format!("{OPERATING} gives no reason {code}"));
    silent.chain(unknown).collect()
}

/// Returns the code of a folder, without comments and tests.
fn code_under(folder: &str, files: &[SourceFile]) -> String {
    let is_code = |file: &&SourceFile| {
        file.path.starts_with(folder) && file.has_extension("rs") && !file.is_test_code()
    };
    let lines = files.iter().filter(is_code).flat_map(|file| file.text.lines());
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Returns the texts for people who run it.
fn pages(files: &[SourceFile]) -> String {
    let is_page = |file: &&SourceFile| file.path == "README.md" || file.path.starts_with("docs/");
    files.iter().filter(is_page).map(|file| file.text.as_str()).collect()
}

#[test]
fn every_variable_is_documented_and_every_documented_one_exists() {
    let files = workspace::files().unwrap();
    // The codes of the gateway's answers have the form of variables, and are documented as well.
    let code = code_under(CLI, &files) + &code_under(GATEWAY, &files);
    workspace::assert_none(&variable_faults(&pages(&files), &code));
}

#[test]
fn every_route_is_served_documented_and_guarded() {
    let files = workspace::files().unwrap();
    let page = workspace::required(&files, PAGE).unwrap().text;
    let help = workspace::required(&files, HELP).unwrap().text;
    let router = code_under(ADMIN, &files);
    assert!(router.contains(".route("), "no route was checked");
    workspace::assert_none(&route_faults(&page, &help, &router));
}

#[test]
fn every_reason_of_health_is_documented_and_given() {
    let files = workspace::files().unwrap();
    let page = workspace::required(&files, PAGE).unwrap().text;
    let scripts: String = files
        .iter()
        .filter(|file| file.path.starts_with(SCRIPTS))
        .map(|file| file.text.as_str())
        .collect();
    workspace::assert_none(&reason_faults(&page, &code_under(OPERATING, &files), &scripts));
}

#[test]
fn a_reason_on_one_side_only_is_a_fault() {
    let page = "| code | health | because |\n|---|---|---|\n| `limited`, `quota` | x | y |\n| `a`, `b` | x | `c` |\n\n| `d` |";
    let (code, scripts) = ("Obstacle::new(\"a\", x)", "notices.tell(ctx, 'b', id)");
    assert_eq!(reason_faults(page, code, scripts), [""; 0]);
    assert_eq!(reason_faults(page, "", scripts).len(), 1);
    assert_eq!(reason_faults(page, code, "").len(), 1);
    assert_eq!(reason_faults(&page.replace("`a`, ", ""), code, scripts).len(), 1);
}

#[test]
fn a_variable_on_one_side_only_is_a_fault() {
    let both = "ANTRE_REDIS_URL and `ANTRE_` + the option's name";
    assert_eq!(variable_faults(both, "\"ANTRE_REDIS_URL\""), [""; 0]);
    assert_eq!(variable_faults("XENDIT_OLD", "").len(), 1);
    assert_eq!(variable_faults("", "\"ANTRE_NEW\"").len(), 1);
    assert_eq!(variable_faults("ANTRE_LIMITS", "ANTRE_LIMIT").len(), 2);
}

#[test]
fn a_route_without_documentation_server_or_guard_is_a_fault() {
    let page = "| `GET /a` | x |\n| `POST /a/b` | y |\n| `GET /readyz` | z |\n";
    let router = ".route(\"/a\", get(a).route_layer(reading))\n.route(\n\"/a/b\", b)\n.route(\"/readyz\", get(c))";
    let help = "The routes are /a, /a/b, and\n/readyz.";
    let faults = |page: &str, router: &str| route_faults(page, help, router);
    assert_eq!(faults(page, router), [""; 0]);
    let without_row = page.replace("| `GET /a` | x |\n", "The route /a is new.\n");
    assert_eq!(faults(&without_row, router).len(), 1);
    assert_eq!(faults(page, &router.replace("/readyz", "/ready")).len(), 4);
    assert_eq!(faults(page, &router.replace(".route_layer(reading)", "")).len(), 1);
    assert_eq!(faults(page, &router.replace("get(a)", "post(a)")).len(), 1);
    assert_eq!(route_faults(page, &help.replace("/a,", ""), router).len(), 1);
}
