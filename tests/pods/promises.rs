//! What `docs/pods.md` promises of every pod.

use serde_json::{Value, json};

use crate::kustomize::{all, items_at, text_at, workloads};

/// Where in a pod's template something must stand, and what.
fn of_pod() -> [(&'static str, Value); 4] {
    [
        ("/automountServiceAccountToken", json!(false)),
        ("/enableServiceLinks", json!(false)),
        ("/securityContext/runAsNonRoot", json!(true)),
        ("/securityContext/seccompProfile/type", json!("RuntimeDefault")),
    ]
}

fn of_container() -> [(&'static str, Value); 3] {
    [
        ("/securityContext/allowPrivilegeEscalation", json!(false)),
        ("/securityContext/readOnlyRootFilesystem", json!(true)),
        ("/securityContext/capabilities/drop", json!(["ALL"])),
    ]
}

const NEEDED: [&str; 4] =
    ["/resources/requests/cpu", "/resources/requests/memory", "/resources/limits/memory", "/image"];

/// Returns every broken promise.
pub(crate) fn faults(documents: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for workload in workloads(documents) {
        let name = text_at(workload, "/metadata/name");
        let pod = &workload["spec"]["template"]["spec"];
        let broken = |whose: &str, value: &Value, (place, wanted): (&str, Value)| {
            let is_kept = value.pointer(place) == Some(&wanted);
            (!is_kept).then(|| format!("{name}: {place} of {whose} is not {wanted}"))
        };
        faults.extend(of_pod().into_iter().filter_map(|promise| broken("the pod", pod, promise)));
        let containers =
            items_at(pod, "/initContainers").iter().chain(items_at(pod, "/containers"));
        for container in containers {
            let promises = of_container().into_iter();
            faults.extend(promises.filter_map(|promise| broken("a container", container, promise)));
            for place in NEEDED {
                match container.pointer(place) {
                    None => faults.push(format!("{name}: a container has no {place}")),
                    Some(Value::String(text)) if is_quantity(place, text) => {}
                    Some(other) => faults.push(format!("{name}: {place} is {other}")),
                }
            }
        }
        for container in items_at(pod, "/containers") {
            for probe in ["livenessProbe", "readinessProbe"] {
                if container.get(probe).is_none() {
                    faults.push(format!("{name}: a container has no {probe}"));
                }
            }
        }
        if pod["securityContext"]["runAsUser"].as_u64().is_none_or(|user| user == 0) {
            faults.push(format!("{name} runs as root, or nobody says as whom"));
        }
        if !is_guarded(&workload["spec"]["template"]["metadata"]["labels"], documents) {
            faults.push(format!("{name}: no NetworkPolicy bounds what comes in and goes out"));
        }
        if workload["kind"] == "Deployment" {
            let surge = &workload["spec"]["strategy"]["rollingUpdate"];
            if *surge != json!({"maxSurge": 1, "maxUnavailable": 0}) {
                faults.push(format!("{name} takes a pod away before a new one is ready"));
            }
        }
    }
    faults
}

/// Resources are counted in thousandths of a processor and in mebibytes; schemas take any text.
fn is_quantity(place: &str, text: &str) -> bool {
    let number = match place.rsplit('/').next() {
        Some("cpu") => text.strip_suffix('m'),
        Some("memory") => text.strip_suffix("Mi"),
        _ => return !text.is_empty(),
    };
    number.is_some_and(|number| number.parse::<u32>().is_ok_and(|number| number > 0))
}

/// Returns whether policies speak of both directions for pods with these labels.
fn is_guarded(labels: &Value, documents: &[Value]) -> bool {
    all(documents, "NetworkPolicy").any(|policy| {
        let selected = policy["spec"]["podSelector"]["matchLabels"].as_object();
        let is_its =
            selected.is_some_and(|it| it.iter().all(|(name, value)| labels[name] == *value));
        is_its && policy["spec"]["policyTypes"] == json!(["Ingress", "Egress"])
    })
}
