//! One `external_id` for several bills, a customer's number for example: the second month must not end without a word.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_operating::{already_paid_since_ms, notices};
use antre_tests::{
    harness::{Harness, job_with, steady_settings},
    queue::{QueueFixture, invoice},
};
use serde_json::{Value, json};

fn codes(result: &Value) -> Vec<&str> {
    result["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// Bills customer 7 for one month more, and pays what comes.
async fn next_month(harness: &Harness) -> Value {
    let month = job_with("CUSTOMER-7", &json!({ "invoice_duration": 1 }), &json!({}));
    let id = harness.submit_one(&month).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    let invoice = result["invoice_id"].as_str().unwrap();
    if result["response"]["status"] == "PENDING" {
        harness.xendit.pay(invoice).unwrap();
    }
    harness
        .until("the invoice is over", async |harness| {
            let bill = harness.queue.bill("CUSTOMER-7").await.unwrap();
            let expires_ms = bill.unwrap().invoice.expires_at_ms.unwrap();
            let now_ms = harness.queue.redis().time_us().await.unwrap() / 1000;
            now_ms > u64::try_from(expires_ms).unwrap()
        })
        .await;
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn months_that_get_the_first_ones_paid_invoice_say_so_and_the_second_time_is_a_reason() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let first = next_month(&harness).await;
    assert_eq!(codes(&first), [""; 0]);
    for times in 1..=2 {
        let result = next_month(&harness).await;
        assert_eq!(
            (&result["invoice_id"], codes(&result)),
            (&first["invoice_id"], vec!["already_paid"])
        );
        let message = result["warnings"][0]["message"].as_str().unwrap();
        assert!(message.contains(first["invoice_id"].as_str().unwrap()), "{message}");
        assert!(message.contains(" on 20"), "{message}");
        let status = harness.queue.status().await.unwrap();
        assert_eq!(status.totals.already_paid, times);
        assert_eq!(already_paid_since_ms(&status).is_some(), times > 1);
    }
}

#[tokio::test]
async fn a_duplicate_of_a_bill_that_was_done_days_ago_says_when_and_which_invoice() {
    let fixture = QueueFixture::start().await;
    let warnings = async |id: &str| fixture.field(id, "warnings").await;
    fixture.accept("CUSTOMER-7", |_| {}).await;
    let grant = fixture.claim().await;
    let told = r#"[{"code":"email_left_out","field":null,"message":"m"}]"#;
    let delivered = Outcome::Job(JobOutcome::Created(Delivery {
        invoice: Invoice { expires_at_ms: Some(32_503_680_000_000), ..invoice("i1") },
        warnings: serde_json::from_str(told).unwrap(),
    }));
    fixture.queue.finish(&grant, &delivered, Quota::default()).await.unwrap();
    let soon = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert_eq!(warnings(&soon).await, told, "a repeat is no news");

    let first_done_us = fixture.field(&grant.id, "ended_at").await.parse::<u64>().unwrap() * 1000;
    let after = |time: Duration| first_done_us + u64::try_from(time.as_micros()).unwrap();
    fixture.queue.set_clock(Some(after(Duration::from_hours(24)) - 1000)).await.unwrap();
    let same_day = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert_eq!(warnings(&same_day).await, told, "nor is one of the same day");
    fixture.queue.set_clock(Some(after(Duration::from_hours(24)))).await.unwrap();
    let next_day = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert!(warnings(&next_day).await.contains("done 1 day(s) ago"));

    fixture.queue.set_clock(Some(after(Duration::from_hours(24 * 30)))).await.unwrap();
    let late = fixture.accept("CUSTOMER-7", |_| {}).await;
    let remarks: Vec<antre_core::Warning> = serde_json::from_str(&warnings(&late).await).unwrap();
    let codes: Vec<&str> = remarks.iter().map(|one| &*one.code).collect();
    assert_eq!(codes, ["email_left_out", "billed_before"]);
    let notices = notices(&fixture.queue.status().await.unwrap());
    assert!(notices.iter().any(|it| it.code == "billed_before"), "{notices:?}");
    assert!(remarks[1].message.contains("30 day(s) ago with invoice i1"), "{}", remarks[1].message);
}
