use std::collections::BTreeMap;

use serde_json::json;
use xendit_sim::{Act, Answer, Fault, RequestKind};

use crate::fixture::{Fixture, bill, run_with_input};

/// Refuses every create for good, as Xendit refuses what it cannot understand.
pub(crate) fn refusal() -> Fault {
    let body = json!({ "error_code": "API_VALIDATION_ERROR", "message": "amount is wrong" });
    Fault::on(
        RequestKind::Create,
        Act::Status { status: 400, body: Some(Answer::Json(body)), headers: BTreeMap::new() },
    )
}

#[tokio::test]
async fn status_shows_an_account_and_keeps_the_shape_of_its_json() {
    let fixture = Fixture::start().await;
    let ended = fixture.antre(&["status"]).await.expect(0);
    assert!(ended.stdout.contains("no worker has ever served this account"), "{}", ended.stdout);

    let _worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    let json = fixture.antre(&["status", "--json"]).await.expect(0).json();
    let account = &json["accounts"][0];
    assert_eq!(account["account"], "default");
    assert_eq!(account["done"], 1);
    assert_eq!(account["waiting"], json!({ "high": 0, "low": 0, "normal": 0 }));
    assert_eq!(account["workers"].as_array().unwrap().len(), 1);
    let page = fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(page.contains("  done       1\n"), "{page}");
}

#[tokio::test]
async fn a_job_is_found_by_both_its_names_and_shows_personal_data_only_when_asked() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    let shown = fixture.antre(&["job", "INV-1"]).await.expect(0).stdout;
    assert!(shown.contains("state            done"), "{shown}");
    assert!(shown.contains("invoice_url      https://"), "{shown}");
    assert!(!shown.to_lowercase().contains("hush"), "{shown}");

    let json = fixture.antre(&["job", "INV-1", "--json", "--show-data"]).await.expect(0).json();
    assert_eq!(json["data"]["invoice"]["customer"]["email"], "hush@example.com");
    assert_eq!(json["response"]["external_id"], "INV-1");
    let id = json["job"].as_str().unwrap();
    assert_eq!(fixture.antre(&["job", id]).await.expect(0).stdout, shown);
}

#[tokio::test]
async fn an_unknown_job_ends_with_1() {
    let fixture = Fixture::start().await;
    for arguments in [&["job", "INV-1"][..], &["dead", "show", "INV-1"], &["cancel", "1-0"]] {
        let ended = fixture.antre(arguments).await.expect(1);
        assert!(ended.stderr.contains("has no job with the id or external id"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn dead_jobs_are_listed_and_revived() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.xendit.add_fault(refusal()).unwrap();
    for external_id in ["INV-1", "INV-2", "INV-3"] {
        fixture.bill(external_id).await.expect(1);
    }
    let list = fixture.antre(&["dead", "list"]).await.expect(0).stdout;
    assert!(list.contains("INV-1"), "{list}");
    assert!(list.contains("API_VALIDATION_ERROR"), "{list}");
    let dead = fixture.antre(&["dead", "list", "--json"]).await.expect(0).json();
    let first = &dead[0];
    assert_eq!((&first["error_status"], &first["attempts"]), (&json!(400), &json!(1)), "{dead}");
    assert!(first["amount"].is_number(), "{dead}");
    assert_eq!(first["error_message"], "amount is wrong");
    let shown = fixture.antre(&["dead", "show", "INV-2"]).await.expect(0).stdout;
    assert!(shown.contains("error_message    amount is wrong"), "{shown}");

    fixture.xendit.clear_faults();
    let one = fixture.antre(&["dead", "retry", "INV-1"]).await.expect(0).stdout;
    assert!(one.contains("waits again"), "{one}");
    let all = fixture.antre(&["dead", "retry", "--all"]).await.expect(0).stdout;
    assert_eq!(all, "2 jobs revived\n");
    // A duplicate waits for the revived job's own end.
    fixture.bill("INV-3").await.expect(0);
    fixture.antre(&["dead", "retry", "INV-3"]).await.expect(1);
}

#[tokio::test]
async fn a_job_that_could_not_be_read_is_found_by_the_external_id_in_its_text() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let broken = r#"{"invoice":{"external_id":"INV-9","amount":1"#;
    fixture.queue().submit(&[broken]).await.unwrap();
    let is_dead = async || fixture.queue().status().await.is_ok_and(|status| status.dead == 1);
    antre_testkit::eventually(crate::fixture::PATIENCE, "it is dead", is_dead).await.unwrap();
    let shown = fixture.antre(&["job", "INV-9"]).await.expect(0).stdout;
    assert!(shown.contains("invalid") && shown.contains("not valid JSON"), "{shown}");
    let unknown = fixture.antre(&["job", "INV-10"]).await.expect(1).stderr;
    assert!(unknown.contains("antre dead list"), "{unknown}");
}

#[tokio::test]
async fn jobs_that_would_fail_in_the_same_way_stay_dead_until_they_are_discarded() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.queue().submit(&["no job at all"]).await.unwrap();
    let is_dead = async || fixture.queue().status().await.is_ok_and(|status| status.dead == 1);
    antre_testkit::eventually(crate::fixture::PATIENCE, "it is dead", is_dead).await.unwrap();
    let all = fixture.antre(&["dead", "retry", "--all"]).await.expect(0).stdout;
    assert!(all.starts_with("0 jobs revived\n1 job left dead"), "{all}");
    let discarded = fixture.antre(&["dead", "discard", "--all", "--yes"]).await.expect(0).stdout;
    assert_eq!(discarded, "1 job discarded\n");
    let list = fixture.antre(&["dead", "list"]).await.expect(0).stdout;
    assert!(list.contains("no dead jobs"), "{list}");
}

#[tokio::test]
async fn a_pause_stands_first_with_its_reason_and_holds_until_resumed() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let reason = "wrong prices";
    let paused = fixture.antre(&["pause", "--reason", reason, "--by", "ops"]).await.expect(0);
    assert_eq!(paused.stdout, "account default is paused until resumed\n");
    let page = fixture.antre(&["status"]).await.expect(0).stdout;
    let second = page.lines().nth(1).unwrap();
    assert!(second.starts_with("  PAUSED since "), "{page}");
    assert!(second.ends_with("): paused by ops until antre resume: wrong prices"), "{page}");

    run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(0);
    let resumed = fixture.antre(&["resume"]).await.expect(0);
    assert_eq!(resumed.stdout, "account default is resumed\n");
    fixture.bill("INV-1").await.expect(0);
    let again = fixture.antre(&["resume"]).await.expect(0);
    assert_eq!(again.stdout, "account default was not paused by a person\n");
}

