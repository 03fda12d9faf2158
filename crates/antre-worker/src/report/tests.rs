use std::time::Duration;

use antre_core::{amount::Amount, mode::Mode, payer::Payer, warning::Warning};
use antre_store::{
    Redis,
    claim::{Claim, WorkerIdentity},
    intake::Submission,
    settings::{Configurator, Settings},
};
use antre_testkit::RedisServer;
use antre_xendit::{
    Call,
    api::{
        identity::{ExpectedBill, Mismatch},
        invoice_view::{InvoiceView, parse_invoice},
        outcome::{
            AmbiguousCause, CreateOutcome, ExpireOutcome, Failure, LookUpOutcome, NotSentCause,
            Unreadable,
        },
    },
};

use super::*;

mod chores;
mod confirmed;

const MARK: &str = "default/1-1";

/// Returns an invoice of 350000 with our mark, as Xendit describes it.
fn invoice(id: &str, status: &str) -> InvoiceView {
    described(id, status, 350_000, MARK)
}

fn described(id: &str, status: &str, amount: u32, mark: &str) -> InvoiceView {
    let text = format!(
        r#"{{"id":"{id}","external_id":"INV-1","status":"{status}","amount":{amount},
        "invoice_url":"https://checkout.example/{id}","expiry_date":"2026-12-01T00:00:00.000Z",
        "created":"2026-11-23T06:00:0{}.000Z","metadata":{{"antre_job":"{mark}"}}}}"#,
        id.len()
    );
    parse_invoice(text.as_bytes()).unwrap()
}

fn bill() -> ExpectedBill {
    ExpectedBill {
        external_id: "INV-1".to_owned(),
        marker: MARK.to_owned(),
        amount: Amount::parse("350000").unwrap(),
        currency: None,
        payer: Payer::default(),
        first_sent_ms: Some(1),
        recorded: None,
        past: Vec::new(),
        closed_before_ms: None,
        check_first: false,
        is_recheck: false,
        may_be_lost: false,
        user_id: None,
    }
}

fn refusal(status: u16) -> Refusal {
    let body = Some(r#"{"error_code":"CODE","errors":[{"path":"amount"}]}"#.into());
    Refusal { status, code: format!("CODE_{status}"), message: "no".to_owned(), body }
}

fn a_second() -> Limited {
    Limited { wait: Duration::from_secs(1) }
}

fn refused_connection() -> NotSent {
    NotSent { cause: NotSentCause::ConnectionRefused, detail: String::new() }
}

fn failure() -> Failure {
    Failure { code: "http_500".to_owned(), message: "the server failed".to_owned() }
}

fn found(invoices: Vec<InvoiceView>) -> LookUpOutcome {
    LookUpOutcome::Found { invoices, complete: true }
}

/// A job of its own that has sent a create.
fn looked_for(bill: &ExpectedBill) -> job::LookedFor<'_> {
    job::LookedFor { bill, left_out: &[], has_created: true }
}

fn going_on(meaning: Meaning) -> GoesOn {
    let Meaning::GoesOn(goes_on) = meaning else { unreachable!("it does not go on: {meaning:?}") };
    goes_on
}

fn settings() -> Settings {
    let ms = Duration::from_millis;
    Settings {
        limits: "10000/100ms".parse().unwrap(),
        mode: Mode::Test,
        jitter_allowance: ms(0),
        send_within: ms(5),
        lease: ms(9_000),
        request_timeout: ms(1_000),
        trust_absence_answered: ms(0),
        trust_absence_unanswered: ms(0),
        retry_delays: "1ms".parse().unwrap(),
        head_start_high: ms(0),
        head_start_normal: ms(0),
        breaker_probe: ms(20),
        retention_done: ms(1_000),
        retention_dead: ms(1_000),
    }
}

