//! What Xendit receives: addresses in their proper form, channels for every event, our mark.

use antre_tests::harness::{Harness, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, Invoice, RequestKind};

/// Submits an invoice with these fields; returns its job id, its result and what Xendit received.
async fn sent(invoice: &Value) -> (String, Value, Invoice) {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let id =
        harness.submit_one(&job_with("INV-1", invoice, &json!({ "reference": "row 7" }))).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    (id, result, harness.xendit.invoices("INV-1").remove(0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_gets_the_channels_whose_address_is_there_and_the_number_becomes_e164() {
    let customer = json!({ "given_names": "Budi", "email": "budi@example.com",
        "mobile_number": "0812-3456-7890" });
    let (id, result, invoice) = sent(&json!({ "customer": customer, "invented": true })).await;
    let preference = &invoice.passed_on["customer_notification_preference"];
    for event in ["invoice_created", "invoice_reminder", "invoice_paid"] {
        assert_eq!(preference[event], json!(["whatsapp", "email"]), "{event}");
    }
    assert_eq!(invoice.passed_on["customer"]["mobile_number"], "+6281234567890");
    assert_eq!(invoice.passed_on["customer"]["given_names"], "Budi");
    assert_eq!(invoice.metadata.unwrap()["antre_job"], format!("default/{id}"));
    let codes: Vec<_> = result["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!((codes, &result["reference"]), (vec!["unknown_field"], &json!("row 7")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preference_that_was_given_is_left_alone_even_if_empty() {
    let customer = json!({ "mobile_number": "+6281234567890" });
    let given = json!({ "customer": customer, "customer_notification_preference": {},
        "metadata": { "branch": "Jakarta" } });
    let (_, _, invoice) = sent(&given).await;
    assert_eq!(invoice.passed_on["customer_notification_preference"], json!({}));
    assert_eq!(invoice.metadata.unwrap()["branch"], "Jakarta");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_an_address_is_left_out_with_a_warning_that_does_not_name_it() {
    let customer = json!({ "mobile_number": "call the office", "email": "budi@example.com" });
    let (_, result, invoice) = sent(&json!({ "customer": customer })).await;
    assert_eq!(invoice.passed_on["customer"], json!({ "email": "budi@example.com" }));
    let preference = &invoice.passed_on["customer_notification_preference"];
    assert_eq!(preference["invoice_created"], json!(["email"]));
    assert_eq!(result["warnings"][0]["code"], "mobile_number_left_out");
    assert!(!result["warnings"].to_string().contains("office"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_warning_is_not_lost_when_the_invoice_is_found_by_a_look_up() {
    let harness = Harness::start(&steady_settings()).await;
    harness.fault(Fault::on(RequestKind::Create, Act::status(500)).after_creation().times(1));
    let _worker = harness.worker("worker");
    let customer = json!({ "mobile_number": "call the office" });
    let id =
        harness.submit_one(&job_with("INV-1", &json!({ "customer": customer }), &json!({}))).await;
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], harness.steps("INV-1").as_str()), (&json!("done"), "CL"));
    assert_eq!(result["warnings"][0]["code"], "mobile_number_left_out", "{result}");
}
