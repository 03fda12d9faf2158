//! A fail-over that a worker does not hear of: the old primary takes jobs on, and nothing of it is sent.

use antre_store::{operate::Cancelled, status::Status};
use antre_testkit::{AppendFsync, FaultProxy, RedisServer, eventually};
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;

use crate::fixture;

const JOBS: usize = 5;
/// More than a reply to a listener may have.
const TOO_LARGE_BYTES: usize = 5 * 1024 * 1024;

fn bills() -> Vec<Bill> {
    (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect()
}

/// As configured by somebody who configures nothing.
fn by_default() -> Conditions {
    Conditions { durability: "auto", ..Conditions::quick() }
}

async fn with_a_replica() -> (Cluster, FaultProxy) {
    let cluster = fixture::cluster(by_default()).await;
    let primary = cluster.primary.lock().await.server.tcp_address().unwrap();
    let link = FaultProxy::start(primary).await.unwrap();
    let replica = RedisServer::builder().append_only(AppendFsync::Always).tcp();
    let replica = replica.replica_of(link.address()).start().await.unwrap();
    cluster.primary.lock().await.replica = Some(replica);
    (cluster, link)
}

async fn is_remembered(cluster: &Cluster) {
    let mut redis = cluster.redis().await.unwrap();
    let pacer = cluster.queue.keys().named("pacer");
    eventually(fixture::PATIENCE, "the replica is known", async || {
        let seen = redis::cmd("HEXISTS").arg(&pacer).arg("replicated").clone();
        seen.query_async::<bool>(&mut redis.clone()).await.unwrap()
    })
    .await
    .unwrap();
    redis::cmd("PING").exec_async(&mut redis).await.unwrap();
}

/// Submits jobs that are accepted and not claimed.
async fn gather(cluster: &Cluster, bills: &[Bill]) -> Vec<String> {
    cluster.queue.pause("test", "gathers jobs", None).await.unwrap();
    let ids = cluster.submit(bills).await.unwrap();
    for id in &ids {
        cluster.until_field(id, "state", "waiting").await.unwrap();
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_cut_off_sends_nothing_and_says_why() {
    let (cluster, link) = with_a_replica().await;
    let mut worker = cluster.worker().await.unwrap().with_http();
    cluster.start_working(&mut worker).await.unwrap();
    is_remembered(&cluster).await;
    let first = cluster.submit_one("FIRST").await.unwrap();
    cluster.until_field(&first, "state", "done").await.unwrap();

    let sent = cluster.xendit.ledger().totals().requests;
    gather(&cluster, &bills()).await;
    link.cut().await;
    cluster.queue.resume("test").await.unwrap();
    cluster
        .until("claims are given back", |status| {
            let is_unreplicated = |it: &antre_store::status::UnusedGrant| it.is_unreplicated;
            status.totals.unused >= 3 && status.unused.as_ref().is_some_and(is_unreplicated)
        })
        .await
        .unwrap();
    eventually(fixture::PATIENCE * 2, "health says why", async || {
        let health = worker.get("/rate-limiter/health").await.unwrap();
        health.text.contains("\"unused_grants\"") && health.text.contains("no replica")
    })
    .await
    .unwrap();
    eventually(fixture::PATIENCE, "/readyz says why", async || {
        let ready = worker.get("/readyz").await.unwrap();
        ready.status == 503 && ready.text.contains("no replica of redis confirms claims")
    })
    .await
    .unwrap();
    eventually(fixture::PATIENCE, "status says why", async || {
        let page = cluster.antre(&["status"]).await.unwrap();
        page.contains("NOTHING IS SENT") && page.contains("replica")
    })
    .await
    .unwrap();
    assert_eq!(cluster.xendit.ledger().totals().requests, sent, "nothing was sent meanwhile");
    for bill in bills() {
        assert!(cluster.xendit.invoices(&bill.external_id).is_empty());
    }

    // The replica takes over without them; whoever misses an answer submits again.
    worker.kill_and_forget().await.unwrap();
    cluster.primary.lock().await.fail_over().await.unwrap();
    cluster.primary.lock().await.add_replica().await.unwrap();
    cluster.until("the promoted server answers", Status::is_known).await.unwrap();
    // It never heard of the end of the pause.
    cluster.queue.resume("test").await.unwrap();
    cluster.forget_submitted();
    let _another = cluster.working().await.unwrap();
    cluster.submit(&bills()).await.unwrap();
    cluster.drain(fixture::PATIENCE).await.unwrap();
    for bill in bills() {
        assert_eq!(cluster.payable(&bill.external_id).len(), 1, "{}", bill.external_id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_waits_for_a_replica_is_ready_again_once_nothing_waits() {
    let (cluster, link) = with_a_replica().await;
    let mut worker = cluster.worker().await.unwrap().with_http();
    cluster.start_working(&mut worker).await.unwrap();
    is_remembered(&cluster).await;
    let id = gather(&cluster, &[Bill::new("WAITS")]).await.remove(0);
    link.cut().await;
    cluster.queue.resume("test").await.unwrap();
    let mut answers = async |status| worker.get("/readyz").await.unwrap().status == status;
    eventually(fixture::PATIENCE, "it is not ready", async || answers(503).await).await.unwrap();
    eventually(fixture::PATIENCE, "between two claims the job can be cancelled", async || {
        cluster.queue.cancel(&id).await.unwrap() == Cancelled::Cancelled
    })
    .await
    .unwrap();
    eventually(fixture::PATIENCE, "it is ready", async || answers(200).await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_taken_in_only_once_a_replica_has_its_entry() {
    let (cluster, link) = with_a_replica().await;
    let mut worker = cluster.working().await.unwrap();
    is_remembered(&cluster).await;
    link.stall();
    let ids = cluster.submit(&bills()).await.unwrap();
    worker.line("redis: intake connection does not work").await.unwrap();
    assert_eq!(cluster.queue.inbox_length().await.unwrap(), 5, "they wait for the replica");
    for id in &ids {
        assert!(cluster.queue.job(id).await.unwrap().is_none(), "{id} was accepted");
    }
    eventually(fixture::PATIENCE, "status says why", async || {
        cluster.antre(&["status"]).await.unwrap().contains("no replica of redis confirms")
    })
    .await
    .unwrap();
    link.heal();
    for id in &ids {
        cluster.until_field(id, "state", "done").await.unwrap();
    }
    fixture::verify(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portion_behind_what_is_too_large_to_be_heard_waits_for_a_replica_as_well() {
    let (cluster, link) = with_a_replica().await;
    let mut worker = cluster.working().await.unwrap();
    is_remembered(&cluster).await;
    link.stall();
    // No listener takes it, so nobody is asked for the first entry. A script cuts it and reads what lies behind it.
    let mut too_large = redis::cmd("XADD");
    too_large
        .arg(cluster.queue.keys().inbox())
        .arg("*")
        .arg("job")
        .arg("x".repeat(TOO_LARGE_BYTES));
    too_large.exec_async(&mut cluster.redis().await.unwrap()).await.unwrap();
    let ids = cluster.submit(&bills()).await.unwrap();
    worker.line("redis: intake connection does not work").await.unwrap();
    assert_eq!(cluster.queue.inbox_length().await.unwrap(), 6, "they wait for the replica");
    for id in &ids {
        assert!(cluster.queue.job(id).await.unwrap().is_none(), "{id} was accepted");
    }
    link.heal();
    for id in &ids {
        cluster.until_field(id, "state", "done").await.unwrap();
    }
    cluster.until("the one that is too large is dead", |status| status.dead == 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_worker_remembers_that_there_was_a_replica() {
    let (cluster, link) = with_a_replica().await;
    let mut worker = cluster.working().await.unwrap();
    is_remembered(&cluster).await;
    worker.end().await.unwrap();
    link.cut().await;
    let mut worker = cluster.working().await.unwrap();
    let sent = cluster.xendit.ledger().totals().requests;
    cluster.submit(&bills()).await.unwrap();
    worker.line("redis: intake connection does not work").await.unwrap();
    assert_eq!(cluster.xendit.ledger().totals().requests, sent);
    link.heal();
    cluster.until("they are done", |status| status.done >= 5).await.unwrap();
    fixture::verify(&cluster).await;
}
