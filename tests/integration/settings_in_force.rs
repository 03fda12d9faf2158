//! The settings in force count, not those that a worker was started with.

use std::time::Duration;

use antre_store::settings::Settings;
use antre_testkit::{Direction, FaultProxy, Flow, queue::configure};
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, steady_settings};

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
async fn holder(harness: &Harness) -> (RunningWorker, FaultProxy) {
    let link = FaultProxy::start(harness.xendit.address()).await.unwrap();
    let mut account = harness.account_at(&link.http_url()).await;
    account.settings = with_lease(LONG);
    (RunningWorker::start(&harness.redis.url(), "holder", vec![account]), link)
}

/// A request of the holder outlasts several leases, while another worker would take what lapses.
async fn keeps_its_job(harness: &Harness, link: &FaultProxy) {
    link.set_flow(Direction::ToClient, Flow::Stalled);
    let id = harness.submit_one(&job("INV-1")).await;
    harness.until("the invoice is made", async |harness| harness.payable("INV-1").len() == 1).await;
    let _heir = harness.worker("heir");
    let begun_us = harness.queue.redis().time_us().await.unwrap();
    let over_us = begun_us + LEASES * u64::try_from(SHORT.as_micros()).unwrap();
    harness
        .until("the request has outlasted its lease", async |harness| {
            harness.queue.redis().time_us().await.unwrap() > over_us
        })
        .await;
    link.heal();
    assert_eq!(harness.result(&id).await["state"], "done");
    assert_eq!(harness.queue.status().await.unwrap().totals.lapsed, 0);
    assert_eq!(harness.steps("INV-1"), "C", "nobody looked for it");
}

/// Waits for the holder's next heartbeat.
async fn until_it_beats(harness: &Harness) {
    let beat = async |harness: &Harness| {
        harness.queue.status().await.unwrap().workers.get("holder").cloned()
    };
    let before = beat(harness).await;
    harness.until("it beats", async |harness| beat(harness).await != before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_with_a_longer_lease_of_its_own_renews_as_the_one_in_force_demands() {
    let harness = Harness::start(&with_lease(SHORT)).await;
    let (_holder, link) = holder(&harness).await;
    until_it_beats(&harness).await;
    configure(&harness.queue, &with_lease(SHORT)).await;
    until_it_beats(&harness).await;
    keeps_its_job(&harness, &link).await;
}

/// A key at another address is another one, until Xendit shows whose it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_key_turns_out_to_be_the_accounts_puts_its_settings_in_force() {
    let harness = Harness::start(&steady_settings()).await;
    let link = FaultProxy::start(harness.xendit.address()).await.unwrap();
    let mut account = harness.account();
    account.client.base_url = link.http_url();
    account.settings.limits = "7000/1s".parse().unwrap();
    let wanted = Some(account.settings.limits.clone());
    let _worker = RunningWorker::start(&harness.redis.url(), "newcomer", vec![account]);
    harness
        .until("its limits are in force", async |harness| {
            harness.queue.status().await.unwrap().in_force.is_some_and(|it| it.limits == wanted)
        })
        .await;
}