/// Claims a job for `INV-1`, the only way to a grant.
async fn granted() -> Grant {
    let server = RedisServer::start().await.unwrap();
    let queue = Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
    let tester = WorkerIdentity::new("tester", "key", Mode::Test);
    let by = Configurator { worker: &tester, has_lost_data: false };
    queue.configure(&settings(), by).await.unwrap();
    let id = queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
    let submission = Submission {
        id,
        external_id: "INV-1".to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        max_attempts: "4".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    };
    queue.accept(&[submission]).await.unwrap();
    let tester = std::sync::Arc::new(WorkerIdentity {
        name: "tester".to_owned(),
        fingerprint: "key".to_owned(),
        mode: Mode::Test,
    });
    antre_testkit::eventually(Duration::from_secs(30), "a grant", async || {
        match queue.claim_next("fence", &tester, 0).await {
            // The first request of a new account shows whose the key is.
            Ok(Claim::Granted(grant)) if grant.kind == GrantKind::Probe => {
                let probed = Probed {
                    outcome: "seen",
                    user_id: "u-1".to_owned(),
                    mode: "test",
                    ..Probed::default()
                };
                queue.finish_probe(&grant, QuotaSeen::default(), &probed).await.unwrap();
                None
            }
            Ok(Claim::Granted(grant)) => Some(*grant),
            Ok(
                Claim::Wait { .. }
                | Claim::Idle { .. }
                | Claim::Again
                | Claim::Stranger { .. }
                | Claim::Unconfigured,
            )
            | Err(_) => None,
        }
    })
    .await
    .unwrap()
}

fn prepared(warnings: Vec<Warning>) -> Prepared {
    Prepared { call: Call::LookUp { external_id: "INV-1".to_owned() }, job: None, warnings }
}

#[tokio::test]
async fn every_outcome_of_a_create_has_its_word() {
    let grant = granted().await;
    let unclear = |cause, answered| CreateOutcome::Ambiguous { cause, answered, body: None };
    let truncated = AmbiguousCause::UnreadableSuccess(Unreadable::Truncated);
    let cases = [
        (CreateOutcome::Created(invoice("i", "PENDING")), "created"),
        (CreateOutcome::Rejected(refusal(400)), "rejected"),
        (CreateOutcome::Limited(a_second()), "limited"),
        (CreateOutcome::KeyRefused(refusal(401)), "key_refused"),
        (CreateOutcome::KeyRefused(refusal(403)), "refused"),
        (CreateOutcome::NotSent(refused_connection()), "not_sent"),
        (unclear(AmbiguousCause::Timeout, false), "ambiguous"),
        (unclear(AmbiguousCause::ConnectionLost, false), "ambiguous"),
        (unclear(AmbiguousCause::BareClientError(404), true), "ambiguous"),
        (unclear(truncated, true), "ambiguous"),
        (unclear(AmbiguousCause::Mismatch(Mismatch::ExternalId), true), "ambiguous"),
    ];
    for (outcome, word) in cases {
        let shown = format!("{outcome:?}");
        let meaning = job::after_create(&grant, &prepared(Vec::new()), outcome);
        assert_eq!(meaning.word(), word, "{shown}");
    }
}

#[tokio::test]
async fn only_an_answer_of_xendits_own_ends_the_time_in_which_a_create_may_have_effect() {
    let grant = granted().await;
    let is_answered = |cause, answered| {
        let outcome = CreateOutcome::Ambiguous { cause, answered, body: None };
        going_on(job::after_create(&grant, &prepared(Vec::new()), outcome)).is_answered
    };
    assert_eq!(is_answered(AmbiguousCause::ServerError(500), true), "1");
    assert_eq!(is_answered(AmbiguousCause::ServerError(504), true), "", "a gateway that gave up");
    assert_eq!(is_answered(AmbiguousCause::Timeout, false), "");
    assert_eq!(is_answered(AmbiguousCause::Mismatch(Mismatch::Amount), true), "1");
}

#[tokio::test]
async fn a_created_invoice_is_delivered_with_its_link_and_warnings() {
    let grant = granted().await;
    let warning = Warning::about_field("mobile_number_left_out", "invoice.customer", "left out");
    let outcome = CreateOutcome::Created(invoice("i", "PENDING"));
    let Meaning::Done(delivered) = job::after_create(&grant, &prepared(vec![warning]), outcome)
    else {
        unreachable!("an invoice ends the job");
    };
    assert_eq!((delivered.invoice_id.as_str(), delivered.external_id.as_str()), ("i", "INV-1"));
    assert_eq!(delivered.invoice_url, "https://checkout.example/i");
    assert_eq!(delivered.expires_at, "1796083200000");
    assert!(delivered.warnings.contains("mobile_number_left_out"));
    assert!(delivered.response.contains("antre_job"));
}

