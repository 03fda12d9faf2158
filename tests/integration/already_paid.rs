//! One `external_id` for several bills, a customer's number for example: the second month must not end without a word.

use antre_operating::already_paid_since_ms;
use antre_tests::harness::{Harness, job_with, steady_settings};
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
