use std::{sync::Arc, time::Duration};

use antre_core::amount::Amount;
use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Limited;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::mode::Mode;
use antre_core::payer::Payer;
use antre_core::warning::Warning;
use antre_store::claim::{ClaimedBill, ClaimedJob, WorkerIdentity};
use antre_xendit::Call;
use antre_xendit::api::identity::ExpectedBill;
use antre_xendit::api::identity::Mismatch;
use antre_xendit::api::invoice_view::InvoiceView;
use antre_xendit::api::invoice_view::parse_invoice;
use antre_xendit::api::outcome::AmbiguousCause;
use antre_xendit::api::outcome::CreateOutcome;
use antre_xendit::api::outcome::ExpireOutcome;
use antre_xendit::api::outcome::Failure;
use antre_xendit::api::outcome::LookUpOutcome;
use antre_xendit::api::outcome::NewestOutcome;
use antre_xendit::api::outcome::NotSentCause;
use antre_xendit::api::outcome::Unreadable;

use super::*;

mod confirmed;
mod follow_ups;

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
        closed_invoices: Vec::new(),
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
    Limited { code: "RATE_LIMIT_EXCEEDED".to_owned(), wait: Duration::from_secs(1) }
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

/// Returns what was delivered, and ids of surplus invoices.
fn adopted(outcome: JobOutcome) -> Adoption {
    let JobOutcome::Adopted(adoption) = outcome else { unreachable!("not adopted: {outcome:?}") };
    *adoption
}

fn found_dead(outcome: JobOutcome) -> DeadEnd {
    let JobOutcome::FoundDead(dead) = outcome else { unreachable!("not dead: {outcome:?}") };
    *dead
}

fn codes(warnings: &[Warning]) -> Vec<&str> {
    warnings.iter().map(|warning| &*warning.code).collect()
}

/// The right to send a create for `INV-1`.
fn granted() -> Grant {
    Grant {
        kind: GrantKind::Job,
        id: "1-1".to_owned(),
        claim_token: "claim_token".to_owned(),
        worker: Arc::new(WorkerIdentity::new("tester", "key", Mode::Test)),
        request_timeout: Duration::from_secs(1),
        send_within: Duration::from_millis(5),
        request: NextRequest::Create,
        invoice_id: None,
        data: b"{}".to_vec(),
        job: ClaimedJob { external_id: "INV-1".to_owned(), ..ClaimedJob::default() },
        bill: ClaimedBill::default(),
        read: None,
    }
}

fn prepared(warnings: Vec<Warning>) -> Prepared {
    Prepared { call: Call::LookUp { external_id: "INV-1".to_owned() }, job: None, warnings }
}

#[test]
fn every_outcome_of_a_create_has_its_word() {
    let grant = granted();
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

#[test]
fn only_an_answer_of_xendits_own_ends_the_time_in_which_a_create_may_have_effect() {
    let is_answered = |cause, answered| {
        let outcome = CreateOutcome::Ambiguous { cause, answered, body: None };
        let outcome = job::after_create(&granted(), &prepared(Vec::new()), outcome);
        matches!(outcome, JobOutcome::Ambiguous { is_answered: true, .. })
    };
    assert!(is_answered(AmbiguousCause::ServerError(500), true));
    assert!(!is_answered(AmbiguousCause::ServerError(504), true), "a gateway that gave up");
    assert!(!is_answered(AmbiguousCause::Timeout, false));
    assert!(is_answered(AmbiguousCause::Mismatch(Mismatch::Amount), true));
}

#[test]
fn a_created_invoice_is_delivered_with_its_link_and_warnings() {
    let warning = |code| Warning::about_field(code, "invoice.customer", "left out");
    let mut grant = granted();
    grant.job.warnings = vec![warning("foreign_invoice")];
    let prepared = prepared(vec![warning("mobile_number_left_out")]);
    let outcome = CreateOutcome::Created(invoice("i", "PENDING"));
    let JobOutcome::Created(Delivery { invoice, warnings }) =
        job::after_create(&grant, &prepared, outcome)
    else {
        unreachable!("an invoice ends the job");
    };
    assert_eq!((invoice.id.as_str(), invoice.is_paid), ("i", false));
    assert_eq!(invoice.url.as_deref(), Some("https://checkout.example/i"));
    assert_eq!(invoice.expires_at_ms, Some(1_796_083_200_000));
    assert_eq!(codes(&warnings), ["foreign_invoice", "mobile_number_left_out"]);
    assert!(invoice.response.contains("antre_job"));
}

#[test]
fn a_rejection_names_xendits_code_message_and_fields() {
    let outcome = CreateOutcome::Rejected(refusal(400));
    let JobOutcome::Rejected(cause) = job::after_create(&granted(), &prepared(Vec::new()), outcome)
    else {
        unreachable!("a rejection ends the job");
    };
    assert_eq!((cause.code.as_str(), cause.message.as_str()), ("CODE_400", "no"));
    assert_eq!(cause.status, Some(400));
    let body = r#"{"error_code":"CODE","errors":[{"path":"amount"}]}"#;
    assert_eq!(cause.response.as_deref(), Some(body));
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
    let found = adopted(job::after_look_up(&looked_for(&bill()), found(both)));
    assert_eq!(
        (found.delivery.invoice.id.as_str(), found.delivery.invoice.is_paid),
        ("old", false)
    );
    assert_eq!(found.surplus, ["newer"]);
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
        let adoption = adopted(job::after_look_up(&asked, paid()));
        (adoption.is_already_paid, adoption.delivery.warnings)
    };
    let (is_already_paid, warnings) = seen(&bill(), false);
    assert!(is_already_paid);
    assert_eq!(codes(&warnings), ["already_paid"]);
    for part in ["2026-11-02T03:04:05.000Z", "invoice i;"] {
        assert!(warnings[0].message.contains(part), "{warnings:?}");
    }
    let of_an_earlier_job = ExpectedBill { closed_invoices: vec!["i".to_owned()], ..bill() };
    assert!(seen(&of_an_earlier_job, true).0);
    assert_eq!(seen(&bill(), true), (false, Vec::new()), "its own, paid at once");
}

