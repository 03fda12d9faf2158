//! Every overlay builds, is valid, leads nowhere wrong, and keeps what is promised.

use serde_json::{Value, json};

use crate::kustomize::{OVERLAYS, all, built, combined, find, items_at, workloads};
use crate::{promises, references};

/// What `docs/pods.md` shows: a Redis, KEDA and alerts together.
const TOGETHER: &str = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: antre
resources: [../single]
components: [../../components/keda, ../../components/keda-to-zero, ../../components/monitoring]
images: [{name: antre, newName: registry.example/antre, newTag: 0.1.0}]
";

fn assert_right(documents: &[Value]) {
    let faults = [references::faults(documents), promises::faults(documents)].concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_overlay_is_valid_and_keeps_what_is_promised() {
    for overlay in OVERLAYS {
        assert_right(&built(overlay));
    }
}

#[test]
fn overlays_and_components_go_together() {
    let documents = combined(TOGETHER).unwrap();
    assert_right(&documents);
    assert!(documents.iter().all(|document| document["metadata"]["namespace"] == "antre"));
    let worker = find(&documents, "Deployment", "antre-worker");
    let image = &worker["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "registry.example/antre:0.1.0");
}

#[test]
fn the_base_runs_two_workers_and_one_that_answers_and_no_redis() {
    let documents = built("base");
    let count = |name| find(&documents, "Deployment", name)["spec"]["replicas"].as_u64();
    assert_eq!((count("antre-worker"), count("antre-serve")), (Some(2), Some(1)));
    assert_eq!(workloads(&documents).count(), 2);
    let has_key = |name| {
        let deployment = find(&documents, "Deployment", name).to_string();
        deployment.contains("antre-xendit")
    };
    assert_eq!((has_key("antre-worker"), has_key("antre-serve")), (true, false));
    let grace =
        |it: &Value| it["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64();
    assert!(workloads(&documents).all(|workload| grace(workload) == Some(30)));
    let budget = find(&documents, "PodDisruptionBudget", "antre-worker");
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    // Nobody but the kubelet reaches a worker, and no secret stands in a file.
    assert_eq!(find(&documents, "NetworkPolicy", "antre-worker")["spec"]["ingress"], json!([]));
    assert_eq!(all(&documents, "Secret").count(), 0);
}

#[test]
fn keda_scales_by_what_is_useful_and_never_by_the_backlog() {
    let documents = built("overlays/keda");
    let spec = &find(&documents, "ScaledObject", "antre-worker")["spec"];
    assert_eq!((&spec["minReplicaCount"], &spec["maxReplicaCount"]), (&json!(2), &json!(6)));
    let values: Vec<&Value> =
        items_at(spec, "/triggers").iter().map(|it| &it["metadata"]["valueLocation"]).collect();
    assert_eq!(values, ["useful_workers"]);
}

#[test]
fn to_zero_something_unfinished_starts_workers_and_their_number_stays_that_of_the_useful() {
    let documents = combined(TOGETHER).unwrap();
    let spec = &find(&documents, "ScaledObject", "antre-worker")["spec"];
    assert_eq!(spec["idleReplicaCount"], 0);
    let [useful, unfinished] = items_at(spec, "/triggers") else { unreachable!("two triggers") };
    // Below it a trigger does not start anything.
    let number =
        |it: &Value, field: &str| it["metadata"][field].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(
        (number(useful, "targetValue"), number(useful, "activationTargetValue")),
        (1, 1_000_000)
    );
    assert_eq!(unfinished["metadata"]["valueLocation"], "unfinished");
    assert_eq!(number(unfinished, "activationTargetValue"), 0);
    assert!(number(unfinished, "targetValue") >= 1_000_000_000);
}
