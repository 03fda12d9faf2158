//! Requests without a readable answer: whatever really happened, the bill has one payable invoice.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::harness::{Harness, PATIENCE, job, job_with, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Fault, Limits, Options, RequestKind};

/// Longer than every scripted lag and late creation together.
const SETTLE: Duration = Duration::from_millis(700);
const LIST_LAG: Duration = Duration::from_millis(150);
const LATE_MS: u64 = 300;

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "20ms,40ms,80ms".parse().unwrap();
    settings.request_timeout = Duration::from_millis(500);
    settings.trust_absence_answered = SETTLE;
    settings.trust_absence_unanswered = SETTLE;
    settings
}

fn cases() -> Vec<(String, Fault)> {
    let late = |status| Act::LateCreation { ms: LATE_MS, status };
    let slow = Act::SlowBody { bytes: 1, interval_ms: 400 };
    let before = [
        Act::Reset,
        Act::Close,
        Act::Hang { max_ms: 300_000 },
        Act::Garbage,
        Act::status(500),
        Act::status(502),
        Act::status(504),
        Act::status(408),
        Act::status(409),
        Act::status(302),
    ];
    let after = before.clone().map(|act| Fault::on(RequestKind::Create, act).after_creation());
    let altering = [Act::Truncate { bytes: 20 }, Act::NoId, slow, late(500), late(504)];
    let faults = before
        .into_iter()
        .chain(altering)
        .map(|act| Fault::on(RequestKind::Create, act))
        .chain(after);
    faults
        .enumerate()
        .map(|(number, fault)| {
            let when = if fault.after_creation { "after" } else { "before" };
            let external_id = format!("{number}-{when}-{}", fault.act.name());
            let fault = fault.times(1).for_external_id(&external_id);
            (external_id, fault)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_ambiguous_create_ends_in_one_payable_invoice_and_one_result_with_it() {
    let limits = Limits(Vec::new());
    let options = Options { limits, list_lag: LIST_LAG, ..Options::default() };
    let harness = Harness::start_with(&settings(), options).await;
    let mut bills = Vec::new();
    for (external_id, fault) in cases() {
        harness.fault(fault);
        let id = harness.submit_one(&job(&external_id)).await;
        bills.push((external_id, id));
    }
    let _workers = [harness.worker("worker-1"), harness.worker("worker-2")];
    for (external_id, id) in &bills {
        let result = harness.result(id).await;
        assert_eq!(result["state"], "done", "{external_id}: {result}");
    }
    harness
        .until("all but the late audits are over", async |harness| is_audited(harness).await)
        .await;
    for (external_id, id) in &bills {
        let payable = harness.payable(external_id);
        let steps = harness.steps(external_id);
        assert_eq!(payable.len(), 1, "{external_id}: {steps} {payable:?}");
        assert_eq!(harness.field(id, "invoice_id").await, *payable[0].id, "{external_id}: {steps}");
        let made = harness.xendit.invoices(external_id).len();
        assert_eq!(
            made, 1,
            "{external_id}: an absence was trusted late enough, nothing is made twice: {steps}"
        );
        assert!(steps.starts_with("CL"), "{external_id}: {steps}");
    }
    let ends = harness.queue.status().await.unwrap();
    assert_eq!((ends.done, ends.dead), (u64::try_from(bills.len()).unwrap(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_appears_later_than_the_trusted_time_is_found_by_the_audit_and_expired() {
    let mut settings = settings();
    settings.trust_absence_answered = Duration::ZERO;
    settings.trust_absence_unanswered = Duration::ZERO;
    let harness = Harness::start(&settings).await;
    harness.creates_fail(Act::LateCreation { ms: LATE_MS, status: 500 }, 1);
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    harness
        .until("both were made", async |harness| harness.xendit.invoices("INV-1").len() == 2)
        .await;
    harness
        .until("all but the late audits are over", async |harness| is_audited(harness).await)
        .await;
    let payable = harness.payable("INV-1");
    assert_eq!(payable.len(), 1, "{payable:?}");
    assert_eq!(harness.field(&id, "invoice_id").await, *payable[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_behind_a_429_is_found_by_the_audit_and_expired() {
    let harness = Harness::start(&settings()).await;
    let headers = [("Retry-After".to_owned(), Some("0".to_owned()))].into();
    let refusal = Act::Status { status: 429, body: None, headers };
    harness.fault(Fault::on(RequestKind::Create, refusal).times(1).after_creation());
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    assert_eq!(harness.xendit.invoices("INV-1").len(), 2, "a 429 is believed at first");
    harness
        .until("all but the late audits are over", async |harness| is_audited(harness).await)
        .await;
    let payable = harness.payable("INV-1");
    assert_eq!(payable.len(), 1, "{payable:?}");
    assert_eq!(harness.field(&id, "invoice_id").await, *payable[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_invoice_that_was_paid_takes_the_place_of_the_delivered_one() {
    let mut settings = settings();
    settings.trust_absence_answered = Duration::ZERO;
    settings.trust_absence_unanswered = Duration::ZERO;
    settings.request_timeout = Duration::from_millis(1_500);
    let harness = Harness::start(&settings).await;
    harness.creates_fail(Act::LateCreation { ms: LATE_MS, status: 500 }, 1);
    let _worker = harness.worker("worker");
    let customer = json!({ "customer": { "mobile_number": "none" } });
    let text = job_with("INV-1", &customer, &json!({}));
    let id = harness.submit_one(&text).await;
    let twin = harness.submit_one(&text).await;
    let delivered = harness.result(&id).await;
    harness
        .until("both were made", async |harness| harness.xendit.invoices("INV-1").len() == 2)
        .await;
    let invoices = harness.xendit.invoices("INV-1");
    let late = invoices.iter().find(|one| delivered["invoice_id"] != *one.id).unwrap();
    harness.xendit.pay(&late.id).unwrap();

    harness
        .until("all but the late audits are over", async |harness| is_audited(harness).await)
        .await;
    let relinked = harness.result(&id).await;
    assert_eq!((&relinked["state"], &relinked["invoice_id"]), (&json!("done"), &json!(*late.id)));
    assert_eq!(relinked["response"]["status"], "PAID");
    assert_eq!(relinked["warnings"], delivered["warnings"], "what was left out stays left out");
    assert_eq!(harness.payable("INV-1").len(), 1, "the delivered one is expired");
    let mut waiter = harness.queue.result_waiter(PATIENCE).await.unwrap();
    let ends = waiter.ends("0", 10).await.unwrap();
    for job in [&id, &twin] {
        let of_job = ends.iter().filter(|ended| ended.job == *job);
        let links: Vec<&String> = of_job.filter_map(|ended| ended.invoice_id.as_ref()).collect();
        assert_eq!(links, [delivered["invoice_id"].as_str().unwrap(), &late.id]);
    }
    assert_eq!(
        harness.result(&twin).await["invoice_id"],
        *late.id,
        "its duplicate hears of it, too"
    );
}

/// Whether no follow-up is left but the audits of a quarter of an hour later.
async fn is_audited(harness: &Harness) -> bool {
    let mut connection = harness.redis.connect().await.unwrap();
    let follow_ups: Vec<String> = redis::cmd("ZRANGE")
        .arg(harness.queue.keys().named("follow_ups"))
        .arg(0)
        .arg(-1)
        .query_async(&mut connection)
        .await
        .unwrap();
    follow_ups.iter().all(|follow_up| follow_up.starts_with("audit-2-"))
}
