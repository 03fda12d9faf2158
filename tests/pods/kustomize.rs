//! From `deploy/kustomize` to documents: built by kubectl, checked against schemas.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use antre_tests::machine::{ROOT, outcome, run, text};

/// Overlays that build as they are.
pub(crate) const OVERLAYS: [&str; 4] =
    ["base", "overlays/single", "overlays/keda", "overlays/monitoring"];

/// Returns the folder of the files.
pub(crate) fn folder() -> PathBuf {
    Path::new(ROOT).join("deploy/kustomize")
}

/// Returns the documents of each folder, or what kubectl or a schema says against it.
pub(crate) fn documents_of(folders: &[PathBuf]) -> Vec<Result<Vec<Value>, String>> {
    let place = TempDir::new().unwrap();
    let file = |number: usize| place.path().join(format!("{number}.yaml"));
    let mut found: Vec<Result<Vec<Value>, String>> = folders
        .iter()
        .enumerate()
        .map(|(number, folder)| {
            let built = outcome("kubectl", &["kustomize", &folder.display().to_string()]);
            std::fs::write(file(number), &built.stdout).unwrap();
            if built.status.success() { Ok(Vec::new()) } else { Err(text(&built)) }
        })
        .collect();
    // All at once: it takes longer to start than to look.
    let built = (0..folders.len()).filter(|number| found[*number].is_ok()).collect::<Vec<_>>();
    let script = Path::new(ROOT).join("tests/pods/validate.py").display().to_string();
    let files = built.iter().map(|number| file(*number).display().to_string());
    let arguments: Vec<String> = std::iter::once(script).chain(files).collect();
    let said = run("validator", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let looked_at: Vec<Value> = serde_json::from_str(&said).unwrap();
    for (number, looked_at) in built.into_iter().zip(looked_at) {
        let faults: Vec<&str> =
            items_at(&looked_at, "/faults").iter().filter_map(Value::as_str).collect();
        found[number] = if faults.is_empty() {
            Ok(items_at(&looked_at, "/documents").to_vec())
        } else {
            Err(faults.join("\n"))
        };
    }
    found
}

/// Returns the documents of a folder.
///
/// # Errors
/// What kubectl or a schema says against it.
pub(crate) fn documents(folder: &Path) -> Result<Vec<Value>, String> {
    documents_of(&[folder.to_owned()]).remove(0)
}

/// Returns the documents of a part of `deploy/kustomize`, which must be right.
pub(crate) fn built(part: &str) -> Vec<Value> {
    let found = documents(&folder().join(part));
    found.unwrap_or_else(|faults| unreachable!("deploy/kustomize/{part}: {faults}"))
}

/// Returns the documents of an overlay beside the others, which stands in no file.
///
/// # Errors
/// As [`documents`].
pub(crate) fn combined(kustomization: &str) -> Result<Vec<Value>, String> {
    let copy = Copy::make();
    copy.write("overlays/combined/kustomization.yaml", kustomization);
    documents(&copy.path("overlays/combined"))
}

/// A copy of `deploy/kustomize` that may be broken.
pub(crate) struct Copy(TempDir);

impl Copy {
    pub(crate) fn make() -> Self {
        let place = TempDir::new().unwrap();
        copy_into(&folder(), place.path());
        Self(place)
    }

    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.0.path().join(part)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Returns the document of this kind and name.
pub(crate) fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let is_meant = |it: &&Value| it["kind"] == kind && it["metadata"]["name"] == name;
    documents.iter().find(is_meant).unwrap_or_else(|| unreachable!("there is no {kind} {name}"))
}

/// Returns the documents of this kind.
pub(crate) fn all<'a>(documents: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    documents.iter().filter(move |document| document["kind"] == kind)
}

/// Returns what runs pods: `Deployment`s and `StatefulSet`s.
pub(crate) fn workloads(documents: &[Value]) -> impl Iterator<Item = &Value> {
    all(documents, "Deployment").chain(all(documents, "StatefulSet"))
}

/// Returns the text at a place, empty if there is none.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items at a place, none if there are none.
pub(crate) fn items_at<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
