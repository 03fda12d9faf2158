//! A worker stops in its tracks for longer than its lease and goes on later, unaware of it.

use std::time::Duration;

use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::moment::pass;
use xendit_sim::RequestKind;

use crate::fixture::{self, BILL, Fixture, PATIENCE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_after_its_claim_it_sends_nothing_any_more() {
    let mut fixture = Fixture::set().await;
    fixture.stand_after_claim().await;
    fixture.victim.process().unwrap().suspend().unwrap();
    fixture.victim.heal();
    let another = fixture.cluster.working().await.unwrap();
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    fixture.victim.process().unwrap().resume().unwrap();
    // It is well when it works again: alone, it completes another job.
    drop(another);
    let next = fixture.cluster.submit_one("INV-2").await.unwrap();
    fixture.cluster.until_field(&next, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!(fixture.creates(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_second_invoice_is_expired() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_arrival().await;
    fixture.victim.process().unwrap().suspend().unwrap();
    let _another = fixture.cluster.working().await.unwrap();
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    // Later than any allowance: the request of the stopped worker takes effect, too.
    fixture.victim.heal();
    let cluster = &fixture.cluster;
    antre_testkit::eventually(PATIENCE, "the second invoice", async || {
        cluster.xendit.invoices(BILL).len() == 2
    })
    .await
    .unwrap();
    fixture.victim.process().unwrap().resume().unwrap();
    antre_testkit::eventually(PATIENCE, "one of them is expired", async || {
        cluster.count(BILL, RequestKind::Expire) > 0 || cluster.drain(PATIENCE).await.is_ok()
    })
    .await
    .unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!(fixture.cluster.payable(BILL).len(), 1);
    assert_eq!(fixture.cluster.queue.status().await.unwrap().totals.surplus, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_before_its_finish_it_tells_what_is_known_already() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_finish().await;
    fixture.victim.redis_link.cut().await;
    fixture.victim.process().unwrap().suspend().unwrap();
    fixture.victim.heal();
    let another = fixture.cluster.working().await.unwrap();
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    fixture.victim.process().unwrap().resume().unwrap();
    drop(another);
    let next = fixture.cluster.submit_one("INV-2").await.unwrap();
    fixture.cluster.until_field(&next, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!(fixture.creates(), 1);
    assert_eq!(fixture.cluster.queue.status().await.unwrap().totals.surplus, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_from_redis_for_longer_than_its_lease_it_tells_what_is_known_already() {
    let mut fixture = Fixture::set().await;
    fixture.answer_slowly().await;
    fixture.victim.redis_link.cut().await;
    let another = fixture.cluster.working().await.unwrap();
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    fixture.victim.heal();
    fixture.victim.line("works again").await.unwrap();
    drop(another);
    let next = fixture.cluster.submit_one("INV-2").await.unwrap();
    fixture.cluster.until_field(&next, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!(fixture.creates(), 1);
    assert_eq!(fixture.cluster.queue.status().await.unwrap().totals.surplus, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_hears_no_answers_holds_no_second_job() {
    let mut fixture = Fixture::set().await;
    let more: Vec<Bill> = (2..6).map(|number| Bill::new(format!("INV-{number}"))).collect();
    fixture.cluster.submit(&more).await.unwrap();
    fixture.cluster.until("all wait", |status| status.waiting_total() == 5).await.unwrap();
    fixture.stand_after_claim().await;
    // Each of its commands is given up after 2 s; then it would ask again.
    pass(Duration::from_secs(5)).await;
    assert_eq!(fixture.cluster.queue.status().await.unwrap().running, 1);
    fixture.victim.heal();
    fixture::verify(&fixture.cluster).await;
}
