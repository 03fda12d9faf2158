//! A stop in order: what runs finishes, nothing new starts, the rest is handed over.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::{
    fleet::RunningWorker,
    harness::{Harness, PATIENCE, job, jobs, steady_settings},
};
use xendit_sim::{Act, Fault, RequestKind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_requests_finish_and_nothing_new_starts() {
    let harness = Harness::start(&steady_settings()).await;
    harness.xendit.set_latency("300ms".parse().unwrap());
    let worker = harness.worker("worker");
    harness.submit(&jobs("INV", 30)).await;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 5).await);
    worker.stop().await;

    let arrivals = ledger.arrivals();
    assert!(arrivals.iter().all(|one| one.status == Some(200) && !one.is_client_gone));
    let sent = u64::try_from(arrivals.len()).unwrap();
    assert!((5..30).contains(&sent), "{sent} of 30 were sent");
    let status = harness.queue.status().await.unwrap();
    assert_eq!((status.done, status.running), (sent, 0));
    assert_eq!(status.waiting_total() + status.inbox, 30 - sent);
    assert!(status.workers.is_empty(), "it took its heartbeat away");
}

/// Stops a worker whose only request hangs for longer than the grace time, and returns the job.
async fn stop_while_it_hangs(harness: &Harness, hang: Fault) -> String {
    harness.fault(hang.times(1));
    let grace = Duration::from_millis(200);
    let accounts = vec![harness.account()];
    let worker = RunningWorker::start_with_grace(&harness.redis.url(), "first", accounts, grace);
    let id = harness.submit_one(&job("INV-1")).await;
    assert!(harness.xendit.ledger().wait_until(PATIENCE, |totals| totals.requests >= 1).await);
    worker.stop().await;
    assert_eq!(harness.field(&id, "state").await, "waiting");
    assert_eq!(harness.field(&id, "request").await, "lookup");
    assert_ne!(harness.field(&id, "effective_until").await, "", "it may have had an effect");
    assert_eq!(harness.field(&id, "attempts").await, "0");
    id
}

fn hang() -> Fault {
    Fault::on(RequestKind::Create, Act::Hang { max_ms: 300_000 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_outlasts_the_grace_time_is_looked_up_at_once_by_another_worker() {
    // The lease and the time-out are no help: both outlast the test's patience.
    let patient = PATIENCE * 2;
    let settings = Settings { lease: patient, request_timeout: patient, ..steady_settings() };
    let harness = Harness::start(&settings).await;
    let id = stop_while_it_hangs(&harness, hang().after_creation()).await;
    let _second = harness.worker("second");
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done");
    assert_eq!(harness.steps("INV-1"), "CL");
    assert_eq!(result["invoice_id"], *harness.payable("INV-1")[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_outlasts_the_grace_time_is_not_created_again_before_its_absence_can_be_trusted() {
    let mut settings = steady_settings();
    settings.request_timeout = Duration::from_millis(1500);
    let harness = Harness::start(&settings).await;
    let id = stop_while_it_hangs(&harness, hang()).await;
    let effective_until: u64 = harness.field(&id, "effective_until").await.parse().unwrap();
    let _second = harness.worker("second");
    assert_eq!(harness.result(&id).await["state"], "done");
    let steps = harness.steps("INV-1");
    assert!(steps.starts_with("CLL") && steps.matches('C').count() == 2, "{steps}");
    let again = harness.requests("INV-1").last().unwrap().arrived_at.timestamp_millis();
    assert!(u64::try_from(again).unwrap() >= effective_until);
    assert_eq!(harness.payable("INV-1").len(), 1);
}
