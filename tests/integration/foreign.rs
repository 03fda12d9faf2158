//! Invoices that Antre did not make: adopted under `check_first` if they agree, never touched.

use antre_tests::harness::{Harness, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::Status;

const CUSTOMER: &str = "budi@example.com";

fn foreign(amount: u64) -> Value {
    json!({ "external_id": "INV-1", "amount": amount, "customer": { "email": CUSTOMER } })
}

fn checked(email: &str) -> String {
    let customer = json!({ "customer": { "email": email } });
    job_with("INV-1", &customer, &json!({ "check_first": true }))
}

fn warning_codes(result: &Value) -> Vec<&str> {
    let warnings = result["warnings"].as_array().unwrap();
    warnings.iter().filter_map(|warning| warning["code"].as_str()).collect()
}

/// Submits the job when Xendit has the invoice, and returns the job's result and the invoice's id.
async fn submit_after(invoice: &Value, job: &str) -> (Harness, Value, String) {
    let harness = Harness::start(&steady_settings()).await;
    let found = harness.bystander_creates(invoice).await;
    let _worker = harness.worker("worker");
    let id = harness.submit_one(job).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    (harness, result, found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_adopts_a_foreign_invoice_that_agrees() {
    let (harness, result, found) = submit_after(&foreign(350_000), &checked(CUSTOMER)).await;
    assert_eq!(result["invoice_id"], found);
    assert_eq!(warning_codes(&result), ["adopted_foreign"]);
    assert_eq!(harness.steps("INV-1"), "CL", "the first create is the bystander's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_invoice_with_another_amount_is_left_alone_and_reported() {
    let (harness, result, found) = submit_after(&foreign(99_000), &checked(CUSTOMER)).await;
    assert_ne!(result["invoice_id"], found);
    assert_eq!(warning_codes(&result), ["foreign_invoice"]);
    assert!(result["warnings"][0]["message"].as_str().unwrap().contains(&found));
    assert_eq!(harness.steps("INV-1"), "CLC");
    let both = harness.xendit.invoices("INV-1");
    assert!(both.iter().all(|invoice| invoice.status == Status::Pending), "{both:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_invoice_of_another_customer_is_not_adopted() {
    let (harness, result, found) =
        submit_after(&foreign(350_000), &checked("siti@example.com")).await;
    assert_ne!(result["invoice_id"], found);
    assert_eq!(warning_codes(&result), ["foreign_invoice"]);
    assert_eq!(harness.payable("INV-1").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_check_first_nobody_looks() {
    let plain = job_with("INV-1", &json!({}), &json!({}));
    let (harness, result, found) = submit_after(&foreign(350_000), &plain).await;
    assert_ne!(result["invoice_id"], found);
    assert_eq!(harness.steps("INV-1"), "CC");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_first_creates_when_there_is_nothing_to_adopt() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&checked(CUSTOMER)).await;
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], warning_codes(&result)), (&json!("done"), Vec::new()));
    assert_eq!((harness.steps("INV-1").as_str(), &result["attempts"]), ("LC", &json!(1)));
}
