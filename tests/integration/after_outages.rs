//! An outage is over when Xendit answers, also where nothing is left but look-ups.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::harness::{Harness, PATIENCE, job_with, jobs, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Arrival, Fault, RequestKind};

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "5ms,10ms,20ms".parse().unwrap();
    settings
}

async fn is_open(harness: &Harness) -> bool {
    harness.queue.status().await.unwrap().breaker.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answered_look_ups_close_the_breaker_when_nothing_else_is_left() {
    let harness = Harness::start(&settings()).await;
    for number in 0..6 {
        let known = json!({ "external_id": format!("INV-{number}"), "amount": 350_000 });
        harness.bystander_creates(&known).await;
    }
    harness.fault(Fault::always(Act::status(503)));
    let _worker = harness.worker("worker");
    let looking: Vec<String> = (0..6)
        .map(|one| job_with(&format!("INV-{one}"), &json!({}), &json!({ "check_first": true })))
        .collect();
    let ids = harness.submit(&looking).await;
    harness.until("the breaker is open", is_open).await;
    harness.xendit.clear_faults();
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    assert!(!is_open(&harness).await, "every look-up was answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creates_whose_answers_were_lost_leave_no_open_breaker_behind() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::on(RequestKind::Create, Act::status(504)).after_creation());
    harness.fault(Fault::on(RequestKind::List, Act::status(503)));
    let _worker = harness.worker("worker");
    // As many as open it: no create that succeeds comes after them.
    let ids = harness.submit(&jobs("INV", 3)).await;
    harness.until("the breaker is open", is_open).await;
    let asked = harness.xendit.ledger().totals().requests;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= asked + 5).await, "it probes");
    harness.xendit.clear_faults();
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    harness.finish_follow_ups().await;
    harness.until("the breaker is closed", async |harness| !is_open(harness).await).await;
    assert_eq!(harness.xendit.summary(PATIENCE).payable.external_ids_with_one, 3);
    assert!(harness.xendit.summary(PATIENCE).payable.offenders.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn look_ups_do_not_wait_for_probes_while_only_creates_fail() {
    const LOOK_UPS: usize = 12;
    let breaker_probe = Duration::from_millis(500);
    let harness = Harness::start(&Settings { breaker_probe, ..settings() }).await;
    for number in 0..LOOK_UPS {
        let known = json!({ "external_id": format!("LOOK-{number}"), "amount": 350_000 });
        harness.bystander_creates(&known).await;
    }
    harness.fault(Fault::on(RequestKind::Create, Act::status(500)));
    let _worker = harness.worker("worker");
    harness.submit(&jobs("CREATE", 4)).await;
    harness
        .until("creates are held back", async |harness| {
            let breaker = harness.queue.status().await.unwrap().breaker;
            breaker.is_some_and(|breaker| breaker.is_for_creates)
        })
        .await;
    let looking: Vec<String> = (0..LOOK_UPS)
        .map(|one| job_with(&format!("LOOK-{one}"), &json!({}), &json!({ "check_first": true })))
        .collect();
    for id in harness.submit(&looking).await {
        assert_eq!(harness.result(&id).await["state"], "done");
    }
    let arrivals = harness.xendit.ledger().arrivals();
    let looked = |it: &Arrival| {
        it.kind == RequestKind::List
            && it.external_id.as_deref().is_some_and(|id| id.starts_with("LOOK"))
    };
    let first = arrivals.iter().position(looked).unwrap();
    let last = arrivals.iter().rposition(looked).unwrap();
    let probes = arrivals[first..=last].iter().filter(|it| it.kind == RequestKind::Create).count();
    assert!(probes <= LOOK_UPS / 3, "{probes} probes between {LOOK_UPS} look-ups");
    assert!(is_open(&harness).await, "creates still fail");
}
