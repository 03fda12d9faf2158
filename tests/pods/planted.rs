//! The checks are worth what they find: here a copy is broken in one place, and one of them must say so.

use serde_json::Value;

use crate::kustomize::{Copy, documents_of};
use crate::{promises, references};

/// File, what stands there, what is put in its place, and what is built then.
const PLANTED: [(&str, &str, &str, &str); 24] = [
    ("base/worker.yaml", "replicas: 2", "replicas: two", "base"),
    ("base/worker.yaml", "  replicas: 2", "  replica: 2", "base"),
    ("base/worker.yaml", "maxUnavailable: 0", "maxUnavailable: 1", "base"),
    ("base/worker.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "base"),
    ("base/worker.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "base"),
    ("base/worker.yaml", "drop: [\"ALL\"]", "drop: []", "base"),
    ("base/worker.yaml", "type: RuntimeDefault", "type: Unconfined", "base"),
    (
        "base/worker.yaml",
        "allowPrivilegeEscalation: false",
        "allowPrivilegeEscalation: true",
        "base",
    ),
    ("base/worker.yaml", "port: http", "port: htp", "base"),
    (
        "base/worker.yaml",
        "- name: config\n              mountPath",
        "- name: konfig\n              mountPath",
        "base",
    ),
    ("base/worker.yaml", "key: secret-key", "key: secret_key", "base"),
    ("base/worker.yaml", "name: antre-config", "name: antre-konfig", "base"),
    ("base/worker.yaml", "memory: 128Mi", "memory: 128Mo", "base"),
    ("base/serve.yaml", "targetPort: http", "targetPort: https", "base"),
    ("base/serve.yaml", "serviceAccountName: antre", "serviceAccountName: antr", "base"),
    ("base/disruption-budget.yaml", "component: worker", "component: workers", "base"),
    ("base/network-policy.yaml", "policyTypes: [Ingress, Egress]", "policyTypes: [Ingres]", "base"),
    ("base/kustomization.yaml", "  - serve.yaml\n", "  - served.yaml\n", "base"),
    ("overlays/single/to-redis.yaml", "egress/1/to", "egres/1/to", "overlays/single"),
    ("components/keda/scaled-object.yaml", "maxReplicaCount: 6", "maxReplicas: 6", "overlays/keda"),
    (
        "components/keda/scaled-object.yaml",
        "antre-serve.antre:8080",
        "antre-server.antre:8080",
        "overlays/keda",
    ),
    (
        "components/keda/kustomization.yaml",
        "path: /spec/replicas",
        "path: /spec/revisionHistoryLimit",
        "overlays/keda",
    ),
    ("components/monitoring/monitors.yaml", "interval: 15s", "interval: 15", "overlays/monitoring"),
    ("components/monitoring/rules.yaml", "for: 2m", "fro: 2m", "overlays/monitoring"),
];

/// Returns what the checks say.
fn faults(built: Result<Vec<Value>, String>) -> String {
    match built {
        Err(faults) => faults,
        Ok(documents) => {
            [references::faults(&documents), promises::faults(&documents)].concat().join("\n")
        }
    }
}

#[test]
fn every_planted_fault_is_found() {
    let mut copies: Vec<Copy> = Vec::new();
    let mut folders = Vec::new();
    for (file, right, wrong, part) in PLANTED {
        let copy = Copy::make();
        let text = copy.read(file);
        assert!(text.contains(right), "{file} has no {right:?}");
        copy.write(file, &text.replacen(right, wrong, 1));
        folders.push(copy.path(part));
        copies.push(copy);
    }
    let sound = Copy::make();
    folders.push(sound.path("base"));
    let mut found = documents_of(&folders).into_iter().map(faults).collect::<Vec<_>>();
    assert_eq!(found.pop().unwrap(), "", "nothing was planted there");
    let unseen = PLANTED.iter().zip(found).filter(|(_, faults)| faults.is_empty());
    let unseen: Vec<String> =
        unseen.map(|((file, _, wrong, _), _)| format!("{file}: {wrong:?}")).collect();
    assert!(unseen.is_empty(), "nobody saw:\n{}", unseen.join("\n"));
}
