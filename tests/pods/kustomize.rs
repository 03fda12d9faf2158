//! From `deploy/kustomize` to documents: built by kubectl, checked against schemas.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{ROOT, outcome, text};

/// Overlays that build as they are.
pub(crate) const OVERLAYS: [&str; 4] =
    ["base", "overlays/single", "overlays/keda", "overlays/monitoring"];

/// Returns the folder of the files.
pub(crate) fn folder() -> PathBuf {
    Path::new(ROOT).join("deploy/kustomize")
}

/// Returns the documents of a folder.
///
/// # Errors
/// What kubectl or a schema says against it.
pub(crate) fn documents(folder: &Path) -> Result<Vec<Value>, String> {
    let built = outcome("kubectl", &["kustomize", &folder.display().to_string()]);
    if !built.status.success() {
        return Err(text(&built));
    }
    let place = TempDir::new().unwrap();
    let file = place.path().join("built.yaml");
    std::fs::write(&file, &built.stdout).unwrap();
    let script = Path::new(ROOT).join("tests/pods/validate.py");
    let arguments = [script.display().to_string(), file.display().to_string()];
    let checked = outcome("validator", &arguments.each_ref().map(String::as_str));
    if !checked.status.success() {
        return Err(String::from_utf8_lossy(&checked.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&checked.stdout).unwrap())
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

/// Returns what runs pods: Deployments and StatefulSets.
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
