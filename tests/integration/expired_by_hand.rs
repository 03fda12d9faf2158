//! An invoice that a person expired in Xendit's dashboard: `check_first` bills it again.

use antre_core::state::State;
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, job_with, jobs, steady_settings};
use serde_json::{Value, json};

const BILL: &str = "INV-1";

fn looking(invoice: &Value) -> String {
    job_with(BILL, invoice, &json!({ "check_first": true }))
}

/// A worker, and a bill that is done.
async fn billed() -> (Harness, RunningWorker, Value) {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    let first = harness.result(&id).await;
    assert_eq!(first["state"], "done", "{first}");
    (harness, worker, first)
}

async fn bills(harness: &Harness, job: &str) -> Value {
    let id = harness.submit_one(job).await;
    harness.result(&id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_makes_a_new_invoice_for_one_that_was_expired_by_hand() {
    let (harness, _worker, first) = billed().await;
    harness.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&harness, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_ne!(again["invoice_id"], first["invoice_id"]);
    assert_eq!(harness.steps(BILL), "CLC");
    let payable = harness.payable(BILL);
    assert_eq!((payable.len(), &again["invoice_id"]), (1, &json!(payable[0].id)));
    let plain = bills(&harness, &job(BILL)).await;
    assert_eq!(plain["invoice_id"], again["invoice_id"], "the bill has the new link");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_may_be_billed_once_the_first_is_expired_by_hand() {
    let (harness, _worker, first) = billed().await;
    harness.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&harness, &looking(&json!({ "amount": 400_000 }))).await;
    assert_eq!((&again["state"], &again["amount"]), (&json!("done"), &json!(400_000)), "{again}");
    assert_eq!(harness.payable(BILL).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_finds_the_link_that_can_still_be_paid() {
    let (harness, _worker, first) = billed().await;
    let again = bills(&harness, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(again["invoice_url"], first["invoice_url"]);
    assert_eq!(harness.steps(BILL), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_that_can_still_be_paid_is_a_conflict_and_the_bill_keeps_its_link() {
    let (harness, _worker, first) = billed().await;
    let again = bills(&harness, &looking(&json!({ "amount": 400_000 }))).await;
    assert_eq!((&again["state"], &again["error"]["code"]), (&json!("dead"), &json!("conflict")));
    let bill = harness.queue.bill(BILL).await.unwrap().unwrap();
    assert_eq!(
        (bill.ended, json!(bill.invoice.id)),
        (Some(State::Done), first["invoice_id"].clone())
    );
    let plain = bills(&harness, &job(BILL)).await;
    assert_eq!(plain["invoice_url"], first["invoice_url"]);
    assert_eq!((harness.steps(BILL).as_str(), harness.payable(BILL).len()), ("CL", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_finds_the_link_that_was_paid() {
    let (harness, _worker, first) = billed().await;
    harness.xendit.pay(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&harness, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(again["invoice_id"], first["invoice_id"]);
    assert_eq!(harness.steps(BILL), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_check_first_nothing_is_asked() {
    let (harness, _worker, first) = billed().await;
    harness.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&harness, &job(BILL)).await;
    assert_eq!(again["invoice_url"], first["invoice_url"]);
    assert_eq!(harness.steps(BILL), "C");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_that_looks_at_many_bills_again_makes_only_what_is_missing() {
    let harness = Harness::start(&steady_settings()).await;
    let _workers = [harness.worker("one"), harness.worker("two")];
    let ids = harness.submit(&jobs("INV", 10)).await;
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    for number in (0..10).step_by(2) {
        assert_eq!(harness.xendit.expire_all_by_hand(&format!("INV-{number}")).len(), 1);
    }
    let again: Vec<String> = (0..10)
        .map(|number| {
            let name = format!("INV-{number}");
            job_with(&name, &json!({}), &json!({ "check_first": true }))
        })
        .collect();
    for id in harness.submit(&again).await {
        assert_eq!(harness.result(&id).await["state"], "done");
    }
    for number in 0..10 {
        let name = format!("INV-{number}");
        let made = if number % 2 == 0 { 2 } else { 1 };
        let found = (harness.payable(&name).len(), harness.xendit.invoices(&name).len());
        assert_eq!(found, (1, made), "{name}");
    }
}
