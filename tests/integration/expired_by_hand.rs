//! An invoice that a person expired in Xendit's dashboard: `check_first` bills it again.

use antre_core::state::State;
use antre_tests::fleet::RunningWorker;
use antre_tests::stage::{Stage, job, job_with, jobs, steady_settings};
use serde_json::{Value, json};

const BILL: &str = "INV-1";

fn looking(invoice: &Value) -> String {
    job_with(BILL, invoice, &json!({ "check_first": true }))
}

/// A worker, and a bill that is done.
async fn billed() -> (Stage, RunningWorker, Value) {
    let stage = Stage::start(&steady_settings()).await;
    let worker = stage.worker("worker");
    let id = stage.submit_one(&job(BILL)).await;
    let first = stage.result(&id).await;
    assert_eq!(first["state"], "done", "{first}");
    (stage, worker, first)
}

async fn bills(stage: &Stage, job: &str) -> Value {
    let id = stage.submit_one(job).await;
    stage.result(&id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_makes_a_new_invoice_for_one_that_was_expired_by_hand() {
    let (stage, _worker, first) = billed().await;
    stage.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&stage, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_ne!(again["invoice_id"], first["invoice_id"]);
    assert_eq!(stage.steps(BILL), "CLC");
    let payable = stage.payable(BILL);
    assert_eq!((payable.len(), &again["invoice_id"]), (1, &json!(payable[0].id)));
    let plain = bills(&stage, &job(BILL)).await;
    assert_eq!(plain["invoice_id"], again["invoice_id"], "the bill has the new link");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_may_be_billed_once_the_first_is_expired_by_hand() {
    let (stage, _worker, first) = billed().await;
    stage.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&stage, &looking(&json!({ "amount": 400_000 }))).await;
    assert_eq!((&again["state"], &again["amount"]), (&json!("done"), &json!(400_000)), "{again}");
    assert_eq!(stage.payable(BILL).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_finds_the_link_that_can_still_be_paid() {
    let (stage, _worker, first) = billed().await;
    let again = bills(&stage, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(again["invoice_url"], first["invoice_url"]);
    assert_eq!(stage.steps(BILL), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_that_can_still_be_paid_is_a_conflict_and_the_bill_keeps_its_link() {
    let (stage, _worker, first) = billed().await;
    let again = bills(&stage, &looking(&json!({ "amount": 400_000 }))).await;
    assert_eq!((&again["state"], &again["error"]["code"]), (&json!("dead"), &json!("conflict")));
    let bill = stage.queue.bill(BILL).await.unwrap().unwrap();
    assert_eq!(
        (bill.ended, json!(bill.invoice.id)),
        (Some(State::Done), first["invoice_id"].clone())
    );
    let plain = bills(&stage, &job(BILL)).await;
    assert_eq!(plain["invoice_url"], first["invoice_url"]);
    assert_eq!((stage.steps(BILL).as_str(), stage.payable(BILL).len()), ("CL", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_finds_the_link_that_was_paid() {
    let (stage, _worker, first) = billed().await;
    stage.xendit.pay(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&stage, &looking(&json!({}))).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(again["invoice_id"], first["invoice_id"]);
    assert_eq!(stage.steps(BILL), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_check_first_nothing_is_asked() {
    let (stage, _worker, first) = billed().await;
    stage.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let again = bills(&stage, &job(BILL)).await;
    assert_eq!(again["invoice_url"], first["invoice_url"]);
    assert_eq!(stage.steps(BILL), "C");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_that_looks_at_many_bills_again_makes_only_what_is_missing() {
    let stage = Stage::start(&steady_settings()).await;
    let _workers = [stage.worker("one"), stage.worker("two")];
    let ids = stage.submit(&jobs("INV", 10)).await;
    for id in &ids {
        assert_eq!(stage.result(id).await["state"], "done");
    }
    for number in (0..10).step_by(2) {
        assert_eq!(stage.xendit.expire_all_by_hand(&format!("INV-{number}")).len(), 1);
    }
    let again: Vec<String> = (0..10)
        .map(|number| {
            let name = format!("INV-{number}");
            job_with(&name, &json!({}), &json!({ "check_first": true }))
        })
        .collect();
    for id in stage.submit(&again).await {
        assert_eq!(stage.result(&id).await["state"], "done");
    }
    for number in 0..10 {
        let name = format!("INV-{number}");
        let made = if number % 2 == 0 { 2 } else { 1 };
        let found = (stage.payable(&name).len(), stage.xendit.invoices(&name).len());
        assert_eq!(found, (1, made), "{name}");
    }
}
