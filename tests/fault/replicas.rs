//! A primary, its replica, and a claim that only one of them knows.

use antre_core::state::State;
use antre_store::status::Status;
use antre_testkit::{AppendFsync, FaultProxy, RedisServer};
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::fixture::{self, BILL, Fixture};

fn replicated() -> Conditions {
    Conditions { durability: "replicated", ..Conditions::quick() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replicated_claim_outlives_its_primary() {
    let cluster = fixture::cluster(replicated()).await;
    cluster.primary.lock().await.add_replica().await.unwrap();
    let mut fixture = Fixture::set_in(cluster).await;
    fixture.stand_after_effect().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.cluster.primary.lock().await.fail_over().await.unwrap();
    fixture.cluster.primary.lock().await.add_replica().await.unwrap();
    fixture.cluster.until("the promoted server answers", Status::is_known).await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_no_replica_confirms_is_not_sent() {
    let cluster = fixture::cluster(replicated()).await;
    let link = FaultProxy::start(cluster.primary.lock().await.server.tcp_address().unwrap())
        .await
        .unwrap();
    let replica =
        RedisServer::builder().append_only(AppendFsync::Always).replica_of(link.address());
    let _replica = replica.start().await.unwrap();
    let _worker = cluster.working().await.unwrap();
    cluster.queue.pause("test", "until it is accepted", None).await.unwrap();
    let id = cluster.submit_one(BILL).await.unwrap();
    cluster.until_field(&id, "state", "waiting").await.unwrap();
    let sent = cluster.xendit.ledger().totals().requests;
    link.stall();
    cluster.queue.resume("test").await.unwrap();
    cluster.until("claims are given back", |status| status.totals.unused >= 2).await.unwrap();
    assert_eq!(cluster.xendit.ledger().totals().requests, sent);
    link.heal();
    cluster.until_field(&id, "state", "done").await.unwrap();
    fixture::verify(&cluster).await;
    assert_eq!(cluster.count(BILL, RequestKind::Create), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_replica_that_missed_the_claim_looks_up_before_it_creates() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let link = FaultProxy::start(cluster.primary.lock().await.server.tcp_address().unwrap())
        .await
        .unwrap();
    let replica =
        RedisServer::builder().append_only(AppendFsync::Always).tcp().replica_of(link.address());
    cluster.primary.lock().await.replica = Some(replica.start().await.unwrap());
    let mut fixture = Fixture::set_in(cluster).await;
    let mut redis = fixture.cluster.redis().await.unwrap();
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
    fixture.stand_after_effect().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.cluster.primary.lock().await.fail_over().await.unwrap();
    fixture.cluster.until("the promoted server answers", Status::is_known).await.unwrap();
    assert_eq!(
        fixture.cluster.queue.job(&fixture.id).await.unwrap().unwrap().state,
        Some(State::Waiting)
    );
    fixture.cluster.queue.resume("test").await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
    assert!(fixture.look_ups() >= 1);
}
