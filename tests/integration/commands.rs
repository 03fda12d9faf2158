//! What programs ask for through the inbox and the lane of reads, with a worker and Xendit.

use std::time::Duration;

use antre_core::read::{ReadAnswer, ReadKind, ReadRequest};
use antre_store::{
    operate::Cancelled,
    reads::{ReadEnd, SubmittedRead},
    settings::Settings,
};
use antre_testkit::eventually;
use antre_tests::harness::{Harness, PATIENCE, job, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, RequestKind, Status};

const BILL: &str = "INV-1";

async fn command(harness: &Harness, field: &str, text: Value) -> String {
    let mut connection = harness.redis.connect().await.unwrap();
    let mut add = redis::cmd("XADD");
    add.arg(harness.queue.keys().inbox()).arg("*").arg(field).arg(text.to_string());
    add.query_async(&mut connection).await.unwrap()
}

/// Waits until everything that the command asked for has ended, and returns what is counted.
async fn resolved(harness: &Harness, entry: &str) -> Value {
    let mut connection = harness.redis.connect().await.unwrap();
    let list = harness.queue.keys().result(entry);
    let answer = async || {
        let mut read = redis::cmd("LINDEX");
        let text: Option<String> =
            read.arg(&list).arg(0).query_async(&mut connection).await.unwrap();
        let answer: Value = serde_json::from_str(&text?).unwrap();
        (answer["resolving"] != 1).then_some(answer)
    };
    let mut answer = eventually(PATIENCE, "the command is answered", answer).await.unwrap();
    let counts = answer.as_object_mut().unwrap();
    counts.retain(|_, value| value.as_u64().is_some_and(|count| count > 0));
    answer
}

