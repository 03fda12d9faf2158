//! A library that is declared is named in the code; one that only tests name is declared for tests only.

use toml::{Table, Value};

use crate::workspace::{self, SourceFile, has_word};

const ROOT_MANIFEST: &str = "Cargo.toml";

/// The code of one package, without comments.
#[derive(Debug, Default)]
struct Code {
    product: String,
    tests: String,
}

impl Code {
    /// Returns the code in a package's folder, without that of packages further down.
    fn of(folder: &str, files: &[SourceFile], folders: &[&str]) -> Self {
        let is_of_another = |file: &SourceFile| {
            let below = |other: &&&str| other.len() > folder.len() && other.starts_with(folder);
            folders.iter().filter(below).any(|other| file.path.starts_with(*other))
        };
        let mut code = Self::default();
        for file in files.iter().filter(|file| file.has_extension("rs")) {
            let Some(path) = file.path.strip_prefix(folder) else { continue };
            if is_of_another(file) {
                continue;
            }
            let is_test = !path.starts_with("src/")
                || path.contains("/tests/")
                || file.file_name() == "tests.rs";
            for (_, line) in file.numbered_lines() {
                let line = line.trim_start();
                // Examples in documentation are tests, too.
                let is_doc = line.starts_with("///") || line.starts_with("//!");
                if line.starts_with("//") && !is_doc {
                    continue;
                }
                let part = if is_test || is_doc { &mut code.tests } else { &mut code.product };
                part.push_str(line);
                part.push('\n');
            }
        }
        code
    }
}

fn faults(files: &[SourceFile]) -> Vec<String> {
    let manifests: Vec<&SourceFile> =
        files.iter().filter(|file| file.file_name() == "Cargo.toml").collect();
    let folder = |file: &SourceFile| file.path.trim_end_matches("Cargo.toml").to_owned();
    let folders: Vec<String> = manifests.iter().map(|file| folder(file)).collect();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let mut faults = Vec::new();
    for manifest in manifests.iter().filter(|file| file.path != ROOT_MANIFEST) {
        let Ok(table) = manifest.text.parse::<Table>() else { continue };
        let code = Code::of(&folder(manifest), files, &folders);
        let mut fault = |message: String| faults.push(format!("{}: {message}", manifest.path));
        for name in declared(&table, "dependencies") {
            if names(&code.product, &name) {
                continue;
            }
            let is_of_tests = names(&code.tests, &name);
            fault(format!("{name} is {}", if is_of_tests { "for tests only" } else { "not used" }));
        }
        for name in declared(&table, "dev-dependencies") {
            if !names(&code.tests, &name) && !names(&code.product, &name) {
                fault(format!("{name} is not used"));
            }
            // More features for tests are a reason to name it twice.
            let value = |section: &str| table.get(section)?.get(&name);
            if value("dev-dependencies").is_some_and(|dev| value("dependencies") == Some(dev)) {
                fault(format!("{name} is declared twice"));
            }
        }
    }
    faults.extend(workspace_faults(files));
    faults
}

/// The root manifest lists what the packages use, and nothing else.
fn workspace_faults(files: &[SourceFile]) -> Vec<String> {
    let root = files.iter().find(|file| file.path == ROOT_MANIFEST);
    let Some(table) = root.and_then(|file| file.text.parse::<Table>().ok()) else {
        return Vec::new();
    };
    let listed = table.get("workspace").and_then(Value::as_table);
    let listed = listed.map(|workspace| declared(workspace, "dependencies")).unwrap_or_default();
    let used: Vec<String> = files
        .iter()
        .filter(|file| file.file_name() == "Cargo.toml" && file.path != ROOT_MANIFEST)
        .filter_map(|file| file.text.parse::<Table>().ok())
        .flat_map(|table| [declared(&table, "dependencies"), declared(&table, "dev-dependencies")])
        .flatten()
        .collect();
    let unused = listed.iter().filter(|name| !used.contains(name));
    unused.map(|name| format!("{ROOT_MANIFEST}: no package uses {name}")).collect()
}