#[tokio::test]
async fn a_pause_for_some_time_says_until_when() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let paused = fixture.antre(&["pause", "--for", "2h"]).await.expect(0).stdout;
    assert!(paused.starts_with("account default is paused until 20"), "{paused}");
}

#[tokio::test]
async fn a_cancel_with_expire_leaves_no_open_invoice_of_a_batch() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    let jobs: Vec<String> = (1..=3)
        .map(|place| {
            format!(
                "{{\"batch\":\"2026-12\",\"invoice\":{{\"external_id\":\"INV-{place}\",\"amount\":1000}}}}\n"
            )
        })
        .collect();
    run_with_input(fixture.command(&["enqueue", "--wait"]), &jobs.concat()).await.expect(0);
    let paid = fixture.xendit.invoices("INV-2").remove(0);
    fixture.xendit.pay(&paid.id).unwrap();
    let plain = fixture.antre(&["cancel", "--batch", "2026-12"]).await.expect(1).stdout;
    assert_eq!(plain, "3 jobs not cancelled: too late, or wanted again\n");
    let ended = fixture.antre(&["cancel", "--batch", "2026-12", "--expire"]).await.expect(1).stdout;
    assert_eq!(
        ended,
        "2 jobs had an invoice that is expired now\n1 job paid: the invoice is left as it is\n"
    );
    let payable =
        |bill: &str| fixture.xendit.invoices(bill)[0].status == xendit_sim::Status::Pending;
    assert!(!payable("INV-1") && !payable("INV-3"));
    let one = fixture.antre(&["cancel", "INV-1", "--expire"]).await.expect(0).stdout;
    assert_eq!(one, "1 job had an invoice that is expired now\n");
    let none = fixture.antre(&["cancel", "--batch", "2027-01"]).await.expect(1).stdout;
    assert_eq!(none, "there are no such jobs\n");
}

#[tokio::test]
async fn a_waiting_job_can_be_cancelled_once() {
    let fixture = Fixture::start().await;
    let _worker = fixture.worker().await;
    fixture.antre(&["pause"]).await.expect(0);
    run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(0);
    let is_waiting =
        async || fixture.queue().status().await.is_ok_and(|status| status.waiting_total() == 1);
    antre_testkit::eventually(crate::fixture::PATIENCE, "it waits", is_waiting).await.unwrap();
    let cancelled = fixture.antre(&["cancel", "INV-1"]).await.expect(0).stdout;
    assert!(cancelled.ends_with("is cancelled\n"), "{cancelled}");
    let again = fixture.antre(&["cancel", "INV-1"]).await.expect(1).stdout;
    assert!(again.ends_with("has ended: cancelled\n"), "{again}");
    // The only request showed whose the key is.
    assert_eq!(fixture.xendit.ledger().totals().requests, 1);
}
