//! Cancel and retry as programs ask for them through the inbox.

use antre_core::{
    Quota,
    command::{self, CommandKind},
    job_outcome::{Cause, Findings, FollowUpOutcome, Invoice, JobOutcome, Outcome},
    state::NextRequest,
};
use antre_store::{
    claim::{GrantKind, Unused},
    finish::Finished,
    intake::Submission,
    operate::Cancelled,
};
use antre_testkit::queue::{
    QueueFixture, absent, adopted, ambiguous, created, follow_up_done, invoice, rejected,
};
use serde_json::{Value, json};

const NO_QUOTA: Quota = Quota { remaining: None, limit: None, reset: None };

/// A command that is taken in at once, with as many portions as it needs.
async fn command(fixture: &QueueFixture, kind: CommandKind, text: &Value) -> Value {
    let id = submit(fixture, kind, text).await;
    take(fixture, &id, kind, text).await;
    answer(fixture, &id).await
}

async fn cancel(fixture: &QueueFixture, text: Value) -> Value {
    command(fixture, CommandKind::Cancel, &text).await
}

async fn retry(fixture: &QueueFixture, text: Value) -> Value {
    command(fixture, CommandKind::Retry, &text).await
}

async fn submit(fixture: &QueueFixture, kind: CommandKind, text: &Value) -> String {
    let mut connection = fixture.server.connect().await.unwrap();
    let mut add = redis::cmd("XADD");
    add.arg(fixture.queue.keys().inbox()).arg("*").arg(kind.as_str()).arg(text.to_string());
    add.query_async(&mut connection).await.unwrap()
}

async fn take(fixture: &QueueFixture, id: &str, kind: CommandKind, text: &Value) {
    let parsed = command::parse(kind, text.to_string().as_bytes());
    let mut has_more = fixture.queue.take_command(id, kind, &parsed).await.unwrap();
    while has_more {
        has_more = fixture.queue.run_commands().await.unwrap();
    }
}

async fn answer(fixture: &QueueFixture, id: &str) -> Value {
    let mut connection = fixture.server.connect().await.unwrap();
    let list = fixture.queue.keys().named(&format!("result:{id}"));
    let texts: Vec<String> =
        redis::cmd("LRANGE").arg(list).arg(0).arg(-1).query_async(&mut connection).await.unwrap();
    assert!(texts.len() <= 1, "{texts:?}");
    texts.first().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
}

/// Returns what is counted, without what is 0.
fn counts(answer: &Value) -> Value {
    let mut counts = answer.as_object().unwrap().clone();
    counts.retain(|_, value| value.as_u64().is_some_and(|count| count > 0));
    Value::Object(counts)
}

async fn answered(fixture: &QueueFixture, answer_of: &Value, counted: Value) {
    let now = answer(fixture, answer_of["command"].as_str().unwrap()).await;
    assert_eq!(counts(&now), counted, "{now}");
}

async fn finish(fixture: &QueueFixture, outcome: &Outcome) -> Finished {
    let grant = fixture.claim().await;
    fixture.queue.finish(&grant, outcome, NO_QUOTA).await.unwrap()
}

fn expired() -> Outcome {
    Outcome::Job(JobOutcome::Expired)
}

fn failed() -> Outcome {
    Outcome::Job(JobOutcome::LookUpFailed(Cause::new("x", "")))
}

fn refused() -> Outcome {
    Outcome::Job(JobOutcome::Refused(Cause::new("x", "")))
}

fn found(findings: Findings) -> Outcome {
    Outcome::FollowUp(FollowUpOutcome::Done(findings))
}

fn paid(id: &str) -> Outcome {
    adopted(Invoice { is_paid: true, ..invoice(id) }, &[])
}

async fn done(fixture: &QueueFixture, external_id: &str, invoice: &str) -> String {
    let id = fixture.accept(external_id, |_| {}).await;
    assert_eq!(finish(fixture, &created(invoice)).await, Finished::Done);
    id
}

async fn dead(fixture: &QueueFixture, external_id: &str) -> String {
    let id = fixture.accept(external_id, |job| "b".clone_into(&mut job.batch)).await;
    assert_eq!(finish(fixture, &rejected("NO")).await, Finished::Dead);
    id
}

