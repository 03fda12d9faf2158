//! A primary, its replica, and a claim that only one of them knows.

use antre_core::state::State;
use antre_store::status::Status;
use antre_testkit::{AppendFsync, FaultProxy, RedisServer};
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::scene::{self, BILL, Scene};

fn replicated() -> Conditions {
    Conditions { durability: "replicated", ..Conditions::quick() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replicated_claim_outlives_its_primary() {
    let arena = scene::arena(replicated()).await;
    arena.primary.lock().await.add_replica().await.unwrap();
    let mut scene = Scene::set_in(arena).await;
    scene.stand_after_effect().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.arena.primary.lock().await.fail_over().await.unwrap();
    scene.arena.primary.lock().await.add_replica().await.unwrap();
    scene.arena.until("the promoted server answers", Status::is_known).await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_no_replica_confirms_is_not_sent() {
    let arena = scene::arena(replicated()).await;
    let link =
        FaultProxy::start(arena.primary.lock().await.server.tcp_address().unwrap()).await.unwrap();
    let replica =
        RedisServer::builder().append_only(AppendFsync::Always).replica_of(link.address());
    let _replica = replica.start().await.unwrap();
    link.stall();
    let _worker = arena.working().await.unwrap();
    let id = arena.submit_one(BILL).await.unwrap();
    arena.until("claims are given back", |status| status.totals.voided >= 2).await.unwrap();
    assert_eq!(arena.xendit.ledger().totals().requests, 0);
    link.heal();
    arena.until_field(&id, "state", "done").await.unwrap();
    scene::verify(&arena).await;
    assert_eq!(arena.count(BILL, RequestKind::Create), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_replica_that_missed_the_claim_looks_up_before_it_creates() {
    let arena = scene::arena(Conditions::quick()).await;
    let link =
        FaultProxy::start(arena.primary.lock().await.server.tcp_address().unwrap()).await.unwrap();
    let replica =
        RedisServer::builder().append_only(AppendFsync::Always).tcp().replica_of(link.address());
    arena.primary.lock().await.replica = Some(replica.start().await.unwrap());
    let mut scene = Scene::set_in(arena).await;
    let mut redis = scene.arena.redis().await.unwrap();
    let (_, confirmed): (String, u32) = redis::pipe()
        .cmd("SET")
        .arg("until-here")
        .arg("1")
        .cmd("WAIT")
        .arg(1)
        .arg(5_000)
        .query_async(&mut redis)
        .await
        .unwrap();
    assert_eq!(confirmed, 1);
    link.stall();
    scene.stand_after_effect().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.arena.primary.lock().await.fail_over().await.unwrap();
    scene.arena.until("the promoted server answers", Status::is_known).await.unwrap();
    assert_eq!(
        scene.arena.queue.job(&scene.id).await.unwrap().unwrap().state,
        Some(State::Waiting)
    );
    scene.arena.queue.resume("test").await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
    assert!(scene.look_ups() >= 1);
}
