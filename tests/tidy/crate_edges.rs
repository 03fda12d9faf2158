//! Which crate may use which. A new edge is a change of architecture: it goes into this table and
//! into ARCHITECTURE.md in one commit.

use toml::{Table, Value};

use crate::workspace::{self, SourceFile};

struct Rule {
    name: &'static str,
    /// Crates of this workspace.
    may_use: &'static [&'static str],
    /// Crates of others.
    must_not_use: &'static [&'static str],
}

#[rustfmt::skip]
const RULES: [Rule; 14] = [
    Rule {
        name: "antre-core",
        may_use: &[],
        must_not_use: &["redis", "apalis-redis", "tokio", "reqwest", "axum", "rand", "fastrand", "getrandom", "uuid"],
    },
    Rule {
        name: "antre-store",
        may_use: &["antre-core"],
        must_not_use: &["axum", "clap", "reqwest"],
    },
    // All that is known of the provider; another one has a crate like this.
    Rule {
        name: "antre-xendit",
        may_use: &["antre-core"],
        must_not_use: &["axum", "clap", "redis", "apalis-redis"],
    },
    Rule {
        name: "antre-producer",
        may_use: &["antre-core", "antre-store", "antre-xendit"],
        must_not_use: &["clap", "redis", "apalis-redis"],
    },
    // What people are told, as functions of the store's status.
    Rule {
        name: "antre-operating",
        may_use: &["antre-core", "antre-store"],
        must_not_use: &["redis", "apalis-redis", "tokio", "futures-util", "reqwest", "axum", "clap", "rand", "chrono", "tracing"],
    },
    Rule {
        name: "antre-worker",
        may_use: &["antre-core", "antre-store", "antre-operating", "antre-xendit"],
        must_not_use: &["axum", "clap", "redis", "apalis-redis"],
    },
    Rule {
        name: "antre-admin",
        may_use: &["antre-core", "antre-store", "antre-operating"],
        must_not_use: &["clap", "redis", "apalis-redis"],
    },
    // Xendit's calls from the queue: it knows no key and opens no connection to Xendit.
    Rule {
        name: "antre-gateway",
        may_use: &["antre-core", "antre-store", "antre-operating", "antre-xendit"],
        must_not_use: &["clap", "redis", "apalis-redis", "reqwest"],
    },
    // Puts the others together. The demo is optional: see product.rs.
    Rule {
        name: "antre-cli",
        may_use: &[
            "antre-core", "antre-store", "antre-operating", "antre-xendit", "antre-producer", "antre-worker",
            "antre-admin", "antre-gateway", "antre-demo",
        ],
        must_not_use: &["redis", "apalis-redis"],
    },
    // The demo: the only crate that uses the simulator for more than tests.
    Rule {
        name: "antre-demo",
        may_use: &["antre-core", "antre-store", "antre-producer", "antre-redis-server", "xendit-sim"],
        must_not_use: &["axum", "clap", "redis", "apalis-redis"],
    },
    // Below the testkit, so the reason there holds here.
    Rule {
        name: "antre-redis-server",
        may_use: &[],
        must_not_use: &["axum", "clap", "redis", "reqwest", "tokio"],
    },
    // The outside world: it must not learn what Antre believes of it.
    Rule {
        name: "xendit-sim",
        may_use: &[],
        must_not_use: &["redis", "apalis-redis"],
    },
    // The store's own tests use it, too. Cargo allows that circle of dev-dependencies: the tests in `tests/` use the same
    // store. The store's unit tests are another build of it, so they cannot use the testkit's `queue`.
    Rule {
        name: "antre-testkit",
        may_use: &["antre-core", "antre-store", "antre-redis-server"],
        must_not_use: &["axum", "clap", "reqwest"],
    },
    // A second opinion on what the store decides: it must not know the first.
    Rule {
        name: "antre-model",
        may_use: &["antre-core"],
        must_not_use: &["redis", "apalis-redis", "tokio", "rand"],
    },
];

const MODEL: &str = "tests/model";

/// Edges of tests alone.
const TESTS_MAY_USE: [(&str, &str); 2] =
    [("antre-model", "antre-store"), ("antre-model", "antre-xendit")];

/// Only for tests, so allowed in every crate's dev-dependencies.
const DEV_ONLY: [&str; 2] = ["antre-testkit", "xendit-sim"];

/// Returns the manifests of the crates that have a rule.
pub(crate) fn manifests(files: Vec<SourceFile>) -> Vec<SourceFile> {
    let is_manifest = |file: &SourceFile| {
        let is_package = file.path.starts_with("crates/") || file.path.starts_with(MODEL);
        is_package && file.file_name() == "Cargo.toml"
    };
    files.into_iter().filter(is_manifest).collect()
}

fn faults(manifests: &[SourceFile]) -> Vec<String> {
    manifests.iter().flat_map(manifest_faults).collect()
}