#[tokio::test]
async fn what_was_not_sent_is_cancelled_at_once_whichever_way_it_is_named() {
    let fixture = QueueFixture::start().await;
    for target in ["job", "external_id", "batch"] {
        let name = format!("INV-{target}");
        let id = fixture.accept(&name, |job| job.batch = "b-1".to_owned()).await;
        let duplicate = fixture.accept(&name, |_| {}).await;
        let value = match target {
            "job" => &id,
            "external_id" => &name,
            _ => "b-1",
        };
        let told = cancel(&fixture, json!({ target: value, "by": "desk", "reason": "gone" })).await;
        assert_eq!(told["kind"], "cancel");
        let count = if target == "batch" { 3 } else { 1 };
        assert_eq!(counts(&told), json!({ "cancelled": count }), "{target}");
        for ended in [&id, &duplicate] {
            assert_eq!(fixture.state(ended).await, "cancelled", "{target}");
            assert_eq!(answer(&fixture, ended).await["state"], "cancelled");
        }
    }
    assert!(fixture.try_claim().await.is_none(), "nothing is left to send");
    let batch = fixture.queue.batch("b-1").await.unwrap();
    assert_eq!((batch.total, batch.cancelled), (3, 3));
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let fixture = QueueFixture::start().await;
    for target in [json!({ "job": "1-1" }), json!({ "external_id": "?" }), json!({ "batch": "?" })]
    {
        for kind in CommandKind::ALL {
            let told = command(&fixture, kind, &target).await;
            assert_eq!(counts(&told), json!({ "not_found": 1 }), "{target}");
        }
    }
}

#[tokio::test]
async fn a_command_that_cannot_be_read_is_answered_with_its_faults() {
    let fixture = QueueFixture::start().await;
    let told = cancel(&fixture, json!({ "jobb": "1-1" })).await;
    assert_eq!(told["error"]["code"], "invalid");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("jobb is not a field of a cancel"), "{message}");
    assert_eq!(fixture.queue.inbox_length().await.unwrap(), 0);
}

#[tokio::test]
async fn what_runs_or_is_in_doubt_or_done_comes_too_late_without_expire() {
    let fixture = QueueFixture::start().await;
    let running = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    assert_eq!(
        counts(&cancel(&fixture, json!({ "job": running })).await),
        json!({ "too_late": 1 })
    );
    fixture.queue.finish(&grant, &ambiguous(false), NO_QUOTA).await.unwrap();
    assert_eq!(
        counts(&cancel(&fixture, json!({ "job": running })).await),
        json!({ "too_late": 1 })
    );
    finish(&fixture, &adopted(invoice("i1"), &[])).await;
    assert_eq!(fixture.state(&running).await, "done");
    assert_eq!(
        counts(&cancel(&fixture, json!({ "job": running })).await),
        json!({ "too_late": 1 })
    );
    assert_eq!(fixture.state(&running).await, "done");
    assert!(fixture.try_claim().await.is_none(), "nothing is expired");
}

#[tokio::test]
async fn with_expire_a_request_on_its_way_is_followed_until_no_open_invoice_is_left() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "external_id": "INV-1", "expire": true })).await;
    assert_eq!(counts(&told), json!({ "resolving": 1 }));
    // The create succeeds: its invoice is expired, then looked for.
    let finished = fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Waiting);
    let grant = fixture.claim().await;
    assert_eq!((grant.request, grant.invoice_id.as_deref()), (NextRequest::Expire, Some("i1")));
    fixture.queue.finish(&grant, &expired(), NO_QUOTA).await.unwrap();
    let grant = fixture.claim().await;
    assert_eq!(grant.request, NextRequest::LookUp);
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
    let finished = fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Cancelled);
    assert_eq!(fixture.state(&id).await, "cancelled");
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn a_customer_who_pays_meanwhile_keeps_the_invoice() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    finish(&fixture, &expired()).await;
    assert_eq!(finish(&fixture, &paid("i1")).await, Finished::Done);
    assert_eq!(fixture.state(&id).await, "done");
    answered(&fixture, &told, json!({ "paid": 1 })).await;
}

