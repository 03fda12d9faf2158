//! A lease is renewed for as long as its request takes, however short the lease is.

use std::time::Duration;

use antre_operating::notices;
use antre_testkit::{Direction, FaultProxy, Flow};
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, steady_settings};

/// Three renewals even where two cores compile something else.
const LEASE: Duration = Duration::from_millis(1_200);
/// How many leases the request outlasts.
const LEASES: u64 = 3;

/// Returns when the lease of job `id` runs out, in milliseconds of Redis' clock.
async fn lease_end_ms(harness: &Harness, id: &str) -> Option<u64> {
    let mut connection = harness.redis.connect().await.unwrap();
    let leases = harness.queue.keys().named("leases");
    redis::cmd("ZSCORE").arg(leases).arg(id).query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_outlasts_its_lease_keeps_its_job() {
    let mut settings = steady_settings();
    settings.lease = LEASE;
    let harness = Harness::start(&settings).await;
    let link = FaultProxy::start(harness.xendit.address()).await.unwrap();
    let mut account = harness.account();
    account.client.base_url = link.http_url();
    account.settings = settings;
    let _holder = RunningWorker::start(&harness.redis.url(), "holder", vec![account.clone()]);
    harness.until_known(&account).await;
    link.set_flow(Direction::ToClient, Flow::Stalled);
    let id = harness.submit_one(&job("INV-1")).await;
    harness.until("the invoice is made", async |harness| harness.payable("INV-1").len() == 1).await;
    // It takes what lapses.
    let _heir = harness.worker("heir");
    let first_end_ms = lease_end_ms(&harness, &id).await.unwrap();
    let over_ms = first_end_ms + (LEASES - 1) * u64::try_from(LEASE.as_millis()).unwrap();
    harness
        .until("the request has outlasted its lease", async |harness| {
            harness.queue.redis().time_us().await.unwrap() > over_ms * 1_000
        })
        .await;
    assert_eq!(harness.field(&id, "state").await, "running");
    assert!(lease_end_ms(&harness, &id).await.unwrap() > first_end_ms);
    harness
        .until("people hear that an answer is waited for", async |harness| {
            let notices = notices(&harness.queue.status().await.unwrap());
            notices.iter().any(|it| it.code == "answers_late" && it.text.contains("holder"))
        })
        .await;
    link.heal();
    assert_eq!(harness.result(&id).await["state"], "done");
    assert_eq!(harness.queue.status().await.unwrap().totals.lapsed, 0);
    assert_eq!(harness.steps("INV-1"), "C", "nobody looked for it");
}