fn cancel() -> Value {
    json!({ "external_id": BILL, "expire": true })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_a_batch_are_cancelled_in_the_order_of_the_inbox() {
    let harness = Harness::start(&steady_settings()).await;
    harness.queue.pause("tester", "until all is submitted", None).await.unwrap();
    let _worker = harness.worker("worker");
    let of_batch = json!({ "batch": "b" });
    let first = harness.submit_one(&job_with("INV-1", &json!({}), &of_batch)).await;
    let entry = command(&harness, "cancel", json!({ "batch": "b" })).await;
    let second = harness.submit_one(&job_with("INV-2", &json!({}), &of_batch)).await;
    assert_eq!(resolved(&harness, &entry).await, json!({ "cancelled": 1 }));
    assert_eq!(harness.result(&first).await["state"], "cancelled");
    harness.queue.resume("tester").await.unwrap();
    assert_eq!(harness.result(&second).await["state"], "done");
    assert_eq!((harness.steps("INV-1"), harness.steps("INV-2")), (String::new(), "C".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_done_bill_is_expired_and_billed_anew() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    harness.result(&id).await;
    let entry = command(&harness, "cancel", cancel()).await;
    assert_eq!(resolved(&harness, &entry).await, json!({ "expired": 1 }));
    assert_eq!(harness.payable(BILL).len(), 0);
    let again = harness.submit_one(&job_with(BILL, &json!({ "amount": 1 }), &json!({}))).await;
    assert_eq!(harness.result(&again).await["state"], "done");
    assert_eq!((harness.payable(BILL).len(), harness.steps(BILL).as_str()), (1, "CXLC"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_bill_stays_as_it_is() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    let first = harness.result(&id).await;
    harness.xendit.pay(first["invoice_id"].as_str().unwrap()).unwrap();
    let entry = command(&harness, "cancel", cancel()).await;
    assert_eq!(resolved(&harness, &entry).await, json!({ "paid": 1 }));
    assert_eq!(harness.steps(BILL), "CXL");
    let again = harness.submit_one(&job(BILL)).await;
    assert_eq!(harness.result(&again).await["invoice_id"], first["invoice_id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_whose_answer_was_lost_leaves_no_open_invoice_behind() {
    let harness = Harness::start(&steady_settings()).await;
    harness.fault(Fault::on(RequestKind::Create, Act::Reset).after_creation().times(1));
    harness.fault(Fault::on(RequestKind::List, Act::status(500)).times(3));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    harness.until("its answer is lost", async |harness| !harness.payable(BILL).is_empty()).await;
    let entry = command(&harness, "cancel", cancel()).await;
    let counts = resolved(&harness, &entry).await;
    let state = harness.result(&id).await["state"].clone();
    // It may have been found before the cancel was read.
    let expected = if state == "done" { "expired" } else { "cancelled" };
    assert_eq!(counts, json!({ expected: 1 }), "{state}");
    assert_eq!(harness.payable(BILL).len(), 0);
    assert_eq!(harness.xendit.invoices(BILL)[0].status, Status::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_was_wrong_leaves_no_open_invoice_of_a_job_that_was_cancelled_before() {
    let retry_delays = "10m".parse().unwrap();
    let harness = Harness::start(&Settings { retry_delays, ..steady_settings() }).await;
    harness.fault(Fault::on(RequestKind::Create, Act::status(403)).after_creation().times(1));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    let is_refused = async |harness: &Harness| harness.field(&id, "touched").await == "1";
    harness.until("it is refused", is_refused).await;
    assert_eq!(harness.queue.cancel(&id).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(harness.payable(BILL).len(), 1, "Xendit made it all the same");
    let entry = command(&harness, "cancel", cancel()).await;
    assert_eq!(resolved(&harness, &entry).await, json!({ "cancelled": 1 }));
    assert_eq!((harness.payable(BILL).len(), harness.steps(BILL).as_str()), (0, "CLX"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_jobs_are_retried() {
    let harness = Harness::start(&steady_settings()).await;
    harness.fault(Fault::on(RequestKind::Create, Act::status(400)).times(1));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job(BILL)).await;
    assert_eq!(harness.result(&id).await["state"], "dead");
    let entry = command(&harness, "retry", json!({ "all_dead": true, "by": "desk" })).await;
    assert_eq!(resolved(&harness, &entry).await, json!({ "retried": 1 }));
    assert_eq!(harness.result(&id).await["state"], "done");
}

async fn read(harness: &Harness, kind: ReadKind, target: &str) -> ReadAnswer {
    let id = format!("{:032x}", rand::random::<u128>());
    let asked = ReadRequest { kind, target: target.to_owned() };
    let wait = Duration::from_secs(20);
    let submitted = harness.queue.submit_read(&id, &asked, wait).await.unwrap();
    assert_eq!(submitted, SubmittedRead::Submitted);
    let end = async || harness.queue.read_end(&id).await.unwrap();
    let end = eventually(PATIENCE, "the read ends", end).await.unwrap();
    let answer = if let ReadEnd::Answer(answer) = &end { Some(answer.clone()) } else { None };
    answer.ok_or(end).unwrap()
}

fn json_of(answer: &ReadAnswer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_read_and_expire_invoices_within_the_accounts_pace() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    let first = harness.submit_one(&job(BILL)).await;
    let id = harness.result(&first).await["invoice_id"].as_str().unwrap().to_owned();

    let got = read(&harness, ReadKind::Get, &id).await;
    assert_eq!((got.status, &json_of(&got)["id"]), (200, &json!(id)));
    assert!(
        got.headers.iter().any(|(name, value)| name == "content-type" && value.contains("json"))
    );
    let list = read(&harness, ReadKind::List, "external_id=INV-1&limit=1").await;
    assert_eq!(json_of(&list)[0]["id"], json!(id));
    let all = read(&harness, ReadKind::List, "").await;
    assert_eq!(json_of(&all).as_array().unwrap().len(), 1);
    let unknown = read(&harness, ReadKind::Get, "a/b?c").await;
    assert_eq!(unknown.status, 404);
    assert!(json_of(&unknown)["error_code"].is_string());

    let expired = read(&harness, ReadKind::Expire, &id).await;
    assert_eq!((expired.status, &json_of(&expired)["status"]), (200, &json!("EXPIRED")));
    let again = read(&harness, ReadKind::Expire, &id).await;
    assert!((400..500).contains(&again.status), "Xendit's refusal goes back: {again:?}");
    let next = harness.submit_one(&job_with(BILL, &json!({ "amount": 1 }), &json!({}))).await;
    let next = harness.result(&next).await;
    assert_eq!((&next["state"], &next["amount"]), (&json!("done"), &json!(1)), "{next}");
    assert_eq!(harness.payable(BILL).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_with_a_read_goes_back_and_harms_no_job() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    harness.fault(Fault::on(RequestKind::Get, Act::status(503)).times(5));
    for _ in 0..5 {
        assert_eq!(read(&harness, ReadKind::Get, "x").await.status, 503);
    }
    assert_eq!(harness.queue.status().await.unwrap().breaker, None);
    let id = harness.submit_one(&job(BILL)).await;
    assert_eq!(harness.result(&id).await["state"], "done");
}