#[tokio::test]
async fn a_request_that_had_no_effect_is_not_sent_again() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap();
    assert_eq!(fixture.state(&id).await, "cancelled");
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;

    let id = fixture.accept("INV-2", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    let not_sent = Outcome::Job(JobOutcome::NotSent(Cause::new("x", "")));
    let finished = fixture.queue.finish(&grant, &not_sent, NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Cancelled);
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn a_done_bill_has_its_invoice_expired_and_may_be_billed_anew() {
    let fixture = QueueFixture::start().await;
    let id = done(&fixture, "INV-1", "i1").await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    let again = cancel(&fixture, json!({ "external_id": "INV-1", "expire": true })).await;
    assert_eq!(
        (counts(&told), counts(&again)),
        (json!({ "resolving": 1 }), json!({ "resolving": 1 }))
    );
    let grant = fixture.claim().await;
    assert_eq!((grant.kind, grant.request), (GrantKind::FollowUp, NextRequest::Expire));
    fixture.queue.finish(&grant, &follow_up_done(), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "expired": 1 })).await;
    answered(&fixture, &again, json!({ "expired": 1 })).await;
    assert_eq!(fixture.state(&id).await, "done");
    let third = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    assert_eq!(counts(&third), json!({ "expired": 1 }), "it is expired already");

    let next = fixture.accept("INV-1", |job| job.amount = "1".to_owned()).await;
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&next, NextRequest::LookUp), "it looks first");
}

#[tokio::test]
async fn a_paid_invoice_of_a_done_bill_is_left_and_counted() {
    let fixture = QueueFixture::start().await;
    let id = done(&fixture, "INV-1", "i1").await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    finish(&fixture, &found(Findings { is_to_be_audited: true, ..Findings::default() })).await;
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
    let grant = fixture.claim().await;
    assert_eq!((grant.kind, grant.request), (GrantKind::FollowUp, NextRequest::LookUp));
    let paid = found(Findings { is_paid: true, ..Findings::default() });
    fixture.queue.finish(&grant, &paid, NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "paid": 1 })).await;
    let duplicate = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(answer(&fixture, &duplicate).await["invoice_id"], "i1", "the bill is done");
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn a_dead_job_is_cancelled_if_nothing_was_sent_and_looked_up_else() {
    let fixture = QueueFixture::start().await;
    let refused = dead(&fixture, "INV-1").await;
    let told = cancel(&fixture, json!({ "job": refused })).await;
    assert_eq!(counts(&told), json!({ "too_late": 1 }), "a refusal may be wrong");
    let told = cancel(&fixture, json!({ "job": refused, "expire": true })).await;
    assert_eq!(counts(&told), json!({ "resolving": 1 }));
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&refused, NextRequest::LookUp));
    fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    let batch = fixture.queue.batch("b").await.unwrap();
    assert_eq!((batch.total, batch.dead, batch.cancelled), (1, 0, 1));

    let invalid = fixture.accept("INV-2", |job| job.error_code = "invalid".to_owned()).await;
    let told = cancel(&fixture, json!({ "job": invalid })).await;
    assert_eq!(counts(&told), json!({ "cancelled": 1 }));
    assert_eq!(retry(&fixture, json!({ "all_dead": true })).await["not_retryable"], 0);
}

#[tokio::test]
async fn a_bill_that_was_submitted_again_after_the_cancel_is_billed() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let text = json!({ "external_id": "INV-1" });
    let command = submit(&fixture, CommandKind::Cancel, &text).await;
    let later = fixture.accept("INV-1", |_| {}).await;
    take(&fixture, &command, CommandKind::Cancel, &text).await;
    assert_eq!(counts(&answer(&fixture, &command).await), json!({ "too_late": 1 }));
    assert_eq!(finish(&fixture, &created("i1")).await, Finished::Done);
    for id in [first, later] {
        assert_eq!(answer(&fixture, &id).await["invoice_id"], "i1");
    }
}

fn submission(id: &str, external_id: &str) -> Submission {
    Submission {
        id: id.to_owned(),
        external_id: external_id.to_owned(),
        amount: "1".to_owned(),
        priority: "normal".to_owned(),
        batch: "b".to_owned(),
        max_attempts: "4".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    }
}

