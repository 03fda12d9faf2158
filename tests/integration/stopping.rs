//! A stop in order: what runs finishes, nothing new starts, the rest is handed over.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::{
    fleet::RunningWorker,
    stage::{PATIENCE, Stage, job, jobs, steady_settings},
};
use xendit_sim::{Act, Fault, RequestKind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_requests_finish_and_nothing_new_starts() {
    let stage = Stage::start(&steady_settings()).await;
    stage.xendit.set_latency("300ms".parse().unwrap());
    let worker = stage.worker("worker");
    stage.submit(&jobs("INV", 30)).await;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 5).await);
    worker.stop().await;

    let arrivals = ledger.arrivals();
    assert!(arrivals.iter().all(|one| one.status == Some(200) && !one.is_client_gone));
    let sent = u64::try_from(arrivals.len()).unwrap();
    assert!((5..30).contains(&sent), "{sent} of 30 were sent");
    let status = stage.queue.status().await.unwrap();
    assert_eq!((status.done, status.running), (sent, 0));
    assert_eq!(status.waiting_total() + status.inbox, 30 - sent);
    assert!(status.workers.is_empty(), "it took its heartbeat away");
}

/// Stops a worker whose only request hangs for longer than the grace time, and returns the job.
async fn stop_while_it_hangs(stage: &Stage, hang: Fault) -> String {
    stage.fault(hang.times(1));
    let grace = Duration::from_millis(200);
    let accounts = vec![stage.account()];
    let worker = RunningWorker::start_with_grace(&stage.redis.url(), "first", accounts, grace);
    let id = stage.submit_one(&job("INV-1")).await;
    assert!(stage.xendit.ledger().wait_until(PATIENCE, |totals| totals.requests >= 1).await);
    worker.stop().await;
    assert_eq!(stage.field(&id, "state").await, "waiting");
    assert_eq!(stage.field(&id, "step").await, "lookup");
    assert_ne!(stage.field(&id, "effective_until").await, "", "it may have had an effect");
    assert_eq!(stage.field(&id, "attempts").await, "0");
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
    let stage = Stage::start(&settings).await;
    let id = stop_while_it_hangs(&stage, hang().after_creation()).await;
    let _second = stage.worker("second");
    let result = stage.result(&id).await;
    assert_eq!(result["state"], "done");
    assert_eq!(stage.steps("INV-1"), "CL");
    assert_eq!(result["invoice_id"], *stage.payable("INV-1")[0].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_outlasts_the_grace_time_is_not_created_again_before_it_has_settled() {
    let mut settings = steady_settings();
    settings.request_timeout = Duration::from_millis(1500);
    let stage = Stage::start(&settings).await;
    let id = stop_while_it_hangs(&stage, hang()).await;
    let effective_until: u64 = stage.field(&id, "effective_until").await.parse().unwrap();
    let _second = stage.worker("second");
    assert_eq!(stage.result(&id).await["state"], "done");
    let steps = stage.steps("INV-1");
    assert!(steps.starts_with("CLL") && steps.matches('C').count() == 2, "{steps}");
    let again = stage.requests("INV-1").last().unwrap().arrived_at.timestamp_millis();
    assert!(u64::try_from(again).unwrap() >= effective_until);
    assert_eq!(stage.payable("INV-1").len(), 1);
}
