//! A fail-over that a worker does not hear of: the old primary takes jobs on, and nothing of it is sent.

use antre_store::{operate::Cancelled, status::Status};
use antre_testkit::{AppendFsync, FaultProxy, RedisServer, eventually};
use antre_tests::chaos::arena::Arena;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;

use crate::scene;

const JOBS: usize = 5;

fn bills() -> Vec<Bill> {
    (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect()
}

/// As configured by somebody who configures nothing.
fn by_default() -> Conditions {
    Conditions { durability: "auto", ..Conditions::quick() }
}

async fn with_a_replica() -> (Arena, FaultProxy) {
    let arena = scene::arena(by_default()).await;
    let primary = arena.primary.lock().await.server.tcp_address().unwrap();
    let link = FaultProxy::start(primary).await.unwrap();
    let replica = RedisServer::builder().append_only(AppendFsync::Always).tcp();
    let replica = replica.replica_of(link.address()).start().await.unwrap();
    arena.primary.lock().await.replica = Some(replica);
    (arena, link)
}

async fn is_remembered(arena: &Arena) {
    let mut redis = arena.redis().await.unwrap();
    let config = arena.queue.keys().named("config");
    eventually(scene::PATIENCE, "the replica is known", async || {
        let seen = redis::cmd("HEXISTS").arg(&config).arg("replicated").clone();
        seen.query_async::<bool>(&mut redis.clone()).await.unwrap()
    })
    .await
    .unwrap();
    redis::cmd("PING").exec_async(&mut redis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_cut_off_sends_nothing_and_says_why() {
    let (arena, link) = with_a_replica().await;
    let mut worker = arena.worker().await.unwrap().with_http();
    arena.start_working(&mut worker).await.unwrap();
    is_remembered(&arena).await;
    let first = arena.submit_one("FIRST").await.unwrap();
    arena.until_field(&first, "state", "done").await.unwrap();

    link.cut().await;
    let sent = arena.xendit.ledger().totals().requests;
    arena.submit(&bills()).await.unwrap();
    arena
        .until("claims are given back", |status| {
            let is_unreplicated = |it: &antre_store::status::UnusedGrant| it.is_unreplicated;
            status.totals.voided >= 3 && status.unused.as_ref().is_some_and(is_unreplicated)
        })
        .await
        .unwrap();
    eventually(scene::PATIENCE * 2, "health says why", async || {
        let health = worker.get("/rate-limiter/health").await.unwrap();
        health.text.contains("\"unused_grants\"") && health.text.contains("no replica")
    })
    .await
    .unwrap();
    eventually(scene::PATIENCE, "/readyz says why", async || {
        let ready = worker.get("/readyz").await.unwrap();
        ready.status == 503 && ready.text.contains("no replica of redis confirms claims")
    })
    .await
    .unwrap();
    eventually(scene::PATIENCE, "status says why", async || {
        let page = arena.antre(&["status"]).await.unwrap();
        page.contains("NOTHING IS SENT") && page.contains("replica")
    })
    .await
    .unwrap();
    assert_eq!(arena.xendit.ledger().totals().requests, sent, "nothing was sent meanwhile");
    for bill in bills() {
        assert!(arena.xendit.invoices(&bill.external_id).is_empty());
    }

    // The replica takes over without them; whoever misses an answer submits again.
    worker.kill_and_forget().await.unwrap();
    arena.primary.lock().await.fail_over().await.unwrap();
    arena.primary.lock().await.add_replica().await.unwrap();
    arena.until("the promoted server answers", Status::is_known).await.unwrap();
    arena.forget_submitted();
    let _another = arena.working().await.unwrap();
    arena.submit(&bills()).await.unwrap();
    arena.settle(scene::PATIENCE).await.unwrap();
    for bill in bills() {
        assert_eq!(arena.payable(&bill.external_id).len(), 1, "{}", bill.external_id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_waits_for_a_replica_is_ready_again_once_nothing_waits() {
    let (arena, link) = with_a_replica().await;
    let mut worker = arena.worker().await.unwrap().with_http();
    arena.start_working(&mut worker).await.unwrap();
    is_remembered(&arena).await;
    link.cut().await;
    let id = arena.submit_one("WAITS").await.unwrap();
    let mut answers = async |status| worker.get("/readyz").await.unwrap().status == status;
    eventually(scene::PATIENCE, "it is not ready", async || answers(503).await).await.unwrap();
    eventually(scene::PATIENCE, "between two claims the job can be cancelled", async || {
        arena.queue.cancel(&id).await.unwrap() == Cancelled::Cancelled
    })
    .await
    .unwrap();
    eventually(scene::PATIENCE, "it is ready", async || answers(200).await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_worker_remembers_that_there_was_a_replica() {
    let (arena, link) = with_a_replica().await;
    let mut worker = arena.working().await.unwrap();
    is_remembered(&arena).await;
    worker.end().await.unwrap();
    link.cut().await;
    let _worker = arena.working().await.unwrap();
    let sent = arena.xendit.ledger().totals().requests;
    arena.submit(&bills()).await.unwrap();
    arena.until("claims are given back", |status| status.totals.voided >= 3).await.unwrap();
    assert_eq!(arena.xendit.ledger().totals().requests, sent);
    link.heal();
    arena.until("they are done", |status| status.done >= 5).await.unwrap();
    scene::verify(&arena).await;
}
