//! A bill with two invoices of ours: the paid one stays, else the oldest; the others are expired.

use antre_tests::harness::{Harness, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::Status;

/// Starts a job whose bill has two invoices with our mark already; `pay` chooses one to be paid.
async fn with_two_invoices(
    pay: impl FnOnce([&str; 2]) -> Option<&str>,
) -> (Harness, String, [String; 2]) {
    let harness = Harness::start(&steady_settings()).await;
    harness.queue.pause("tester", "until both were made", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = harness.submit_one(&looking).await;
    let ours = json!({ "external_id": "INV-1", "amount": 350_000,
        "metadata": { "antre_job": format!("default/{id}") } });
    let older = harness.bystander_creates(&ours).await;
    let newer = harness.bystander_creates(&ours).await;
    if let Some(paid) = pay([&older, &newer]) {
        harness.xendit.pay(paid).unwrap();
    }
    harness.queue.resume("tester").await.unwrap();
    (harness, id, [older, newer])
}

async fn result_once_the_surplus_is_gone(harness: &Harness, id: &str) -> Value {
    let _worker = harness.worker("worker");
    let result = harness.result(id).await;
    harness.until("one is left", async |harness| harness.payable("INV-1").len() == 1).await;
    harness
        .until("no follow-up is left", async |harness| {
            harness.queue.status().await.unwrap().follow_ups == 0
        })
        .await;
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_of_two_is_adopted_and_the_other_expired() {
    let (harness, id, [older, newer]) = with_two_invoices(|_| None).await;
    let result = result_once_the_surplus_is_gone(&harness, &id).await;
    assert_eq!(result["invoice_id"], older);
    let invoices = harness.xendit.invoices("INV-1");
    assert_eq!((&*invoices[1].id, invoices[1].status), (newer.as_str(), Status::Expired));
    assert_eq!(harness.steps("INV-1"), "CCLX");
    assert_eq!(harness.queue.status().await.unwrap().totals.surplus, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_paid_one_of_two_is_adopted_although_it_is_the_newer() {
    let (harness, id, [older, newer]) = with_two_invoices(|[_, newer]| Some(newer)).await;
    let result = result_once_the_surplus_is_gone(&harness, &id).await;
    assert_eq!(
        (&result["invoice_id"], &result["response"]["status"]),
        (&newer.into(), &"PAID".into())
    );
    let invoices = harness.xendit.invoices("INV-1");
    assert_eq!((&*invoices[0].id, invoices[0].status), (older.as_str(), Status::Expired));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unpaid_one_with_another_amount_is_expired_before_the_bill_gets_its_own() {
    let harness = Harness::start(&steady_settings()).await;
    harness.queue.pause("tester", "until it was made", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = harness.submit_one(&looking).await;
    let mark = format!("default/{id}");
    let other =
        json!({ "external_id": "INV-1", "amount": 1_000, "metadata": { "antre_job": mark } });
    let other = harness.bystander_creates(&other).await;
    harness.queue.resume("tester").await.unwrap();
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_ne!(result["invoice_id"], other);
    assert_eq!(harness.steps("INV-1"), "CLXLC");
    assert_eq!(harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_one_with_another_amount_ends_the_job_for_a_person() {
    let harness = Harness::start(&steady_settings()).await;
    harness.queue.pause("tester", "until it was paid", None).await.unwrap();
    let looking = job_with("INV-1", &json!({}), &json!({ "check_first": true }));
    let id = harness.submit_one(&looking).await;
    let mark = format!("default/{id}");
    let other =
        json!({ "external_id": "INV-1", "amount": 1_000, "metadata": { "antre_job": mark } });
    let other = harness.bystander_creates(&other).await;
    harness.xendit.pay(&other).unwrap();
    harness.queue.resume("tester").await.unwrap();
    let _worker = harness.worker("worker");
    let result = harness.result(&id).await;
    assert_eq!(result["error"]["code"], "paid_other_amount", "{result}");
    assert_eq!(harness.steps("INV-1"), "CL");
}
