//! The settings in force count, not those that a worker was started with.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_testkit::{Direction, FaultProxy, Flow};
use antre_tests::fleet::RunningWorker;
use antre_tests::queue::configure;
use antre_tests::stage::{Stage, job, steady_settings};

/// Three renewals even where two cores compile something else.
const SHORT: Duration = Duration::from_millis(1_200);
/// With renewals by this one, one in force would run out in between.
const LONG: Duration = Duration::from_millis(4_500);
/// How many leases the request outlasts.
const LEASES: u64 = 3;

fn with_lease(lease: Duration) -> Settings {
    Settings { lease, ..steady_settings() }
}

/// A worker whose own lease is long, and a link to Xendit that can be stalled.
async fn holder(stage: &Stage) -> (RunningWorker, FaultProxy) {
    let link = FaultProxy::start(stage.xendit.address()).await.unwrap();
    let mut account = stage.account_at(&link.http_url()).await;
    account.settings = with_lease(LONG);
    (RunningWorker::start(&stage.redis.url(), "holder", vec![account]), link)
}

/// A request of the holder outlasts several leases, while another worker would take what lapses.
async fn keeps_its_job(stage: &Stage, link: &FaultProxy) {
    link.set_flow(Direction::ToClient, Flow::Stalled);
    let id = stage.submit_one(&job("INV-1")).await;
    stage.until("the invoice is made", async |stage| stage.payable("INV-1").len() == 1).await;
    let _heir = stage.worker("heir");
    let begun_us = stage.queue.redis().time_us().await.unwrap();
    let over_us = begun_us + LEASES * u64::try_from(SHORT.as_micros()).unwrap();
    stage
        .until("the request has outlasted its lease", async |stage| {
            stage.queue.redis().time_us().await.unwrap() > over_us
        })
        .await;
    link.heal();
    assert_eq!(stage.result(&id).await["state"], "done");
    assert_eq!(stage.queue.status().await.unwrap().totals.lapsed, 0);
    assert_eq!(stage.steps("INV-1"), "C", "nobody looked for it");
}

/// Waits for the holder's next heartbeat.
async fn until_it_beats(stage: &Stage) {
    let beat =
        async |stage: &Stage| stage.queue.status().await.unwrap().workers.get("holder").cloned();
    let before = beat(stage).await;
    stage.until("it beats", async |stage| beat(stage).await != before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_with_a_longer_lease_of_its_own_renews_as_the_one_in_force_demands() {
    let stage = Stage::start(&with_lease(SHORT)).await;
    let (_holder, link) = holder(&stage).await;
    until_it_beats(&stage).await;
    configure(&stage.queue, &with_lease(SHORT)).await;
    until_it_beats(&stage).await;
    keeps_its_job(&stage, &link).await;
}