#[tokio::test]
async fn a_cancel_that_is_taken_in_before_the_jobs_before_it_holds_for_them_and_no_later_ones() {
    for target in ["job", "external_id", "batch"] {
        let fixture = QueueFixture::start().await;
        let early = fixture.queue.submit(&["{}", "{}"]).await.unwrap();
        let ids: Vec<String> = early.into_iter().map(Option::unwrap).collect();
        let text = match target {
            "job" => json!({ "job": ids[0] }),
            "external_id" => json!({ "external_id": "INV-1" }),
            _ => json!({ "batch": "b" }),
        };
        let command = submit(&fixture, CommandKind::Cancel, &text).await;
        let later = fixture.queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
        take(&fixture, &command, CommandKind::Cancel, &text).await;
        assert_eq!(counts(&answer(&fixture, &command).await), json!({ "not_found": 1 }));
        // The one that was submitted later is taken in first.
        fixture.queue.accept(&[submission(&later, "INV-1")]).await.unwrap();
        assert_eq!(fixture.state(&later).await, "waiting", "{target}");
        fixture.queue.accept(&[submission(&ids[0], "INV-1")]).await.unwrap();
        assert_eq!(fixture.state(&ids[0]).await, "cancelled", "{target}");
        assert_eq!(counts(&answer(&fixture, &command).await), json!({ "cancelled": 1 }));
        fixture.queue.accept(&[submission(&ids[1], "INV-2")]).await.unwrap();
        let other = if target == "batch" { "cancelled" } else { "waiting" };
        assert_eq!(fixture.state(&ids[1]).await, other, "{target}");
        let mut connection = fixture.server.connect().await.unwrap();
        let key = fixture.queue.keys().named("cancels");
        let is_there: bool =
            redis::cmd("EXISTS").arg(key).query_async(&mut connection).await.unwrap();
        assert!(!is_there, "nothing older is left in the inbox");
    }
}

