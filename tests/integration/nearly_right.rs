//! Jobs that are nearly right, through the wire: what is refused is found again, what is taken says what was odd.

use antre_tests::harness::{Harness, steady_settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_job_counts_in_its_batch_and_is_found_by_the_name_in_its_text() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let good = r#"{"invoice":{"external_id":"INV-1","amount":1},"batch":"b"}"#;
    let bad = r#"{"invoice":{"external_id":"INV-2","amount":0},"batch":"b","reference":"17"}"#;
    let broken = r#"{"invoice":{"external_id":"INV-3","amount":1},"batch":"b""#;
    let serialized = r#"a:1:{s:7:"invoice";a:1:{s:11:"external_id";s:5:"INV-4";}}"#;
    let ids = [good, bad, broken, serialized].map(str::to_owned);
    let ids = harness.submit_accepted(&ids).await;
    for (id, external_id) in ids.iter().zip(["INV-1", "INV-2", "INV-3", "INV-4"]) {
        let result = harness.result(id).await;
        assert_eq!(result["external_id"], external_id, "{result}");
        let is_first = external_id == "INV-1";
        assert_eq!(result["is_bill_result"], is_first, "{result}");
        let found = harness.queue.dead_with(external_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(id).filter(|_| !is_first));
    }
    for fields in [
        &[("external_id", "INV-5"), ("amount", "1")][..],
        &[("source", "billing"), ("data", r#"{"external_id":"INV-5"}"#)],
    ] {
        let inbox = harness.queue.keys().inbox();
        let mut redis = harness.redis.connect().await.unwrap();
        let id: String = redis::AsyncCommands::xadd(&mut redis, inbox, "*", fields).await.unwrap();
        assert_eq!(harness.result(&id).await["external_id"], "INV-5");
    }
    assert_eq!(harness.result(&ids[1]).await["reference"], "17");
    let message = harness.result(&ids[3]).await["error"]["message"].clone();
    assert!(message.as_str().unwrap().contains("compressed or serialized"), "{message}");
    let batch = harness.queue.batch("b").await.unwrap();
    assert_eq!((batch.total, batch.done, batch.dead), (2, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_result_of_a_job_with_misnamed_fields_and_decimals_says_so() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let job = r#"{"invoice":{"external_id":"INV-1","amount":"350000.5","payerEmail":"a@b.id"}}"#;
    let id = harness.submit_one(job).await;
    let result = harness.result(&id).await;
    assert_eq!(
        (&result["state"], &result["amount"]),
        (&"done".into(), &350_000.into()),
        "{result}"
    );
    let codes: Vec<_> =
        result["warnings"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(codes, ["unknown_field", "decimals_cut"]);
}