#[tokio::test]
async fn a_rejection_names_xendits_code_message_and_fields() {
    let grant = granted().await;
    let outcome = CreateOutcome::Rejected(refusal(400));
    let Meaning::Dead(died) = job::after_create(&grant, &prepared(Vec::new()), outcome) else {
        unreachable!("a rejection ends the job");
    };
    assert_eq!((died.error_code.as_str(), died.outcome), ("CODE_400", "rejected"));
    assert_eq!((died.error_message.as_str(), died.error_status.as_str()), ("no", "400"));
    assert_eq!(died.response, r#"{"error_code":"CODE","errors":[{"path":"amount"}]}"#);
}

#[test]
fn every_outcome_of_a_look_up_has_its_word() {
    let cases = [
        (found(vec![invoice("i", "PENDING")]), "adopted"),
        (found(vec![]), "absent"),
        (found(vec![described("i", "PENDING", 350_000, "default/2-1")]), "absent"),
        (found(vec![described("i", "PENDING", 1, MARK)]), "expire_first"),
        (found(vec![described("i", "PAID", 1, MARK)]), "found"),
        (found(vec![invoice("i", "EXPIRED")]), "found"),
        (LookUpOutcome::Found { invoices: vec![], complete: false }, "found"),
        (LookUpOutcome::Limited(a_second()), "limited"),
        (LookUpOutcome::KeyRefused(refusal(401)), "key_refused"),
        (LookUpOutcome::KeyRefused(refusal(403)), "refused"),
        (LookUpOutcome::NotSent(refused_connection()), "not_sent"),
        (LookUpOutcome::Failed(failure()), "lookup_failed"),
    ];
    for (outcome, word) in cases {
        let shown = format!("{outcome:?}");
        assert_eq!(job::after_look_up(&looked_for(&bill()), outcome).word(), word, "{shown}");
    }
}

#[test]
fn a_look_up_that_found_two_adopts_the_oldest_and_names_the_other_as_surplus() {
    let both = vec![invoice("newer", "PENDING"), invoice("old", "PENDING")];
    let Meaning::Done(delivered) = job::after_look_up(&looked_for(&bill()), found(both)) else {
        unreachable!("one of ours ends the job");
    };
    assert_eq!((delivered.invoice_id.as_str(), delivered.surplus.as_str()), ("old", "newer"));
    assert_eq!((delivered.outcome, delivered.is_paid), ("adopted", ""));
}

#[test]
fn an_invoice_that_was_paid_before_the_job_asked_for_it_is_told_with_day_and_id() {
    let paid = || {
        let text = r#"{"id":"i","external_id":"INV-1","status":"PAID","amount":350000,
            "paid_at":"2026-11-02T03:04:05.000Z","metadata":{"antre_job":"default/1-1"}}"#;
        found(vec![parse_invoice(text.as_bytes()).unwrap()])
    };
    let seen = |bill: &ExpectedBill, has_created| {
        let asked = job::LookedFor { has_created, ..looked_for(bill) };
        let Meaning::Done(delivered) = job::after_look_up(&asked, paid()) else {
            unreachable!("a paid one ends the job");
        };
        (delivered.already_paid, delivered.warnings)
    };
    let (word, warnings) = seen(&bill(), false);
    assert_eq!(word, "1");
    for part in ["already_paid", "2026-11-02T03:04:05.000Z", "invoice i;"] {
        assert!(warnings.contains(part), "{warnings}");
    }
    let of_an_earlier_job = ExpectedBill { past: vec!["i".to_owned()], ..bill() };
    assert_eq!(seen(&of_an_earlier_job, true).0, "1");
    assert_eq!(seen(&bill(), true), ("", "[]".to_owned()), "its own, paid at once");
}

#[test]
fn what_a_look_up_remarks_stays_with_a_job_that_goes_on() {
    let foreign = described("i", "PENDING", 350_000, "other/7-1");
    let absent = going_on(job::after_look_up(&looked_for(&bill()), found(vec![foreign])));
    assert!(absent.warnings.contains("foreign_invoice"), "{}", absent.warnings);
    let clean = going_on(job::after_look_up(&looked_for(&bill()), found(vec![])));
    assert_eq!(clean.warnings, "[]");
}

