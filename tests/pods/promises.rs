//! What `docs/pods.md` promises of every pod.

use serde_json::{Value, json};

use crate::kustomize::{items_at, text_at, workloads};

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
        let mut expect = |whose: &str, value: &Value, (place, wanted): (&str, Value)| {
            if value.pointer(place) != Some(&wanted) {
                faults.push(format!("{name}: {place} of {whose} is not {wanted}"));
            }
        };
        for promise in of_pod() {
            expect("the pod", pod, promise);
        }
        let containers =
            items_at(pod, "/initContainers").iter().chain(items_at(pod, "/containers"));
        for container in containers {
            for promise in of_container() {
                expect("a container", container, promise);
            }
            for place in NEEDED.iter().filter(|place| container.pointer(place).is_none()) {
                faults.push(format!("{name}: a container has no {place}"));
            }
        }
        for container in items_at(pod, "/containers") {
            for probe in ["livenessProbe", "readinessProbe"] {
                if container.get(probe).is_none() {
                    faults.push(format!("{name}: a container has no {probe}"));
                }
            }
        }
        if !pod["securityContext"]["runAsUser"].as_u64().is_some_and(|user| user > 0) {
            faults.push(format!("{name} runs as root, or nobody says as whom"));
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
