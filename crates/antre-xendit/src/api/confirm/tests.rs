use antre_core::Payer;
use antre_core::amount::Amount;

use super::*;
use crate::api::identity::Mismatch;
use crate::api::invoice_view::{InvoiceView, parse_invoice};
use crate::api::outcome::{NotSent, NotSentCause, Unreadable};

fn bill() -> ExpectedBill {
    ExpectedBill {
        external_id: "VICTIM".to_owned(),
        marker: "default/1-0".to_owned(),
        amount: Amount::parse("350000.9").expect("an amount"),
        currency: None,
        payer: Payer::default(),
        first_sent_ms: Some(1),
        recorded: None,
        closed_invoices: Vec::new(),
        closed_before_ms: None,
        check_first: false,
        is_recheck: false,
        may_be_lost: false,
        user_id: Some("u-1".to_owned()),
    }
}

/// Returns an invoice of the bill, with these fields instead of its own.
fn invoice(fields: &[(&str, &str)]) -> InvoiceView {
    let mut whole = serde_json::json!({
        "id": "inv-1", "external_id": "VICTIM", "user_id": "u-1", "status": "PENDING", "amount": 350_000,
        "currency": "IDR", "invoice_url": "https://checkout.example/inv-1",
        "metadata": {"antre_job": "default/1-0"},
    });
    for (name, value) in fields {
        whole[name] = serde_json::from_str(value).expect("JSON");
    }
    parse_invoice(whole.to_string().as_bytes()).expect("an invoice")
}

#[test]
fn an_answer_that_agrees_creates() {
    for fields in [
        vec![],
        vec![("external_id", "null")],
        vec![("metadata", "null")],
        vec![("metadata", r#"{"branch":"x"}"#)],
        vec![("user_id", "null"), ("currency", "null"), ("amount", "null")],
    ] {
        let created = CreateOutcome::Created(invoice(&fields));
        assert_eq!(created.clone().confirmed_by(&bill()), created, "{fields:?}");
    }
}

#[test]
fn an_answer_about_something_else_is_ambiguous_and_names_the_field() {
    // Other terms answer this request; another bill or account answers another one.
    for (fields, mismatch, answered) in [
        (vec![("external_id", r#""OTHER""#)], Mismatch::ExternalId, false),
        (vec![("user_id", r#""u-2""#)], Mismatch::UserId, false),
        (vec![("metadata", r#"{"antre_job":"default/2-0"}"#)], Mismatch::Mark, false),
        (vec![("amount", "350001")], Mismatch::Amount, true),
        (vec![("external_id", r#""OTHER""#), ("amount", "7")], Mismatch::ExternalId, false),
        (vec![("status", r#""PAID""#), ("amount", "7")], Mismatch::Amount, true),
    ] {
        let outcome = CreateOutcome::Created(invoice(&fields)).confirmed_by(&bill());
        let cause = AmbiguousCause::Mismatch(mismatch);
        assert_eq!(outcome, CreateOutcome::Ambiguous { cause, answered, body: None }, "{fields:?}");
        assert_eq!(cause.code(), "answer_mismatch");
        assert_eq!(cause.text(), mismatch.text());
        assert!(!cause.text().contains("OTHER"));
    }
    let dollars = ExpectedBill { currency: Some("USD".to_owned()), ..bill() };
    let outcome = CreateOutcome::Created(invoice(&[])).confirmed_by(&dollars);
    let cause = AmbiguousCause::Mismatch(Mismatch::Currency);
    assert_eq!(outcome, CreateOutcome::Ambiguous { cause, answered: true, body: None });
}

#[test]
fn a_list_of_something_else_is_a_look_up_that_failed() {
    let found = |fields: &[(&str, &str)]| LookUpOutcome::Found {
        invoices: vec![invoice(&[]), invoice(fields)],
        complete: true,
    };
    let stranger = [("external_id", r#""OTHER""#), ("metadata", "null")];
    for (fields, code) in [
        (&stranger[..], "foreign_list"),
        (&[("user_id", r#""u-2""#)], "foreign_list"),
        (&[("invoice_url", "null")], "no_link"),
        (&[("invoice_url", r#""""#)], "no_link"),
    ] {
        let LookUpOutcome::Failed(failure) = found(fields).confirmed_by(&bill()) else {
            panic!("{code} was expected");
        };
        assert_eq!(failure.code, code);
        assert!(!failure.message.is_empty() && !failure.message.contains("OTHER"));
    }
    let other_amount = found(&[("amount", "7")]);
    assert_eq!(other_amount.clone().confirmed_by(&bill()), other_amount);
    let empty = LookUpOutcome::Found { invoices: vec![], complete: true };
    assert_eq!(empty.clone().confirmed_by(&bill()), empty);
}

#[test]
fn what_brought_no_invoice_stays_what_it_is() {
    let not_sent = NotSent { cause: NotSentCause::Dns, detail: String::new() };
    let cause = AmbiguousCause::UnreadableSuccess(Unreadable::WithoutLink);
    for outcome in [
        CreateOutcome::NotSent(not_sent.clone()),
        CreateOutcome::Ambiguous { cause, answered: true, body: Some("{}".into()) },
        CreateOutcome::Ambiguous { cause: AmbiguousCause::Timeout, answered: false, body: None },
    ] {
        assert_eq!(outcome.clone().confirmed_by(&bill()), outcome);
    }
    let look_up = LookUpOutcome::NotSent(not_sent);
    assert_eq!(look_up.clone().confirmed_by(&bill()), look_up);
}
