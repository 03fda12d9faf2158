//! What documents say of each other: a schema sees one document only.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kustomize::{all, items_at, text_at, workloads};

/// Secrets that a person makes (docs/pods.md), and their keys.
const SECRETS: [(&str, &[&str]); 3] = [
    ("antre-xendit", &["secret-key"]),
    ("antre-http", &["token"]),
    ("antre-redis", &["url", "users.acl", "replication.conf", "sentinel-password"]),
];

/// Returns every name in the documents that leads nowhere.
pub(crate) fn faults(documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for workload in workloads(documents) {
        let name = text_at(workload, "/metadata/name");
        let of_pod = pod_faults(&workload["spec"]["template"]["spec"], workload, documents);
        faults.extend(of_pod.into_iter().map(|fault| format!("{name}: {fault}")));
        let selector = workload.pointer("/spec/selector/matchLabels");
        if !selects(selector, &workload["spec"]["template"]) {
            faults.push(format!("{name}: its selector does not select its own pods"));
        }
    }
    faults.extend(selector_faults(documents));
    faults.extend(secret_faults(documents));
    faults.extend(scaling_faults(documents));
    faults
}

fn pod_faults(pod: &Value, workload: &Value, documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    let account = text_at(pod, "/serviceAccountName");
    if !all(documents, "ServiceAccount").any(|it| text_at(it, "/metadata/name") == account) {
        faults.push(format!("no ServiceAccount {account}"));
    }
    let volumes: BTreeSet<&str> = items_at(pod, "/volumes")
        .iter()
        .map(|volume| text_at(volume, "/name"))
        .chain(
            items_at(workload, "/spec/volumeClaimTemplates")
                .iter()
                .map(|it| text_at(it, "/metadata/name")),
        )
        .collect();
    let mut mounted = BTreeSet::new();
    for container in items_at(pod, "/initContainers").iter().chain(items_at(pod, "/containers")) {
        for mount in items_at(container, "/volumeMounts") {
            let volume = text_at(mount, "/name");
            mounted.insert(volume);
            if !volumes.contains(volume) {
                faults.push(format!("no volume {volume}"));
            }
        }
        let ports: BTreeSet<&str> =
            items_at(container, "/ports").iter().map(|port| text_at(port, "/name")).collect();
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            for kind in ["httpGet", "tcpSocket"] {
                let port = text_at(container, &format!("/{probe}/{kind}/port"));
                if !port.is_empty() && !ports.contains(port) {
                    faults.push(format!(
                        "{probe} asks port {port}, which the container does not have"
                    ));
                }
            }
        }
    }
    faults.extend(volumes.difference(&mounted).map(|volume| format!("nobody mounts {volume}")));
    let maps = items_at(pod, "/volumes").iter().map(|volume| text_at(volume, "/configMap/name"));
    for map in maps.filter(|map| !map.is_empty()) {
        if !all(documents, "ConfigMap").any(|it| text_at(it, "/metadata/name") == map) {
            faults.push(format!("no ConfigMap {map}"));
        }
    }
    faults
}

/// Returns whether each label of a selector stands in the metadata.
fn selects(selector: Option<&Value>, target: &Value) -> bool {
    let Some(selector) = selector.and_then(Value::as_object).filter(|it| !it.is_empty()) else {
        return false;
    };
    selector.iter().all(|(label, value)| target["metadata"]["labels"][label] == *value)
}

/// Services, budgets, policies and monitors name pods, or Services, that are there.
fn selector_faults(documents: &[Value]) -> Vec<String> {
    let pods: Vec<&Value> = workloads(documents).map(|it| &it["spec"]["template"]).collect();
    let services: Vec<&Value> = all(documents, "Service").collect();
    let kinds = [
        ("Service", "/spec/selector", &pods),
        ("PodDisruptionBudget", "/spec/selector/matchLabels", &pods),
        ("NetworkPolicy", "/spec/podSelector/matchLabels", &pods),
        ("PodMonitor", "/spec/selector/matchLabels", &pods),
        ("ServiceMonitor", "/spec/selector/matchLabels", &services),
    ];
    let mut faults = Vec::new();
    for (kind, place, targets) in kinds {
        for document in all(documents, kind) {
            let found: Vec<&&Value> =
                targets.iter().filter(|target| selects(document.pointer(place), target)).collect();
            let name = text_at(document, "/metadata/name");
            if found.is_empty() {
                faults.push(format!("{kind} {name} selects nothing"));
            }
            faults.extend(found.into_iter().flat_map(|target| port_faults(kind, document, target)));
        }
    }
    faults
}