fn manifest_faults(manifest: &SourceFile) -> Vec<String> {
    let folder = folder(&manifest.path);
    let Ok(table) = manifest.text.parse::<Table>() else {
        return vec![format!("{}: is not TOML", manifest.path)];
    };
    let mut faults = Vec::new();
    let mut fault = |message: String| faults.push(format!("{}: {message}", manifest.path));
    if table["package"].get("name").and_then(Value::as_str) != Some(folder) {
        fault("the package is not named like its folder".to_owned());
    }
    if table.get("lints").and_then(|lints| lints.get("workspace")) != Some(&Value::Boolean(true)) {
        fault("does not use the workspace's lints".to_owned());
    }
    let Some(rule) = RULES.iter().find(|rule| rule.name == folder) else {
        fault("is not in the table of crate edges".to_owned());
        return faults;
    };
    for used in dependencies(&table, &["dependencies", "build-dependencies"]) {
        if rule.must_not_use.contains(&used.as_str()) {
            fault(format!("must not use {used}"));
        }
        if is_ours(&used) && !rule.may_use.contains(&used.as_str()) {
            fault(format!("a new edge to {used}"));
        }
    }
    for used in dependencies(&table, &["dev-dependencies"]) {
        let is_allowed = DEV_ONLY.contains(&used.as_str())
            || rule.may_use.contains(&used.as_str())
            || TESTS_MAY_USE.contains(&(folder, used.as_str()));
        if is_ours(&used) && !is_allowed {
            fault(format!("a new edge to {used} in its tests"));
        }
    }
    faults
}

/// Returns the folder that a package is named like; that of the model stands with the tests.
pub(crate) fn folder(path: &str) -> &str {
    let folder = path.trim_start_matches("crates/").trim_end_matches("/Cargo.toml");
    if folder == MODEL { "antre-model" } else { folder }
}

pub(crate) fn is_ours(package: &str) -> bool {
    package.starts_with("antre-") || package == "xendit-sim"
}

/// Returns the packages in these sections, also in those of a `target`, renamed ones by their name.
pub(crate) fn dependencies(table: &Table, sections: &[&str]) -> Vec<String> {
    let targets = table.get("target").and_then(Value::as_table).into_iter();
    let tables = targets.flat_map(Table::values).filter_map(Value::as_table).chain([table]);
    let mut found = Vec::new();
    for table in tables {
        for section in sections.iter().filter_map(|name| table.get(*name)?.as_table()) {
            found.extend(section.iter().map(|(name, value)| {
                value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned()
            }));
        }
    }
    found
}

pub(crate) fn manifest(name: &str, rest: &str) -> SourceFile {
    let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}");
    SourceFile::new(&format!("crates/{name}/Cargo.toml"), &text)
}

#[test]
fn crates_use_only_what_the_architecture_allows() {
    let manifests = manifests(workspace::files().unwrap());
    assert_eq!(manifests.len(), RULES.len(), "a crate is missing, or new");
    workspace::assert_none(&faults(&manifests));
}

#[test]
fn a_new_edge_is_a_fault_however_it_is_written() {
    for edge in [
        "[dependencies]\nantre-worker.workspace = true",
        "[dependencies]\nother = { package = \"antre-worker\", path = \"..\" }",
        "[build-dependencies]\nantre-worker.workspace = true",
        "[dev-dependencies]\nantre-worker.workspace = true",
        "[target.'cfg(unix)'.dependencies]\nantre-worker.workspace = true",
    ] {
        assert_eq!(faults(&[manifest("antre-admin", edge)]).len(), 1, "{edge}");
    }
}

#[test]
fn test_tools_belong_to_tests() {
    let tools = "antre-testkit.workspace = true\nxendit-sim.workspace = true";
    let dev = manifest("antre-worker", &format!("[dev-dependencies]\n{tools}"));
    let normal = manifest("antre-worker", &format!("[dependencies]\n{tools}"));
    assert_eq!(faults(&[dev]), [""; 0]);
    assert_eq!(faults(&[normal]).len(), 2);
}

#[test]
fn a_forbidden_library_is_a_fault() {
    for (name, library) in [
        ("antre-core", "tokio"),
        ("antre-core", "rand"),
        ("antre-store", "axum"),
        ("antre-producer", "redis"),
        ("antre-worker", "axum"),
        ("antre-cli", "redis"),
    ] {
        let manifest = manifest(name, &format!("[dependencies]\n{library}.workspace = true"));
        assert_eq!(faults(&[manifest]).len(), 1, "{name} → {library}");
    }
}

#[test]
fn an_unknown_crate_and_missing_lints_are_faults() {
    assert_eq!(faults(&[manifest("antre-new", "")]).len(), 1);
    let bare = SourceFile::new(
        "crates/antre-cli/Cargo.toml",
        "[package]\nname = \"antre-cli\"\n[lints]\nrust = {}",
    );
    assert_eq!(faults(&[bare]).len(), 1);
}
