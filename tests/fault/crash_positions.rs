//! A worker is killed at each step around its request; another one completes the job.

use antre_testkit::{Direction, Flow};
use antre_tests::chaos::conditions::Conditions;

use crate::fixture::{self, BILL, Fixture};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_accepting_leaves_the_job_in_the_inbox() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let mut victim = cluster.working().await.unwrap();
    victim.redis_link.set_flow(Direction::ToServer, Flow::Stalled);
    let id = cluster.submit_one(BILL).await.unwrap();
    victim.kill_and_forget().await.unwrap();
    assert_eq!(cluster.queue.inbox_length().await.unwrap(), 1);
    let fixture = Fixture { cluster, victim, id };
    fixture.another_worker_completes().await;
    assert_eq!((fixture.creates(), fixture.look_ups()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_claim_leaves_the_job_waiting() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_claim().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!((fixture.creates(), fixture.look_ups()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_its_claim_the_job_is_looked_up_and_then_created() {
    let mut fixture = Fixture::set().await;
    fixture.stand_after_claim().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
    assert!(fixture.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_request_arrives_the_job_is_looked_up_and_then_created() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_arrival().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
    assert!(fixture.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_arrives_after_its_worker_was_killed_is_found() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_arrival().await;
    fixture.victim.kill().unwrap();
    fixture.victim.heal();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
    assert!(fixture.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_answer_the_invoice_is_found() {
    let mut fixture = Fixture::set().await;
    fixture.stand_after_effect().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_finish_the_invoice_is_found() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_finish().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finish_that_arrives_after_its_worker_was_killed_counts() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_finish().await;
    fixture.victim.kill().unwrap();
    fixture.victim.heal();
    fixture.another_worker_completes().await;
    assert_eq!(fixture.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_its_finish_nothing_is_left_to_do() {
    let mut fixture = Fixture::set().await;
    fixture.stand_after_finish().await;
    fixture.victim.kill_and_forget().await.unwrap();
    fixture.another_worker_completes().await;
    assert_eq!((fixture.creates(), fixture.look_ups()), (1, 0));
}
