//! A worker is killed at each step around its request; another one completes the job.

use antre_testkit::{Direction, Flow};
use antre_tests::chaos::conditions::Conditions;

use crate::scene::{self, BILL, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_accepting_leaves_the_job_in_the_inbox() {
    let arena = scene::arena(Conditions::quick()).await;
    let mut victim = arena.working().await.unwrap();
    victim.redis_link.set_flow(Direction::ToServer, Flow::Stalled);
    let id = arena.submit_one(BILL).await.unwrap();
    victim.kill_and_forget().await.unwrap();
    assert_eq!(arena.queue.inbox_length().await.unwrap(), 1);
    let scene = Scene { arena, victim, id };
    scene.another_worker_completes().await;
    assert_eq!((scene.creates(), scene.look_ups()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_claim_leaves_the_job_waiting() {
    let mut scene = Scene::set().await;
    scene.stand_before_claim().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!((scene.creates(), scene.look_ups()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_its_claim_the_job_is_looked_up_and_then_created() {
    let mut scene = Scene::set().await;
    scene.stand_after_claim().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
    assert!(scene.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_request_arrives_the_job_is_looked_up_and_then_created() {
    let mut scene = Scene::set().await;
    scene.stand_before_arrival().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
    assert!(scene.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_arrives_after_its_worker_was_killed_is_found() {
    let mut scene = Scene::set().await;
    scene.stand_before_arrival().await;
    scene.victim.kill().unwrap();
    scene.victim.heal();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
    assert!(scene.look_ups() >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_answer_the_invoice_is_found() {
    let mut scene = Scene::set().await;
    scene.stand_after_effect().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_finish_the_invoice_is_found() {
    let mut scene = Scene::set().await;
    scene.stand_before_finish().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finish_that_arrives_after_its_worker_was_killed_counts() {
    let mut scene = Scene::set().await;
    scene.stand_before_finish().await;
    scene.victim.kill().unwrap();
    scene.victim.heal();
    scene.another_worker_completes().await;
    assert_eq!(scene.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_its_finish_nothing_is_left_to_do() {
    let mut scene = Scene::set().await;
    scene.stand_after_finish().await;
    scene.victim.kill_and_forget().await.unwrap();
    scene.another_worker_completes().await;
    assert_eq!((scene.creates(), scene.look_ups()), (1, 0));
}