/// Returns the names of one section, also where it is a target's.
fn declared(table: &Table, section: &str) -> Vec<String> {
    let targets = table.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table()).chain([table]);
    let sections = tables.filter_map(|table| table.get(section)?.as_table());
    sections.flat_map(Table::keys).cloned().collect()
}

/// Returns whether the code names a crate: `name::…`, `use name;` or `use name as …`.
fn names(code: &str, package: &str) -> bool {
    let name = package.replace('-', "_");
    let path = format!("{name}::");
    code.lines().any(|line| {
        let is_path = line.match_indices(&path).any(|(start, _)| {
            !line.split_at(start).0.ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c))
        });
        is_path || (line.starts_with("use ") && !line.contains("::") && has_word(line, &name))
    })
}

fn package(manifest: &str, code: &[(&str, &str)]) -> Vec<SourceFile> {
    let code = code.iter().map(|(path, text)| SourceFile::new(&format!("crates/a/{path}"), text));
    code.chain([SourceFile::new("crates/a/Cargo.toml", manifest)]).collect()
}

#[test]
fn every_declared_library_is_used() {
    workspace::assert_none(&faults(&workspace::files().unwrap()));
}

#[test]
fn an_unused_library_is_a_fault_in_every_section() {
    for section in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
        let manifest = format!("[{section}]\nfutures-util.workspace = true");
        let of = |code: &str| faults(&package(&manifest, &[("src/lib.rs", code)])).len();
        for other in
            ["", "use my_futures_util::X;", "use crate::futures_util::X;", "let futures_util = 1;"]
        {
            assert_eq!(of(other), 1, "{section} {other}");
        }
        for used in ["use futures_util::{Stream};", "use futures_util;", "x: futures_util::X,"] {
            assert_eq!(of(used), 0, "{section} {used}");
        }
    }
}

#[test]
fn what_only_tests_name_is_declared_for_tests() {
    for path in
        ["tests/http/main.rs", "src/job/tests.rs", "src/job/tests/taken.rs", "examples/x.rs"]
    {
        let code = [(path, "use tower::Service;"), ("src/lib.rs", "")];
        let found = faults(&package("[dependencies]\ntower.workspace = true", &code));
        assert_eq!(found, ["crates/a/Cargo.toml: tower is for tests only"], "{path}");
        let dev = package("[dev-dependencies]\ntower.workspace = true", &code);
        assert_eq!(faults(&dev), [""; 0], "{path}");
    }
}

#[test]
fn the_same_declaration_for_tests_again_is_a_fault() {
    let of = |dev: &str| {
        let manifest = format!("[dependencies]\ntower.workspace = true\n[dev-dependencies]\n{dev}");
        let code = [("src/lib.rs", "use tower::Service;")];
        faults(&package(&manifest, &code))
    };
    assert_eq!(of("tower.workspace = true"), ["crates/a/Cargo.toml: tower is declared twice"]);
    assert_eq!(of("tower = { workspace = true, features = [\"util\"] }"), [""; 0]);
}

#[test]
fn a_package_further_down_has_code_of_its_own() {
    let files = [
        SourceFile::new("tests/Cargo.toml", "[dependencies]\nredis.workspace = true"),
        SourceFile::new("tests/model/Cargo.toml", ""),
        SourceFile::new("tests/model/src/lib.rs", "use redis::Value;"),
    ];
    assert_eq!(faults(&files), ["tests/Cargo.toml: redis is not used"]);
}

#[test]
fn a_library_that_the_workspace_lists_in_vain_is_a_fault() {
    let root = SourceFile::new(ROOT_MANIFEST, "[workspace.dependencies]\ntower = \"0.5\"");
    assert_eq!(faults(std::slice::from_ref(&root)), ["Cargo.toml: no package uses tower"]);
    let mut files =
        package("[dependencies]\ntower.workspace = true", &[("src/lib.rs", "use tower::Service;")]);
    files.push(root);
    assert_eq!(faults(&files), [""; 0]);
}
