//! Who goes first, seen at Xendit: important customers, but nobody starves.

use std::time::Duration;

use antre_testkit::queue::QueueFixture;
use antre_tests::{
    fleet::{RunningWorker, account},
    harness::{Harness, PATIENCE, job, job_with, jobs, steady_settings},
};
use serde_json::json;
use xendit_sim::{Limits, Options, Simulator};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn important_customers_that_come_late_overtake_everybody_who_waits() {
    let mut settings = steady_settings();
    settings.limits = "5/500ms".parse().unwrap();
    let harness = Harness::start(&settings).await;
    harness.submit(&jobs("NORMAL", 12)).await;
    let _worker = harness.worker("worker");
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 3).await);

    let vip = json!({ "customer": { "is_vip": true } });
    let vips: Vec<String> =
        (0..3).map(|number| job_with(&format!("VIP-{number}"), &json!({}), &vip)).collect();
    harness.submit_accepted(&vips).await;
    // One request may have been granted before they were accepted.
    let sent = harness.created_order().len() + 1;
    harness.until_done(15).await;
    let order = harness.created_order();
    let places: Vec<usize> =
        (0..3).map(|n| order.iter().position(|id| *id == format!("VIP-{n}")).unwrap()).collect();
    assert!(places[0] <= sent, "{order:?}");
    assert_eq!(places, [places[0], places[0] + 1, places[0] + 2], "{order:?}");
    let normals: Vec<String> = order.into_iter().filter(|id| id.starts_with("NORMAL")).collect();
    let accepted: Vec<String> = (0..12).map(|number| format!("NORMAL-{number}")).collect();
    assert_eq!(normals, accepted, "in order of acceptance among themselves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_low_job_older_than_the_head_start_goes_before_a_high_one() {
    let mut settings = steady_settings();
    settings.head_start_high = Duration::from_millis(300);
    settings.head_start_normal = Duration::from_millis(150);
    let fixture = QueueFixture::start_with(&settings).await;
    let now_us = fixture.queue.redis().time_us().await.unwrap();
    let accepted = [
        ("LOW-OLD", "low", 0),
        ("LOW-MIDDLE", "low", 200),
        ("NORMAL", "normal", 300),
        ("HIGH", "high", 400),
        ("LOW-NEW", "low", 400),
    ];
    for (external_id, priority, at_ms) in accepted {
        // A second ago, so that the clock never steps back when it goes again.
        fixture.queue.set_clock(Some(now_us - 1_000_000 + at_ms * 1000)).await.unwrap();
        fixture
            .accept(external_id, |submission| {
                submission.priority = priority.to_owned();
                submission.data = job(external_id).into_bytes();
            })
            .await;
    }
    fixture.queue.set_clock(None).await.unwrap();

    let options = Options { limits: Limits(Vec::new()), ..Options::default() };
    let xendit = Simulator::start(options).await.unwrap();
    let mut options = account("default", &xendit.base_url(), settings);
    options.concurrency = 1;
    let _worker = RunningWorker::start(&fixture.server.url(), "worker", vec![options]);
    assert!(xendit.ledger().wait_until(PATIENCE, |totals| totals.finished >= 6).await);
    // The first request shows whose the key is.
    let order: Vec<String> = xendit
        .ledger()
        .arrivals()
        .iter()
        .filter_map(|one| one.external_id.as_deref().map(str::to_owned))
        .collect();
    assert_eq!(order, ["LOW-OLD", "HIGH", "NORMAL", "LOW-MIDDLE", "LOW-NEW"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_attributes_choose_the_priority_unless_the_job_does() {
    let harness = Harness::start(&steady_settings()).await;
    harness.queue.pause("tester", "to look at them", None).await.unwrap();
    let cases = [
        (json!({}), "normal"),
        (json!({ "customer": { "is_vip": true } }), "high"),
        (json!({ "customer": { "tipe": "bulk" } }), "low"),
        (json!({ "customer": { "type": "bulk" } }), "low"),
        (json!({ "customer": { "is_vip": true }, "priority": "low" }), "low"),
    ];
    let all: Vec<String> = cases
        .iter()
        .enumerate()
        .map(|(number, (further, _))| job_with(&format!("INV-{number}"), &json!({}), further))
        .collect();
    let _worker = harness.worker("worker");
    let ids = harness.submit_accepted(&all).await;
    for (id, (further, priority)) in ids.iter().zip(&cases) {
        assert_eq!(harness.field(id, "priority").await, *priority, "{further}");
    }
}