#[tokio::test]
async fn a_large_batch_is_cancelled_in_portions_by_whoever_goes_on() {
    let fixture = QueueFixture::start().await;
    for place in 0..130 {
        fixture.accept(&format!("INV-{place}"), |job| job.batch = "b".to_owned()).await;
    }
    let text = json!({ "batch": "b" });
    let id = submit(&fixture, CommandKind::Cancel, &text).await;
    let parsed = command::parse(CommandKind::Cancel, text.to_string().as_bytes());
    assert!(fixture.queue.take_command(&id, CommandKind::Cancel, &parsed).await.unwrap());
    assert_eq!(answer(&fixture, &id).await, Value::Null, "not all were looked at");
    assert!(!fixture.queue.take_command(&id, CommandKind::Cancel, &parsed).await.unwrap());
    assert!(fixture.queue.run_commands().await.unwrap());
    assert!(!fixture.queue.run_commands().await.unwrap());
    assert!(!fixture.queue.run_commands().await.unwrap());
    assert_eq!(counts(&answer(&fixture, &id).await), json!({ "cancelled": 130 }));
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn dead_jobs_are_retried_whichever_way_they_are_named() {
    let fixture = QueueFixture::start().await;
    let first = dead(&fixture, "INV-1").await;
    assert_eq!(counts(&retry(&fixture, json!({ "job": first })).await), json!({ "retried": 1 }));
    assert_eq!(
        counts(&retry(&fixture, json!({ "job": first })).await),
        json!({ "not_retryable": 1 })
    );
    assert_eq!(finish(&fixture, &absent()).await, Finished::Waiting);
    assert_eq!(finish(&fixture, &rejected("NO")).await, Finished::Dead);
    let told = retry(&fixture, json!({ "external_id": "INV-1" })).await;
    assert_eq!(counts(&told), json!({ "retried": 1 }));
    finish(&fixture, &absent()).await;
    finish(&fixture, &rejected("NO")).await;
    dead(&fixture, "INV-2").await;
    assert_eq!(counts(&retry(&fixture, json!({ "batch": "b" })).await), json!({ "retried": 2 }));
}

#[tokio::test]
async fn all_dead_jobs_are_retried_and_those_that_would_die_again_are_passed_by() {
    let fixture = QueueFixture::start().await;
    for place in 0..70 {
        let invalid = |job: &mut Submission| job.error_code = "invalid".to_owned();
        fixture.accept(&format!("INVALID-{place}"), invalid).await;
        if place % 7 == 0 {
            dead(&fixture, &format!("INV-{place}")).await;
        }
    }
    let told = retry(&fixture, json!({ "all_dead": true })).await;
    assert_eq!(counts(&told), json!({ "retried": 10, "not_retryable": 70 }));
    assert_eq!(fixture.queue.status().await.unwrap().dead, 70);
}

#[tokio::test]
async fn an_answer_is_for_whoever_waits_and_is_forgotten_in_time() {
    let fixture = QueueFixture::start().await;
    let told = cancel(&fixture, json!({ "batch": "none" })).await;
    let mut connection = fixture.server.connect().await.unwrap();
    for kind in ["result", "command"] {
        let key =
            fixture.queue.keys().named(&format!("{kind}:{}", told["command"].as_str().unwrap()));
        let left: i64 = redis::cmd("TTL").arg(key).query_async(&mut connection).await.unwrap();
        assert!((600_000..=604_800).contains(&left), "{kind}: {left}");
    }
}

#[tokio::test]
async fn a_duplicate_is_counted_with_its_first_job_while_that_is_resolved() {
    let fixture = QueueFixture::start().await;
    let in_batch = |job: &mut Submission| job.batch = "b".to_owned();
    let first = fixture.accept("INV-1", in_batch).await;
    let grant = fixture.claim().await;
    let duplicate = fixture.accept("INV-1", in_batch).await;
    let told = cancel(&fixture, json!({ "batch": "b", "expire": true })).await;
    assert_eq!(counts(&told), json!({ "resolving": 1 }));
    fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap();
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    for id in [first, duplicate] {
        assert_eq!(fixture.state(&id).await, "cancelled");
    }
    done(&fixture, "INV-2", "i2").await;
    fixture.accept("INV-2", in_batch).await;
    fixture.accept("INV-2", in_batch).await;
    let told = cancel(&fixture, json!({ "batch": "b", "expire": true })).await;
    assert_eq!(counts(&told), json!({ "cancelled": 2, "resolving": 1 }));
    finish(&fixture, &follow_up_done()).await;
    answered(&fixture, &told, json!({ "cancelled": 2, "expired": 1 })).await;
}

#[tokio::test]
async fn a_bill_that_is_submitted_again_while_it_is_cancelled_is_billed() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": first, "expire": true })).await;
    let later = fixture.accept("INV-1", |_| {}).await;
    answered(&fixture, &told, json!({ "too_late": 1 })).await;
    fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    for id in [first, later] {
        assert_eq!(answer(&fixture, &id).await["invoice_id"], "i1");
    }
}

#[tokio::test]
async fn a_delivered_bill_that_was_submitted_again_after_the_cancel_keeps_its_invoice() {
    let fixture = QueueFixture::start().await;
    let first = done(&fixture, "INV-1", "i1").await;
    let text = json!({ "job": first, "expire": true });
    let command = submit(&fixture, CommandKind::Cancel, &text).await;
    let later = fixture.accept("INV-1", |_| {}).await;
    take(&fixture, &command, CommandKind::Cancel, &text).await;
    assert_eq!(counts(&answer(&fixture, &command).await), json!({ "too_late": 1 }));
    assert_eq!(answer(&fixture, &later).await["invoice_id"], "i1");
    assert!(fixture.try_claim().await.is_none(), "nothing is expired");
}

#[tokio::test]
async fn a_refusal_is_not_believed_where_no_open_invoice_may_be_left() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    finish(&fixture, &refused()).await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    assert_eq!(counts(&told), json!({ "resolving": 1 }));
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&id, NextRequest::LookUp));
    fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;

    let id = fixture.accept("INV-2", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    fixture.queue.finish(&grant, &refused(), NO_QUOTA).await.unwrap();
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&id, NextRequest::LookUp));
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
}

#[tokio::test]
async fn a_refusal_on_its_merits_is_not_believed_either() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    let finished = fixture.queue.finish(&grant, &rejected("NO"), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Waiting);
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&id, NextRequest::LookUp));
    fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    assert_eq!(fixture.state(&id).await, "cancelled");
}

