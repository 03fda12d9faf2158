//! Bills that are issued again and again: what was before neither stops nor harms what is now.

use antre_core::state::State;
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, RequestKind, Status};

const BILL: &str = "INV-1";
/// More than the bill remembers.
const ISSUES: usize = 24;

fn looking() -> String {
    job_with(BILL, &json!({}), &json!({ "check_first": true }))
}

async fn billed(harness: &Harness, job: &str) -> Value {
    let id = harness.submit_one(job).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result} {}", harness.steps(BILL));
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_expired_invoices_than_a_bill_remembers_and_one_unseen_do_not_stop_it() {
    let harness = Harness::start(&steady_settings()).await;
    let _worker = harness.worker("worker");
    billed(&harness, &job(BILL)).await;
    let origin = harness.queue.bill(BILL).await.unwrap().unwrap().origin.unwrap();
    for _ in 1..ISSUES {
        assert_eq!(harness.xendit.expire_all_by_hand(BILL).len(), 1);
        billed(&harness, &looking()).await;
    }
    harness.xendit.expire_all_by_hand(BILL);
    // One that was made for this bill, and whose answer nobody heard.
    let unseen = json!({ "external_id": BILL, "amount": 350_000,
        "metadata": { "antre_job": format!("default/{origin}") } });
    let unseen = harness.bystander_creates(&unseen).await;
    harness.xendit.expire_by_hand(&unseen).unwrap();
    let last = billed(&harness, &looking()).await;
    let payable = harness.payable(BILL);
    assert_eq!((payable.len(), harness.xendit.invoices(BILL).len()), (1, ISSUES + 2));
    assert_eq!(last["invoice_id"], *payable[0].id);
}

/// Delivers the first invoice of the bill after a 429: its job is audited.
async fn billed_after_a_refusal() -> (Harness, RunningWorker, Value) {
    let harness = Harness::start(&steady_settings()).await;
    let headers = [("retry-after".to_owned(), Some("0".to_owned()))].into();
    let limited = Act::Status { status: 429, body: None, headers };
    harness.fault(Fault::on(RequestKind::Create, limited).times(1));
    let worker = harness.worker("worker");
    let first = billed(&harness, &job(BILL)).await;
    (harness, worker, first)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_of_a_former_job_leaves_the_new_jobs_invoice_alone() {
    let (harness, _worker, first) = billed_after_a_refusal().await;
    assert_eq!(harness.queue.status().await.unwrap().follow_ups, 2, "both audits are to come");
    harness.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    let second = billed(&harness, &looking()).await;
    assert_ne!(second["invoice_id"], first["invoice_id"]);
    harness.finish_follow_ups().await;
    let payable = harness.payable(BILL);
    assert_eq!(payable.len(), 1, "{}", harness.steps(BILL));
    assert_eq!(second["invoice_id"], *payable[0].id);
    let bill = harness.queue.bill(BILL).await.unwrap().unwrap();
    assert_eq!((bill.ended, &json!(bill.invoice.id)), (Some(State::Done), &second["invoice_id"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_of_a_former_job_while_the_bill_is_open_again_changes_nothing() {
    let (harness, _worker, first) = billed_after_a_refusal().await;
    harness.xendit.expire_by_hand(first["invoice_id"].as_str().unwrap()).unwrap();
    // The invoice is made, and its answer comes only after the audits.
    harness.fault(Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 1_500 }).times(1));
    let id = harness.submit_one(&looking()).await;
    harness
        .until("the new invoice is made", async |harness| harness.payable(BILL).len() == 1)
        .await;
    harness.finish_follow_ups().await;
    assert_eq!(harness.field(&id, "state").await, "running", "the audits came before the answer");
    let second = harness.result(&id).await;
    harness.finish_follow_ups().await;
    let payable = harness.payable(BILL);
    assert_eq!((payable.len(), payable[0].status), (1, Status::Pending), "{}", harness.steps(BILL));
    assert_eq!(second["invoice_id"], *payable[0].id);
}