/// The ports that a Service or a monitor names are there.
fn port_faults(kind: &str, document: &Value, target: &Value) -> Vec<String> {
    let (asked, field, there) = match kind {
        "Service" => ("/spec/ports", "/targetPort", container_ports(target)),
        "PodMonitor" => ("/spec/podMetricsEndpoints", "/port", container_ports(target)),
        "ServiceMonitor" => {
            ("/spec/endpoints", "/port", items_at(target, "/spec/ports").iter().collect())
        }
        _ => return Vec::new(),
    };
    let there: BTreeSet<&str> = there.into_iter().map(|port| text_at(port, "/name")).collect();
    let asked = items_at(document, asked).iter().map(|port| text_at(port, field));
    let name = text_at(document, "/metadata/name");
    asked
        .filter(|port| !there.contains(port))
        .map(|port| format!("{kind} {name}: no port {port}"))
        .collect()
}

fn container_ports(template: &Value) -> Vec<&Value> {
    let containers = items_at(template, "/spec/containers").iter();
    containers.flat_map(|container| items_at(container, "/ports")).collect()
}

/// Every Secret that is named is one that docs/pods.md tells to make.
fn secret_faults(documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for document in documents {
        walk(document, &mut |value| {
            for (name, keys) in named_secrets(value) {
                let known = SECRETS.iter().find(|(secret, _)| *secret == name);
                match known {
                    None => faults.push(format!("nobody makes the Secret {name}")),
                    Some((_, known)) => faults.extend(
                        keys.into_iter()
                            .filter(|key| !known.contains(key))
                            .map(|key| format!("the Secret {name} has no key {key}")),
                    ),
                }
            }
        });
    }
    faults
}

/// Returns the Secrets, each with keys, that this value itself names.
fn named_secrets(value: &Value) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    for (field, name) in [
        ("secretKeyRef", "/name"),
        ("secret", "/secretName"),
        ("secret", "/name"),
        ("credentials", "/name"),
    ] {
        let it = &value[field];
        let name = text_at(it, name);
        if !name.is_empty() {
            found.push((name, keys(it)));
        }
    }
    for it in items_at(value, "/secretTargetRef") {
        found.push((text_at(it, "/name"), keys(it)));
    }
    found
}

fn keys(value: &Value) -> Vec<&str> {
    let own = Some(text_at(value, "/key")).filter(|key| !key.is_empty());
    own.into_iter()
        .chain(items_at(value, "/items").iter().map(|item| text_at(item, "/key")))
        .collect()
}

fn walk<'a>(value: &'a Value, look: &mut impl FnMut(&'a Value)) {
    look(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, look)),
        Value::Object(fields) => fields.values().for_each(|field| walk(field, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A `ScaledObject` names a `Deployment` that leaves the number of its pods to it, and rights that are there.
fn scaling_faults(documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for scaled in all(documents, "ScaledObject") {
        let target = text_at(scaled, "/spec/scaleTargetRef/name");
        match all(documents, "Deployment").find(|it| text_at(it, "/metadata/name") == target) {
            None => faults.push(format!("no Deployment {target} to scale")),
            Some(deployment) if deployment["spec"].get("replicas").is_some() => {
                faults.push(format!("{target} has a number of replicas of its own"));
            }
            Some(_) => {}
        }
        for trigger in items_at(scaled, "/spec/triggers") {
            let rights = text_at(trigger, "/authenticationRef/name");
            if !all(documents, "TriggerAuthentication")
                .any(|it| text_at(it, "/metadata/name") == rights)
            {
                faults.push(format!("no TriggerAuthentication {rights}"));
            }
            let url = text_at(trigger, "/metadata/url");
            let is_there = all(documents, "Service").any(|service| {
                let name = text_at(service, "/metadata/name");
                let port = &service["spec"]["ports"][0]["port"];
                url == format!("http://{name}.antre:{port}/scaling")
            });
            if !is_there {
                faults.push(format!("no Service answers at {url}"));
            }
        }
    }
    faults
}
