//! A lease is renewed for as long as its request takes, however short the lease is.

use std::time::Duration;

use antre_testkit::{Direction, FaultProxy, Flow};
use antre_tests::fleet::RunningWorker;
use antre_tests::stage::{Stage, job, steady_settings};

/// Three renewals even where two cores compile something else.
const LEASE: Duration = Duration::from_millis(1_200);
/// How many leases the request outlasts.
const LEASES: u64 = 3;

/// Returns when the lease of job `id` runs out, in milliseconds of Redis' clock.
async fn lease_end_ms(stage: &Stage, id: &str) -> Option<u64> {
    let mut connection = stage.redis.connect().await.unwrap();
    let leases = stage.queue.keys().named("leases");
    redis::cmd("ZSCORE").arg(leases).arg(id).query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_outlasts_its_lease_keeps_its_job() {
    let mut settings = steady_settings();
    settings.lease = LEASE;
    let stage = Stage::start(&settings).await;
    let link = FaultProxy::start(stage.xendit.address()).await.unwrap();
    let mut account = stage.account();
    account.client.base_url = link.http_url();
    account.settings = settings;
    let _holder = RunningWorker::start(&stage.redis.url(), "holder", vec![account.clone()]);
    stage.until_known(&account).await;
    link.set_flow(Direction::ToClient, Flow::Stalled);
    let id = stage.submit_one(&job("INV-1")).await;
    stage.until("the invoice is made", async |stage| stage.payable("INV-1").len() == 1).await;
    // It takes what lapses.
    let _heir = stage.worker("heir");
    let first_end_ms = lease_end_ms(&stage, &id).await.unwrap();
    let over_ms = first_end_ms + (LEASES - 1) * u64::try_from(LEASE.as_millis()).unwrap();
    stage
        .until("the request has outlasted its lease", async |stage| {
            stage.queue.redis().time_us().await.unwrap() > over_ms * 1_000
        })
        .await;
    assert_eq!(stage.field(&id, "state").await, "running");
    assert!(lease_end_ms(&stage, &id).await.unwrap() > first_end_ms);
    stage
        .until("people hear that an answer is waited for", async |stage| {
            let notices = stage.queue.status().await.unwrap().notices();
            notices.iter().any(|it| it.code == "answers_late" && it.text.contains("holder"))
        })
        .await;
    link.heal();
    assert_eq!(stage.result(&id).await["state"], "done");
    assert_eq!(stage.queue.status().await.unwrap().totals.lapsed, 0);
    assert_eq!(stage.steps("INV-1"), "C", "nobody looked for it");
}