#[tokio::test]
async fn a_job_that_a_person_cancelled_after_a_refusal_is_looked_up_where_no_open_invoice_may_be_left()
 {
    let fixture = QueueFixture::start().await;
    let expire = async |id: &String| cancel(&fixture, json!({ "job": id, "expire": true })).await;
    let refused_and_cancelled = async |external_id: &str| {
        let id = fixture.accept(external_id, |_| {}).await;
        finish(&fixture, &refused()).await;
        assert_eq!(fixture.queue.cancel(&id).await.unwrap(), Cancelled::Cancelled);
        id
    };
    let id = refused_and_cancelled("INV-1").await;
    let told = expire(&id).await;
    assert_eq!(counts(&told), json!({ "resolving": 1 }));
    let grant = fixture.claim().await;
    assert_eq!((grant.kind, grant.request), (GrantKind::FollowUp, NextRequest::LookUp));
    let open = Findings { relinked: Some(Box::new(invoice("i1"))), ..Findings::default() };
    fixture.queue.finish(&grant, &found(open), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
    let grant = fixture.claim().await;
    assert_eq!((grant.request, grant.invoice_id.as_deref()), (NextRequest::Expire, Some("i1")));
    fixture.queue.finish(&grant, &follow_up_done(), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;

    let told = expire(&refused_and_cancelled("INV-2").await).await;
    finish(&fixture, &follow_up_done()).await;
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;

    let unsent = fixture.accept("INV-3", |_| {}).await;
    assert_eq!(fixture.queue.cancel(&unsent).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(counts(&expire(&unsent).await), json!({ "cancelled": 1 }));
    assert!(fixture.try_claim().await.is_none(), "nothing was sent for it");
}

#[tokio::test]
async fn a_job_whose_invoice_could_not_be_expired_yet_is_not_cancelled_before_it_is_looked_up() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    finish(&fixture, &failed()).await;
    let again = cancel(&fixture, json!({ "job": id })).await;
    assert_eq!(counts(&again), json!({ "too_late": 1 }));
    answered(&fixture, &told, json!({ "resolving": 1 })).await;
    assert_eq!(fixture.state(&id).await, "scheduled");
}

#[tokio::test]
async fn a_delivered_bill_whose_invoice_is_expired_while_it_is_looked_at_again_is_not_delivered_again()
 {
    let fixture = QueueFixture::start().await;
    done(&fixture, "INV-1", "i1").await;
    let again = fixture.accept("INV-1", |job| job.check_first = "1".to_owned()).await;
    let grant = fixture.claim().await;
    let told = cancel(&fixture, json!({ "job": again, "expire": true })).await;
    let found = adopted(invoice("i1"), &[]);
    fixture.queue.finish(&grant, &found, NO_QUOTA).await.unwrap();
    // The expiry fails, and the look-up after it finds the invoice once more.
    let grant = fixture.claim().await;
    assert_eq!((grant.request, grant.invoice_id.as_deref()), (NextRequest::Expire, Some("i1")));
    fixture.queue.finish(&grant, &failed(), NO_QUOTA).await.unwrap();
    assert_eq!(finish(&fixture, &found).await, Finished::Waiting);
    let grant = fixture.claim().await;
    assert_eq!((grant.request, grant.invoice_id.as_deref()), (NextRequest::Expire, Some("i1")));
    fixture.queue.finish(&grant, &expired(), NO_QUOTA).await.unwrap();
    finish(&fixture, &absent()).await;
    answered(&fixture, &told, json!({ "cancelled": 1 })).await;
    let next = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    assert_eq!((&grant.id, grant.request), (&next, NextRequest::LookUp));
}

#[tokio::test]
async fn after_a_cancel_an_audit_expires_what_it_finds() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    finish(&fixture, &refused()).await;
    let grant = fixture.claim().await;
    fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    finish(&fixture, &follow_up_done()).await;
    answered(&fixture, &told, json!({ "expired": 1 })).await;
    let audit = fixture.claim().await;
    assert_eq!((audit.kind, audit.request), (GrantKind::FollowUp, NextRequest::LookUp));
    let other = Findings { relinked: Some(Box::new(invoice("i2"))), ..Findings::default() };
    fixture.queue.finish(&audit, &found(other), NO_QUOTA).await.unwrap();
    let grant = fixture.claim().await;
    assert_eq!((grant.request, grant.invoice_id.as_deref()), (NextRequest::Expire, Some("i2")));
}

#[tokio::test]
async fn the_last_of_several_early_cancels_holds_in_whichever_order_they_are_taken_in() {
    let fixture = QueueFixture::start().await;
    let text = json!({ "external_id": "INV-1" });
    let oldest = fixture.queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
    let first = submit(&fixture, CommandKind::Cancel, &text).await;
    let between = fixture.queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
    let last = submit(&fixture, CommandKind::Cancel, &text).await;
    for command in [&last, &first] {
        take(&fixture, command, CommandKind::Cancel, &text).await;
    }
    for id in [&oldest, &between] {
        fixture.queue.accept(&[submission(id, "INV-1")]).await.unwrap();
        assert_eq!(fixture.state(id).await, "cancelled");
    }
}

#[tokio::test]
async fn the_invoice_of_a_later_submission_is_not_expired_by_a_look_at_the_bill_before_it() {
    let fixture = QueueFixture::start().await;
    let first = done(&fixture, "INV-1", "i1").await;
    let told = cancel(&fixture, json!({ "job": first, "expire": true })).await;
    finish(&fixture, &found(Findings { is_to_be_audited: true, ..Findings::default() })).await;
    fixture.accept("INV-1", |_| {}).await;
    // The job's look-up and the one for the cancel run at once; the job creates before the other is answered.
    let (one, other) = (fixture.claim().await, fixture.claim().await);
    let (look, close) = if one.kind == GrantKind::Job { (one, other) } else { (other, one) };
    assert_eq!((look.kind, close.kind), (GrantKind::Job, GrantKind::FollowUp));
    fixture.queue.finish(&look, &absent(), NO_QUOTA).await.unwrap();
    assert_eq!(finish(&fixture, &created("i2")).await, Finished::Done);
    let other = Findings { relinked: Some(Box::new(invoice("i2"))), ..Findings::default() };
    fixture.queue.finish(&close, &found(other), NO_QUOTA).await.unwrap();
    answered(&fixture, &told, json!({ "expired": 1 })).await;
    assert!(fixture.try_claim().await.is_none(), "nothing more is expired");
}

#[tokio::test]
async fn an_invoice_that_could_not_be_expired_is_as_open_as_before() {
    let fixture = QueueFixture::start().await;
    let id = done(&fixture, "INV-1", "i1").await;
    let told = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    let mut connection = fixture.server.connect().await.unwrap();
    let record = fixture.queue.keys().named("follow_up:expire-i1");
    let mut last_try = redis::cmd("HSET");
    last_try.arg(record).arg("attempts").arg(24);
    last_try.exec_async(&mut connection).await.unwrap();
    let failed = FollowUpOutcome::LookUpFailed { code: "timeout".to_owned() };
    finish(&fixture, &Outcome::FollowUp(failed)).await;
    answered(&fixture, &told, json!({ "too_late": 1 })).await;
    let duplicate = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(answer(&fixture, &duplicate).await["invoice_id"], "i1", "its link still works");
    let again = cancel(&fixture, json!({ "job": id, "expire": true })).await;
    assert_eq!(counts(&again), json!({ "resolving": 1 }), "it is tried again");
}

#[tokio::test]
async fn a_bill_of_which_only_a_later_job_is_known_is_wanted_again() {
    let fixture = QueueFixture::start().await;
    let text = json!({ "external_id": "INV-1" });
    for (kind, counted) in
        [(CommandKind::Cancel, "too_late"), (CommandKind::Retry, "not_retryable")]
    {
        let command = submit(&fixture, kind, &text).await;
        let later = fixture.accept("INV-1", |_| {}).await;
        take(&fixture, &command, kind, &text).await;
        assert_eq!(counts(&answer(&fixture, &command).await), json!({ counted: 1 }));
        assert_eq!(fixture.state(&later).await, "waiting");
    }
}
