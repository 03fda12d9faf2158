//! Only an answer about the bill counts.

use super::*;
use crate::{
    request,
    tests::{NOWHERE, TEST_KEY, account},
};

fn reply(answer: Answer) -> Reply {
    let quota = Quota::default();
    Reply { written_at: None, status: None, request_id: None, quota, answer }
}

#[tokio::test]
async fn every_answer_for_a_job_is_compared_with_the_bill_of_its_grant() {
    let account = account("redis://127.0.0.1:1", NOWHERE, TEST_KEY);
    let mut grant = granted();
    grant.data = br#"{"invoice":{"external_id":"INV-1","amount":350000}}"#.to_vec();
    let mark = format!("\"default/{}\"", grant.id);
    let mark = format!(r#"{{"antre_job":{mark}}}"#);
    let ours = [("metadata", mark.as_str())];
    let theirs = [("metadata", mark.as_str()), ("external_id", r#""OTHER""#)];
    let prepared = request::prepare(&account, &grant).unwrap_or_else(|why| unreachable!("{why}"));
    let word = |answer| {
        let report = read(&account, &grant, &prepared, reply(answer));
        (report.word(), report.user_id, report.is_mixed_up)
    };
    let user_id = Some("u-1".to_owned());
    assert_eq!(word(created(&ours)), ("created", user_id.clone(), false));
    assert_eq!(word(created(&theirs)), ("ambiguous", None, true));
    let only = |fields| Answer::LookUp(found(vec![with(fields)]));
    assert_eq!(word(only(&ours)), ("adopted", user_id, false));
    let unmarked = [("metadata", "null"), ("external_id", r#""OTHER""#)];
    assert_eq!(word(only(&unmarked)), ("lookup_failed", None, true));
    assert_eq!(word(Answer::Newest(NewestOutcome::Empty)), ("abandoned", None, false));
}

fn known() -> ExpectedBill {
    ExpectedBill { user_id: Some("u-1".to_owned()), ..bill() }
}

/// Returns an invoice of the bill with its fields replaced by these.
fn with(fields: &[(&str, &str)]) -> InvoiceView {
    let mut whole: serde_json::Value = serde_json::from_str(&invoice("i", "PENDING").raw).unwrap();
    whole["user_id"] = "u-1".into();
    for (name, value) in fields {
        whole[name] = serde_json::from_str(value).unwrap();
    }
    parse_invoice(whole.to_string().as_bytes()).unwrap()
}

fn created(fields: &[(&str, &str)]) -> Answer {
    Answer::Create(CreateOutcome::Created(with(fields)))
}

fn listed(fields: &[(&str, &str)]) -> Answer {
    Answer::LookUp(found(vec![with(&[]), with(fields)]))
}

/// Returns the code of what did not count.
fn code_of(answer: &Answer) -> String {
    match answer {
        Answer::Create(CreateOutcome::Ambiguous { cause, .. }) => cause.code().into_owned(),
        Answer::LookUp(LookUpOutcome::Failed(failure)) => failure.code.clone(),
        Answer::Create(_)
        | Answer::LookUp(_)
        | Answer::Expire(_)
        | Answer::Newest(_)
        | Answer::Read(_)
        | Answer::TooLate => unreachable!("it counts: {answer:?}"),
    }
}

#[test]
fn what_agrees_counts_and_tells_the_account() {
    let expired = with(&[("status", r#""EXPIRED""#)]);
    for answer in
        [created(&[]), listed(&[("amount", "1")]), Answer::Expire(ExpireOutcome::Expired(expired))]
    {
        let confirmed = Confirmed::of(answer.clone(), Some(&bill()));
        assert_eq!((confirmed.user_id.as_deref(), confirmed.is_mixed_up), (Some("u-1"), false));
        assert_eq!(confirmed.answer, answer);
    }
}

#[test]
fn what_is_about_something_else_counts_for_nothing_and_leaves_its_connection_in_doubt() {
    for (answer, code) in [
        (created(&[("external_id", r#""OTHER""#)]), "answer_mismatch"),
        (created(&[("user_id", r#""u-2""#)]), "answer_mismatch"),
        (created(&[("metadata", r#"{"antre_job":"default/9-9"}"#)]), "answer_mismatch"),
        (created(&[("amount", "1")]), "answer_mismatch"),
        (listed(&[("user_id", r#""u-2""#)]), "foreign_list"),
        (listed(&[("external_id", r#""OTHER""#), ("metadata", "null")]), "foreign_list"),
        (listed(&[("invoice_url", "null")]), "no_link"),
    ] {
        let confirmed = Confirmed::of(answer, Some(&known()));
        assert_eq!(code_of(&confirmed.answer), code);
        assert_eq!((confirmed.user_id, confirmed.is_mixed_up), (None, true), "{code}");
    }
    let failure = Failure { code: ANSWER_MISMATCH.to_owned(), message: String::new() };
    let expire = Answer::Expire(ExpireOutcome::Failed(failure));
    assert!(Confirmed::of(expire, Some(&known())).is_mixed_up);
}

#[test]
fn what_brought_no_invoice_leaves_no_doubt_in_its_connection() {
    for answer in [
        Answer::TooLate,
        Answer::Create(CreateOutcome::Rejected(refusal(400))),
        Answer::LookUp(found(vec![])),
        Answer::LookUp(LookUpOutcome::Failed(failure())),
        Answer::Expire(ExpireOutcome::Failed(failure())),
        Answer::Newest(NewestOutcome::Empty),
    ] {
        let confirmed = Confirmed::of(answer.clone(), Some(&known()));
        assert_eq!((confirmed.user_id, confirmed.is_mixed_up), (None, false));
        assert_eq!(confirmed.answer, answer);
    }
}

#[test]
fn a_list_of_something_else_is_no_absence_and_an_audit_of_it_is_repeated() {
    let foreign = [("external_id", r#""OTHER""#), ("metadata", "null")];
    let Answer::LookUp(outcome) = Confirmed::of(listed(&foreign), Some(&known())).answer else {
        unreachable!("a look-up stays one");
    };
    let goes_on = job::after_look_up(&looked_for(&known()), outcome.clone());
    let JobOutcome::LookUpFailed(cause) = goes_on else { unreachable!("{goes_on:?}") };
    assert_eq!(cause.code, "foreign_list");
    let audit = follow_up::after_audit(&known(), outcome);
    assert_eq!(audit, FollowUpOutcome::LookUpFailed { code: "foreign_list".to_owned() });
}
