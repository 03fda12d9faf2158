//! A bill that is submitted again, through the wire: one invoice, or a conflict, never two.

use antre_tests::harness::{Harness, job_with, steady_settings};
use serde_json::{Value, json};

const CUSTOMER: &str =
    r#""customer":{"email":"Budi@example.com","mobile_number":"0812 3456 7890"}"#;

/// The first submission has amount 350000 and [`CUSTOMER`]; these say the same in other words.
const SAME: [&str; 12] = [
    r#""amount":350000"#,
    r#""amount":350000.00"#,
    r#""amount":3.5e5"#,
    r#""amount":350000.75"#,
    r#""amount":350000,"currency":"IDR""#,
    r#""amount":350000,"currency":"idr""#,
    r#""amount":350000,"customer":{"mobile_number":"+6281234567890"}"#,
    r#""amount":350000,"customer":{"mobile_number":"62812-3456-7890"}"#,
    r#""amount":350000,"customer":{"mobile_number":81234567890}"#,
    r#""amount":350000,"customer":{"email":"budi@example.com "}"#,
    r#""amount":350000,"payer_email":"budi@example.com""#,
    r#""amount":350000,"customer":{"email":"other@example.com","mobile_number":"081234567890"}"#,
];

const OTHER: [&str; 5] = [
    r#""amount":350001"#,
    r#""amount":35000"#,
    r#""amount":350000,"currency":"PHP""#,
    r#""amount":350000,"customer":{"mobile_number":"081234567891"}"#,
    r#""amount":350000,"customer":{"email":"siti@example.com","mobile_number":"+62811"}"#,
];

fn bill(fields: &str) -> String {
    format!(r#"{{"invoice":{{"external_id":"INV-1",{fields}}}}}"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bill_in_other_words_gets_the_first_ones_link_and_another_bill_a_conflict() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    harness.queue.pause("tester", "so that all wait", None).await.unwrap();
    let first = harness.submit_one(&bill(&format!(r#""amount":350000,{CUSTOMER}"#))).await;
    let same = harness.submit_accepted(&SAME.map(bill)).await;
    let other = harness.submit_accepted(&OTHER.map(bill)).await;
    for (id, fields) in same.iter().zip(SAME) {
        assert_eq!(harness.field(id, "duplicate_of").await, first, "{fields}");
    }
    for (id, fields) in other.iter().zip(OTHER) {
        let result = harness.result(id).await;
        assert_eq!(result["error"]["code"], "conflict", "{fields}");
        assert!(result["error"]["message"].as_str().unwrap().contains(&first));
        assert_eq!(result["invoice_url"], Value::Null);
    }
    harness.queue.resume("tester").await.unwrap();
    let invoice = harness.result(&first).await["invoice_id"].clone();
    assert!(invoice.is_string());
    for id in &same {
        let result = harness.result(id).await;
        assert_eq!((&result["invoice_id"], &result["job"]), (&invoice, &id.as_str().into()));
        assert_eq!(
            (&result["duplicate_of"], &result["response"]),
            (&first.as_str().into(), &Value::Null)
        );
    }

    let late = harness.submit_one(&bill(SAME[2])).await;
    assert_eq!(harness.result(&late).await["invoice_id"], invoice);
    let late = harness.submit_one(&bill(OTHER[0])).await;
    assert_eq!(harness.result(&late).await["error"]["code"], "conflict");
    assert_eq!(harness.steps("INV-1"), "C", "duplicates and conflicts cost no request");
    let status = harness.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (1, u64::try_from(OTHER.len()).unwrap() + 1));
    assert_eq!(status.totals.duplicates, u64::try_from(SAME.len()).unwrap() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_whose_invoice_has_expired_gets_a_new_one_after_a_look() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let first =
        harness.submit_one(&job_with("INV-1", &json!({ "invoice_duration": 1 }), &json!({}))).await;
    let expired = harness.result(&first).await;
    harness
        .until("the invoice has expired", async |harness| {
            let bill = harness.queue.bill("INV-1").await.unwrap();
            let expires_ms = bill.unwrap().invoice.expires_at_ms.unwrap();
            let now_ms = harness.queue.redis().time_us().await.unwrap() / 1000;
            now_ms > u64::try_from(expires_ms).unwrap()
        })
        .await;

    // A replaced bill may have another amount.
    let again = job_with("INV-1", &json!({ "amount": 400_000 }), &json!({}));
    let second = harness.submit_one(&again).await;
    let result = harness.result(&second).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_ne!(result["invoice_id"], expired["invoice_id"]);
    assert_eq!(harness.field(&second, "origin").await, first);
    assert_eq!(harness.steps("INV-1"), "CLC");
    let payable = harness.payable("INV-1");
    let still: Vec<&str> = payable
        .iter()
        .filter(|invoice| result["invoice_id"] == *invoice.id)
        .map(|invoice| &*invoice.id)
        .collect();
    assert_eq!(still.len(), 1);
    let marks: Vec<&Value> =
        payable.iter().filter_map(|one| one.metadata.as_ref()?.get("antre_job")).collect();
    assert!(marks.iter().all(|mark| **mark == format!("default/{first}")), "{marks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_more_important_duplicate_lifts_the_first_one() {
    let mut settings = steady_settings();
    settings.limits = "10/200ms".parse().unwrap();
    let harness = Harness::start(&settings).await;
    let _worker = harness.worker("worker");
    harness.queue.pause("tester", "so that all wait", None).await.unwrap();
    let plain = |external_id| job_with(external_id, &json!({}), &json!({}));
    let high = job_with("INV-2", &json!({}), &json!({ "priority": "high" }));
    harness.submit_accepted(&[plain("INV-1"), plain("INV-2"), high]).await;
    harness.queue.resume("tester").await.unwrap();
    harness.until_done(2).await;
    assert_eq!(harness.created_order(), ["INV-2", "INV-1"]);
}
