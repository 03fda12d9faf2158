//! The provider stands behind a boundary: the core does not name it, and what only enqueues does not link its client.

use toml::{Table, Value};

use crate::crate_edges::{dependencies, folder, manifest, manifests};
use crate::workspace::{self, SourceFile};

const CORE: &str = "crates/antre-core/";
const PROVIDER: &str = "xendit";
const PROVIDER_CRATE: &str = "antre-xendit";
const CLIENT: &str = "wire";
/// Who sends: the others get what they need of the provider without its client.
const SENDERS: [&str; 2] = ["antre-worker", "antre-cli"];

/// Returns each place in the core that names the provider: text and names of files, comments and tests as well.
fn names(file: &SourceFile) -> Vec<String> {
    if !file.path.starts_with(CORE) {
        return Vec::new();
    }
    let is_named = |text: &str| text.to_lowercase().contains(PROVIDER);
    let lines = file.numbered_lines().filter(|(_, line)| is_named(line));
    let mut faults: Vec<String> =
        lines.map(|(number, _)| file.fault(number, "the core names no provider")).collect();
    if is_named(&file.path) {
        faults.push(file.fault(1, "the core names no provider, not in a file's name either"));
    }
    faults
}

/// Returns the crates that link the provider's client and send nothing.
fn links(manifests: &[SourceFile], root: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let listed = root.parse::<Table>().ok();
    let listed = listed.as_ref().and_then(|table| {
        table.get("workspace")?.get("dependencies")?.get(PROVIDER_CRATE)?.get("default-features")
    });
    if listed != Some(&Value::Boolean(false)) {
        faults.push(format!("Cargo.toml: {PROVIDER_CRATE} comes with its default features"));
    }
    for manifest in manifests {
        let Ok(table) = manifest.text.parse::<Table>() else { continue };
        let is_used =
            dependencies(&table, &["dependencies"]).iter().any(|used| used == PROVIDER_CRATE);
        let used = table.get("dependencies").and_then(|all| all.get(PROVIDER_CRATE));
        let features = used.and_then(|used| used.get("features")).and_then(Value::as_array);
        let has_client =
            features.is_some_and(|names| names.iter().any(|name| name.as_str() == Some(CLIENT)));
        let has_defaults =
            used.and_then(|used| used.get("workspace")) != Some(&Value::Boolean(true));
        let is_sender = SENDERS.contains(&folder(&manifest.path));
        if is_used && (has_client || has_defaults) && !is_sender {
            faults.push(format!("{}: links the client of {PROVIDER_CRATE}", manifest.path));
        }
    }
    faults
}

#[test]
fn the_core_names_no_provider() {
    let files = workspace::files().unwrap();
    assert!(files.iter().any(|file| file.path == "crates/antre-core/src/lib.rs"));
    workspace::assert_none(&files.iter().flat_map(names).collect::<Vec<_>>());
}

#[test]
fn the_provider_is_a_fault_in_every_spelling_and_place() {
    for (path, text) in [
        ("crates/antre-core/src/job.rs", "//! What Xendit takes."),
        ("crates/antre-core/src/job/tests.rs", "use antre_xendit::body;"),
        ("crates/antre-core/src/limit.rs", "const XENDIT_LIMIT: u32 = 600;"),
        ("crates/antre-core/Cargo.toml", "antre-xendit.workspace = true"),
        ("crates/antre-core/src/xendit_job.rs", ""),
    ] {
        assert_eq!(names(&SourceFile::new(path, text)).len(), 1, "{path}");
    }
    let other = SourceFile::new("crates/antre-worker/src/job.rs", "use antre_xendit::body;");
    assert_eq!(names(&other), [""; 0]);
}

#[test]
fn what_only_enqueues_links_no_client() {
    let files = workspace::files().unwrap();
    let root = workspace::required(&files, "Cargo.toml").unwrap();
    workspace::assert_none(&links(&manifests(files), &root.text));
}

#[test]
fn the_client_is_a_fault_however_it_comes_in() {
    let of = |name: &str, edge: &str| {
        let root =
            "[workspace.dependencies]\nantre-xendit = { path = \"x\", default-features = false }";
        links(&[manifest(name, &format!("[dependencies]\n{edge}"))], root).len()
    };
    let plain = "antre-xendit.workspace = true";
    let client = "antre-xendit = { workspace = true, features = [\"wire\"] }";
    let path = "antre-xendit = { path = \"..\" }";
    assert_eq!([plain, client, path].map(|edge| of("antre-producer", edge)), [0, 1, 1]);
    assert_eq!([plain, client].map(|edge| of("antre-worker", edge)), [0, 0]);
    let defaults = "[workspace.dependencies]\nantre-xendit = { path = \"x\" }";
    assert_eq!(links(&[], defaults).len(), 1);
}
