//! A worker stops in its tracks for longer than its lease and goes on later, unaware of it.

use std::time::Duration;

use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::moment::pass;
use xendit_sim::RequestKind;

use crate::scene::{self, BILL, PATIENCE, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_after_its_claim_it_sends_nothing_any_more() {
    let mut scene = Scene::set().await;
    scene.stand_after_claim().await;
    scene.victim.process().unwrap().suspend().unwrap();
    scene.victim.heal();
    let another = scene.arena.working().await.unwrap();
    scene.arena.until_field(&scene.id, "state", "done").await.unwrap();
    scene.victim.process().unwrap().resume().unwrap();
    // It is well when it works again: alone, it completes another job.
    drop(another);
    let next = scene.arena.submit_one("INV-2").await.unwrap();
    scene.arena.until_field(&next, "state", "done").await.unwrap();
    scene::verify(&scene.arena).await;
    assert_eq!(scene.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_second_invoice_is_expired() {
    let mut scene = Scene::set().await;
    scene.stand_before_arrival().await;
    scene.victim.process().unwrap().suspend().unwrap();
    let _another = scene.arena.working().await.unwrap();
    scene.arena.until_field(&scene.id, "state", "done").await.unwrap();
    // Later than any allowance: the request of the stopped worker takes effect, too.
    scene.victim.heal();
    let arena = &scene.arena;
    antre_testkit::eventually(PATIENCE, "the second invoice", async || {
        arena.xendit.invoices(BILL).len() == 2
    })
    .await
    .unwrap();
    scene.victim.process().unwrap().resume().unwrap();
    antre_testkit::eventually(PATIENCE, "one of them is expired", async || {
        arena.count(BILL, RequestKind::Expire) > 0 || arena.settle(PATIENCE).await.is_ok()
    })
    .await
    .unwrap();
    scene::verify(&scene.arena).await;
    assert_eq!(scene.arena.payable(BILL).len(), 1);
    assert_eq!(scene.arena.queue.status().await.unwrap().totals.surplus, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_before_its_finish_it_tells_what_is_known_already() {
    let mut scene = Scene::set().await;
    scene.stand_before_finish().await;
    scene.victim.redis_link.cut().await;
    scene.victim.process().unwrap().suspend().unwrap();
    scene.victim.heal();
    let another = scene.arena.working().await.unwrap();
    scene.arena.until_field(&scene.id, "state", "done").await.unwrap();
    scene.victim.process().unwrap().resume().unwrap();
    drop(another);
    let next = scene.arena.submit_one("INV-2").await.unwrap();
    scene.arena.until_field(&next, "state", "done").await.unwrap();
    scene::verify(&scene.arena).await;
    assert_eq!(scene.creates(), 1);
    assert_eq!(scene.arena.queue.status().await.unwrap().totals.surplus, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_from_redis_for_longer_than_its_lease_it_tells_what_is_known_already() {
    let mut scene = Scene::set().await;
    scene.answer_slowly().await;
    scene.victim.redis_link.cut().await;
    let another = scene.arena.working().await.unwrap();
    scene.arena.until_field(&scene.id, "state", "done").await.unwrap();
    scene.victim.heal();
    scene.victim.line("works again").await.unwrap();
    drop(another);
    let next = scene.arena.submit_one("INV-2").await.unwrap();
    scene.arena.until_field(&next, "state", "done").await.unwrap();
    scene::verify(&scene.arena).await;
    assert_eq!(scene.creates(), 1);
    assert_eq!(scene.arena.queue.status().await.unwrap().totals.surplus, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_hears_no_answers_holds_no_second_job() {
    let mut scene = Scene::set().await;
    let more: Vec<Bill> = (2..6).map(|number| Bill::new(format!("INV-{number}"))).collect();
    scene.arena.submit(&more).await.unwrap();
    scene.arena.until("all wait", |status| status.waiting_total() == 5).await.unwrap();
    scene.stand_after_claim().await;
    // Each of its commands is given up after 2 s; then it would ask again.
    pass(Duration::from_secs(5)).await;
    assert_eq!(scene.arena.queue.status().await.unwrap().running, 1);
    scene.victim.heal();
    scene::verify(&scene.arena).await;
}