#[test]
fn a_conflict_names_the_invoice_and_keeps_its_link_to_itself() {
    let rechecked = ExpectedBill {
        recorded: Some("i".to_owned()),
        is_recheck: true,
        may_be_lost: false,
        check_first: true,
        ..bill()
    };
    let died = |bill: &ExpectedBill, status| {
        let other_amount = found(vec![described("i", status, 1, MARK)]);
        let Meaning::Dead(died) = job::after_look_up(&looked_for(bill), other_amount) else {
            unreachable!("another amount ends the job");
        };
        died
    };
    let conflict = died(&rechecked, "PENDING");
    assert_eq!((conflict.error_code.as_str(), conflict.outcome), ("conflict", "found"));
    assert_eq!((conflict.invoice_id.as_str(), conflict.response.as_str()), ("i", ""));
    let paid = died(&rechecked, "PAID");
    assert_eq!(paid.error_code, "paid_other_amount");
    assert!(paid.response.contains("checkout.example"));
}

#[test]
fn an_invoice_of_ours_keeps_the_warnings_of_its_create_and_a_foreign_one_has_none() {
    let left_out = [Warning::about_field("email_left_out", "invoice.customer.email", "left out")];
    let warnings = |bill: &ExpectedBill, mark| {
        let one = found(vec![described("i", "PENDING", 350_000, mark)]);
        let asked = job::LookedFor { left_out: &left_out, ..looked_for(bill) };
        let Meaning::Done(delivered) = job::after_look_up(&asked, one) else {
            unreachable!("it is adopted");
        };
        delivered.warnings
    };
    assert!(warnings(&bill(), MARK).contains("email_left_out"));
    let checking = ExpectedBill { check_first: true, ..bill() };
    assert!(!warnings(&checking, "other/7-1").contains("email_left_out"));
}

#[test]
fn every_outcome_of_an_expire_has_its_word() {
    let cases = [
        (ExpireOutcome::Expired(invoice("i", "EXPIRED")), "expired"),
        (ExpireOutcome::NotPending { message: String::new() }, "expired"),
        (ExpireOutcome::Limited(a_second()), "limited"),
        (ExpireOutcome::KeyRefused(refusal(401)), "key_refused"),
        (ExpireOutcome::KeyRefused(refusal(403)), "refused"),
        (ExpireOutcome::NotSent(refused_connection()), "not_sent"),
        (ExpireOutcome::Failed(failure()), "lookup_failed"),
    ];
    for (outcome, word) in cases {
        let shown = format!("{outcome:?}");
        assert_eq!(job::after_expire(outcome).word(), word, "{shown}");
    }
}

#[test]
fn a_limit_is_passed_on_in_microseconds_with_a_code() {
    let limited = going_on(limited(Limited { wait: Duration::from_millis(1250) }));
    assert_eq!(
        (limited.wait_us.as_str(), limited.code.as_str()),
        ("1250000", "RATE_LIMIT_EXCEEDED")
    );
}

#[test]
fn a_job_that_cannot_be_sent_is_dead_and_a_chore_without_its_job_is_over() {
    let damaged = NoRequest::Damaged("job is empty".to_owned());
    let Meaning::Dead(died) = unsendable(GrantKind::Job, &damaged).meaning else {
        unreachable!("nothing can become of it");
    };
    assert_eq!((died.error_code.as_str(), died.outcome), ("damaged", "found"));
    assert!(died.error_message.contains("job is empty"));
    assert_eq!(unsendable(GrantKind::Chore, &NoRequest::Gone).meaning.word(), "done");
}

#[test]
fn an_abandoned_claim_goes_on_and_its_request_may_have_been_sent() {
    assert_eq!(abandoned(GrantKind::Job, "worker_stopped").meaning.word(), "abandoned");
    assert_eq!(abandoned(GrantKind::Chore, "worker_stopped").meaning.word(), "lookup_failed");
}

#[tokio::test]
async fn a_handler_that_failed_leaves_it_open_whether_its_request_was_sent() {
    let mut grant = granted().await;
    assert_eq!(handler_failed(&grant).meaning.word(), "ambiguous");
    assert_eq!(going_on(handler_failed(&grant).meaning).is_answered, "");
    grant.step = Step::LookUp;
    assert_eq!(handler_failed(&grant).meaning.word(), "lookup_failed");
    grant.kind = GrantKind::Chore;
    assert_eq!(handler_failed(&grant).meaning.word(), "lookup_failed");
}
