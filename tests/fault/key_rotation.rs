//! A merchant changes his key while the fleet works: the new one is accepted by itself, the old one ends alone.

use std::time::Duration;

use antre_operating::recent_strangers;
use antre_testkit::eventually;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::worker::Worker;
use antre_tests::fleet::TEST_KEY;
use xendit_sim::{Merchant, RequestKind, Rights, SecretKey, account_of};

use crate::fixture::{self, PATIENCE};

const NEW_KEY: &str = "xnd_development_antre_tests_rotated";
const PORTION: usize = 10;

/// One merchant with two keys; the worker with the old one has billed already.
async fn with_the_old_key() -> (Cluster, Worker) {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let keys = [TEST_KEY, NEW_KEY].map(SecretKey::from);
    cluster.xendit.add_merchant(&Merchant::new("brand", keys).unwrap());
    let mut old = cluster.worker().await.unwrap().with_http();
    cluster.start_working(&mut old).await.unwrap();
    submit(&cluster, "FIRST").await;
    cluster.until("the first are done", |status| status.done >= 10).await.unwrap();
    (cluster, old)
}

async fn submit(cluster: &Cluster, prefix: &str) -> Vec<String> {
    let bills: Vec<Bill> =
        (0..PORTION).map(|number| Bill::new(format!("{prefix}-{number}"))).collect();
    cluster.submit(&bills).await.unwrap()
}

fn creates_with(cluster: &Cluster, key: &str) -> usize {
    let (key, arrivals) = (account_of(key), cluster.xendit.ledger().arrivals());
    let is_its = |it: &&xendit_sim::Arrival| {
        it.kind == RequestKind::Create && it.key.as_deref() == Some(&*key) && it.status == Some(200)
    };
    arrivals.iter().filter(is_its).count()
}

/// Gives work until the key has been used for creates that it had not been used for before.
async fn until_it_serves(cluster: &Cluster, key: &str, prefix: &str) {
    let before = creates_with(cluster, key);
    let mut portion = 0;
    while creates_with(cluster, key) == before {
        for id in submit(cluster, &format!("{prefix}-{portion}")).await {
            cluster.until_field(&id, "state", "done").await.unwrap();
        }
        portion += 1;
        assert!(portion < 50, "it never serves");
    }
}

/// Waits until the account has closed this worker, and only it; every view names it.
async fn is_closed_alone(cluster: &Cluster, worker: &mut Worker) {
    let status = cluster
        .until("a worker is closed", |status| !status.closed_workers.is_empty())
        .await
        .unwrap();
    let names: Vec<&String> = status.closed_workers.keys().collect();
    assert!(names.len() == 1 && worker.is_called(names[0]).unwrap(), "{names:?}");
    assert_eq!(status.closed_workers[names[0]].reason, "INVALID_API_KEY");
    worker.line("only this worker's requests fail").await.unwrap();
    let ready = worker.get("/readyz").await.unwrap();
    assert_eq!(ready.status, 503, "{}", ready.text);
    let health = worker.get("/rate-limiter/health").await.unwrap();
    assert!(health.text.contains("\"worker_closed\"") && health.text.contains(names[0]));
    let page = cluster.antre(&["status"]).await.unwrap();
    let named = |line: &str| line.contains("WORKER CLOSED") && line.contains(names[0].as_str());
    assert!(page.lines().any(named), "{page}");
    assert_eq!(status.totals.breaker_opened, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_key_of_the_same_merchant_is_accepted_by_itself_and_outlives_the_first() {
    let (cluster, mut old) = with_the_old_key().await;
    let mut new = cluster.newcomer(NEW_KEY).await.unwrap();
    cluster.start_working(&mut new).await.unwrap();
    let fingerprint = new.fingerprint().unwrap();
    cluster
        .until("the new key is known", |status| status.owner.keys.contains(&fingerprint))
        .await
        .unwrap();
    until_it_serves(&cluster, NEW_KEY, "BOTH").await;
    until_it_serves(&cluster, TEST_KEY, "BOTH-STILL").await;

    cluster.xendit.set_rights(TEST_KEY, Rights::Revoked);
    // The old one meets its refusal with one of these.
    eventually(PATIENCE, "the old worker is closed", async || {
        let id = cluster.submit_one(&format!("LAST-{}", cluster.submitted().len())).await.unwrap();
        cluster.until_field(&id, "state", "done").await.unwrap();
        !cluster.queue.status().await.unwrap().closed_workers.is_empty()
    })
    .await
    .unwrap();
    is_closed_alone(&cluster, &mut old).await;
    let refused = creates_with(&cluster, TEST_KEY);
    old.end().await.unwrap();
    submit(&cluster, "AFTER").await;
    fixture::verify(&cluster).await;
    assert_eq!(creates_with(&cluster, TEST_KEY), refused);
    assert_eq!(cluster.queue.status().await.unwrap().totals.breaker_opened, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_during_work_ends_its_own_worker_and_no_other() {
    let (cluster, mut old) = with_the_old_key().await;
    let mut new = cluster.newcomer(NEW_KEY).await.unwrap();
    cluster.start_working(&mut new).await.unwrap();
    until_it_serves(&cluster, NEW_KEY, "BOTH").await;
    cluster.xendit.set_latency("20ms".parse().unwrap());
    let before = creates_with(&cluster, TEST_KEY) + creates_with(&cluster, NEW_KEY);
    let bills: Vec<Bill> = (0..60).map(|number| Bill::new(format!("INV-{number}"))).collect();
    cluster.submit(&bills).await.unwrap();
    eventually(PATIENCE, "some are made", async || {
        creates_with(&cluster, TEST_KEY) + creates_with(&cluster, NEW_KEY) >= before + 10
    })
    .await
    .unwrap();
    cluster.xendit.set_rights(TEST_KEY, Rights::Revoked);
    cluster.drain(PATIENCE).await.unwrap();
    let status = cluster.queue.status().await.unwrap();
    assert_eq!((status.dead, status.totals.breaker_opened), (0, 0), "{status:?}");
    is_closed_alone(&cluster, &mut old).await;
    fixture::verify(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_may_not_read_serves_after_a_persons_word() {
    let (cluster, mut old) = with_the_old_key().await;
    cluster.xendit.set_rights(NEW_KEY, Rights::WriteOnly);
    let mut new = cluster.newcomer(NEW_KEY).await.unwrap().with_http();
    new.start().unwrap();
    cluster
        .until("it is a stranger", |status| {
            recent_strangers(status).any(|stranger| stranger.reason == "forbidden")
        })
        .await
        .unwrap();
    let ready = new.get("/readyz").await.unwrap();
    assert_eq!(ready.status, 503, "{}", ready.text);
    assert_eq!(creates_with(&cluster, NEW_KEY), 0);
    let said = cluster.antre(&["account", "accept-key", "default"]).await.unwrap();
    assert!(said.contains(&new.fingerprint().unwrap()), "{said}");
    old.end().await.unwrap();
    // It was told to ask again a minute later; the word wakes it.
    for id in submit(&cluster, "INV").await {
        cluster.until_field(&id, "state", "done").await.unwrap();
    }
    assert_eq!(creates_with(&cluster, NEW_KEY), PORTION);
    eventually(Duration::from_secs(20), "it is ready", async || {
        new.get("/readyz").await.unwrap().status == 200
    })
    .await
    .unwrap();
    fixture::verify(&cluster).await;
}