#[test]
fn what_a_look_up_remarks_stays_with_a_job_that_goes_on() {
    let remarks = |invoices| {
        let outcome = job::after_look_up(&looked_for(&bill()), found(invoices));
        let JobOutcome::Absent { remarks } = outcome else { unreachable!("{outcome:?}") };
        remarks
    };
    let foreign = described("i", "PENDING", 350_000, "other/7-1");
    assert_eq!(codes(&remarks(vec![foreign])), ["foreign_invoice"]);
    assert_eq!(remarks(vec![]), []);
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
        found_dead(job::after_look_up(&looked_for(bill), other_amount))
    };
    let conflict = died(&rechecked, "PENDING");
    assert_eq!((conflict.cause.code.as_str(), conflict.cause.response), ("conflict", None));
    assert_eq!(conflict.invoice_id.as_deref(), Some("i"));
    let paid = died(&rechecked, "PAID");
    assert_eq!(paid.cause.code, "paid_other_amount");
    assert!(paid.cause.response.unwrap().contains("checkout.example"));
}

#[test]
fn an_invoice_of_ours_keeps_the_warnings_of_its_create_and_a_foreign_one_has_none() {
    let left_out = [Warning::about_field("email_left_out", "invoice.customer.email", "left out")];
    let has_told = |bill: &ExpectedBill, mark| {
        let one = found(vec![described("i", "PENDING", 350_000, mark)]);
        let asked = job::LookedFor { left_out: &left_out, ..looked_for(bill) };
        let warnings = adopted(job::after_look_up(&asked, one)).delivery.warnings;
        codes(&warnings).contains(&"email_left_out")
    };
    assert!(has_told(&bill(), MARK));
    let checking = ExpectedBill { check_first: true, ..bill() };
    assert!(!has_told(&checking, "other/7-1"));
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
fn what_kept_a_request_from_leaving_or_being_answered_is_named() {
    let refused = ExpireOutcome::NotSent(refused_connection());
    let JobOutcome::NotSent(cause) = job::after_expire(refused) else { unreachable!("not sent") };
    assert_eq!(cause.code, "connection_refused");
    let failed = ExpireOutcome::Failed(failure());
    let JobOutcome::LookUpFailed(cause) = job::after_expire(failed) else { unreachable!("failed") };
    assert_eq!((&*cause.code, &*cause.message), ("http_500", "the server failed"));
}

#[test]
fn a_limit_is_passed_on_with_its_wait_and_its_word() {
    let outcome = job::after_expire(ExpireOutcome::Limited(a_second()));
    assert_eq!(outcome, JobOutcome::Limited(a_second()));
}

#[test]
fn a_job_that_cannot_be_sent_is_dead_and_a_follow_up_without_its_job_is_over() {
    let damaged = NoRequest::Damaged("job is empty".to_owned());
    let Some(Outcome::Job(outcome)) = unsendable(GrantKind::Job, &damaged).outcome else {
        unreachable!("it is a job's");
    };
    let cause = found_dead(outcome).cause;
    assert_eq!(cause.code, "damaged");
    assert!(cause.message.contains("job is empty"));
    assert_eq!(unsendable(GrantKind::FollowUp, &NoRequest::Gone).word(), "done");
}

#[test]
fn an_abandoned_claim_goes_on_and_its_request_may_have_been_sent() {
    assert_eq!(abandoned(GrantKind::Job, "worker_stopped").word(), "abandoned");
    assert_eq!(abandoned(GrantKind::FollowUp, "worker_stopped").word(), "lookup_failed");
}

#[test]
fn a_handler_that_failed_leaves_it_open_whether_its_request_was_sent() {
    let mut grant = granted();
    let outcome = handler_failed(&grant).outcome;
    let is_open = Some(Outcome::Job(JobOutcome::Ambiguous {
        is_answered: false,
        cause: Cause::new("handler_failed", "the worker's handler failed; see its log"),
    }));
    assert_eq!(outcome, is_open);
    grant.request = NextRequest::LookUp;
    assert_eq!(handler_failed(&grant).word(), "lookup_failed");
    grant.kind = GrantKind::FollowUp;
    assert_eq!(handler_failed(&grant).word(), "lookup_failed");
}

#[test]
fn every_outcome_of_a_probe_has_its_word() {
    let failed = |code: &str| NewestOutcome::Failed(Failure { code: code.to_owned(), ..failure() });
    let cases = [
        (NewestOutcome::Invoice { user_id: None }, None, "seen"),
        (NewestOutcome::Empty, None, "empty"),
        (NewestOutcome::Limited(a_second()), None, "limited"),
        (NewestOutcome::KeyRefused(refusal(401)), None, "key_refused"),
        (NewestOutcome::Forbidden(refusal(403)), None, "forbidden"),
        (NewestOutcome::NotSent(refused_connection()), None, "not_sent"),
        (failed("API_VALIDATION_ERROR"), Some(400), "silent"),
        (failed("http_404"), Some(404), "lookup_failed"),
        (failed("timeout"), None, "lookup_failed"),
    ];
    for (outcome, status, word) in cases {
        let shown = format!("{outcome:?}");
        assert_eq!(probe::after(status, outcome).word(), word, "{shown}");
    }
    assert_eq!(probe::unanswered("x"), ProbeOutcome::LookUpFailed { code: "x".to_owned() });
}
