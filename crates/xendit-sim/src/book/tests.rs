use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

use super::*;

fn at(us: u64) -> Moment {
    let wall = DateTime::from_timestamp(1_795_413_600, 0).unwrap();
    Moment { us, wall: wall + TimeDelta::microseconds(i64::try_from(us).unwrap()) }
}

fn book() -> Book {
    Book::new(&mut StdRng::seed_from_u64(1))
}

fn draft(body: &serde_json::Value) -> Draft {
    Draft::parse(body.to_string().as_bytes()).unwrap()
}

fn bill(external_id: &str) -> Draft {
    draft(&json!({ "external_id": external_id, "amount": 1_000 }))
}

fn query(parameters: &[(&str, &str)]) -> ListQuery {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    ListQuery::parse(&parameters.iter().map(own).collect::<Vec<_>>()).unwrap()
}

fn refusal_of(body: &str) -> (u16, &'static str, Vec<String>) {
    let refusal = Draft::parse(body.as_bytes()).unwrap_err();
    let path = |error: &serde_json::Value| error["path"].as_str().unwrap().to_owned();
    (refusal.status, refusal.error_code, refusal.errors.iter().map(path).collect())
}

#[test]
fn a_draft_keeps_the_known_fields_and_ignores_the_others() {
    let draft = draft(&json!({
        "external_id": "INV/1", "amount": 350_000, "description": "Internet", "invented": true,
        "customer": { "email": "a@example.com" }, "metadata": { "key": "value" }, "locale": null,
        "invoice_duration": 60,
    }));
    assert_eq!(&*draft.external_id, "INV/1");
    assert_eq!(draft.duration_s, 60);
    let kept: Vec<&str> = draft.passed_on.keys().map(String::as_str).collect();
    assert_eq!(kept, ["customer", "description"]);
    assert_eq!(draft.metadata.unwrap()["key"], "value");
}

#[test]
fn decimals_are_cut_for_rupiah_only() {
    let amount = |amount: f64, currency: &str| {
        draft(&json!({ "external_id": "a", "amount": amount, "currency": currency }))
            .amount
            .to_string()
    };
    assert_eq!(amount(4_550.5, "IDR"), "4550");
    assert_eq!(amount(4_550.0, "IDR"), "4550");
    assert_eq!(amount(4_550.5, "PHP"), "4550.5");
    assert_eq!(amount(0.5, "PHP"), "0.5");
    let nothing_is_left = refusal_of(r#"{"external_id":"a","amount":0.5}"#);
    assert_eq!(nothing_is_left, (400, "API_VALIDATION_ERROR", vec!["amount".to_owned()]));
}

#[test]
fn every_field_at_fault_is_named() {
    let paths = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (body, expected) in [
        (json!({}), &["external_id", "amount"][..]),
        (json!({ "external_id": 7, "amount": "7" }), &["external_id", "amount"]),
        (json!({ "external_id": "", "amount": 0 }), &["external_id", "amount"]),
        (json!({ "external_id": "x".repeat(256), "amount": 1 }), &["external_id"]),
        (json!({ "external_id": "a", "amount": -1 }), &["amount"]),
        (json!({ "external_id": "a", "amount": 1, "invoice_duration": 0 }), &["invoice_duration"]),
        (json!({ "external_id": "a", "amount": 1, "customer": "Budi" }), &["customer"]),
        (
            json!({ "external_id": "a", "amount": 1, "fees": [{ "type": "Tax" }] }),
            &["fees[0].value"],
        ),
        (
            json!({ "external_id": "a", "amount": 1,
                "customer_notification_preference": { "invoice_created": ["pigeon"] } }),
            &["customer_notification_preference.invoice_created"],
        ),
        (
            json!({ "external_id": "a", "amount": 1, "metadata": { "k": "v".repeat(501) } }),
            &["metadata"],
        ),
    ] {
        let found = refusal_of(&body.to_string());
        assert_eq!(found, (400, "API_VALIDATION_ERROR", paths(expected)), "{body}");
    }
}

#[test]
fn other_faults_have_codes_of_their_own() {
    for (body, code) in [
        ("{", "INVALID_JSON_FORMAT"),
        ("[]", "INVALID_JSON_FORMAT"),
        (r#"{"external_id":"a","amount":1,"currency":"EUR"}"#, "UNSUPPORTED_CURRENCY"),
        (r#"{"external_id":"a","amount":1,"payer_email":"nobody"}"#, "EMAIL_FORMAT_ERROR"),
        (r#"{"external_id":"a","amount":1,"customer":{"email":"nobody"}}"#, "EMAIL_FORMAT_ERROR"),
    ] {
        assert_eq!(refusal_of(body), (400, code, Vec::new()), "{body}");
    }
}

#[test]
fn one_external_id_may_have_many_invoices_listed_newest_first() {
    let mut book = book();
    let account: Account = "a".into();
    let ids: Vec<_> =
        (0..12).map(|us| Arc::clone(&book.create(&account, bill("X"), at(us)).id)).collect();
    book.create(&account, bill("XY"), at(12));
    let listed = |parameters: &[(&str, &str)]| -> Vec<Arc<str>> {
        let found = book.list("a", &query(parameters), at(20), Duration::ZERO);
        found.iter().map(|invoice| Arc::clone(&invoice.id)).collect()
    };
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(listed(&[("external_id", "X")]), newest_first[..10]);
    assert_eq!(listed(&[("external_id", "X"), ("limit", "100")]), newest_first);
    assert_eq!(
        listed(&[("external_id", "X"), ("limit", "2"), ("last_invoice", &ids[5])]),
        newest_first[7..9]
    );
    assert!(listed(&[("external_id", "x")]).is_empty());
    assert_eq!(listed(&[("limit", "100")]).len(), 13);
    assert!(book.list("b", &query(&[]), at(20), Duration::ZERO).is_empty());
}

#[test]
fn statuses_filter_in_every_spelling() {
    let mut book = book();
    let account: Account = "a".into();
    let paid = Arc::clone(&book.create(&account, bill("X"), at(0)).id);
    book.create(&account, bill("X"), at(1));
    book.pay(&paid, at(2)).unwrap();
    for (name, value) in
        [("statuses", "PAID"), ("statuses[]", "PAID"), ("statuses", r#"["PAID","SETTLED"]"#)]
    {
        let found = book.list("a", &query(&[(name, value)]), at(3), Duration::ZERO);
        assert_eq!(found.iter().map(|invoice| &invoice.id).collect::<Vec<_>>(), [&paid]);
    }
}

#[test]
fn a_lagging_list_hides_what_is_younger_than_the_lag() {
    let mut book = book();
    let account: Account = "a".into();
    let id = Arc::clone(&book.create(&account, bill("X"), at(1_000)).id);
    let seen = |us| book.list("a", &query(&[]), at(us), Duration::from_micros(500)).len();
    assert_eq!((seen(1_499), seen(1_500)), (0, 1));
    assert!(book.find("a", &id).is_some());
    assert!(book.find("b", &id).is_none());
}

#[test]
fn an_invoice_expires_when_its_time_has_run_out() {
    let mut book = book();
    let account: Account = "a".into();
    let mut short = bill("X");
    short.duration_s = 1;
    let invoice = book.create(&account, short, at(0)).clone();
    let status = |us| invoice.status_at(at(us).wall);
    assert_eq!((status(999_999), status(1_000_000)), (Status::Pending, Status::Expired));
    assert_eq!(book.pay(&invoice.id, at(1_000_000)), Err(NotPending));
    assert_eq!(book.expire("a", &invoice.id, at(1_000_000)), Err(NotPending));
}

#[test]
fn only_a_pending_invoice_of_the_account_can_be_expired() {
    let mut book = book();
    let account: Account = "a".into();
    let id = Arc::clone(&book.create(&account, bill("X"), at(0)).id);
    assert_eq!(book.expire("b", &id, at(1)), Err(NotPending));
    assert_eq!(book.expire("a", &id, at(1)).unwrap().status, Status::Expired);
    assert_eq!(book.expire("a", &id, at(2)), Err(NotPending));
}

#[test]
fn payable_invoices_are_counted_per_account_and_external_id() {
    let mut book = book();
    let (first, second): (Account, Account) = ("a".into(), "b".into());
    for external_id in ["one", "two", "two", "none"] {
        book.create(&first, bill(external_id), at(0));
    }
    book.create(&second, bill("one"), at(0));
    let expired = book.all(Some("none"))[0].clone();
    book.run_out(&expired.id, at(1)).unwrap();
    let paid = book.all(Some("two"))[0].clone();
    book.pay(&paid.id, at(1)).unwrap();
    let found = book.payable(at(2));
    assert_eq!(found.external_ids_with_none, 1);
    assert_eq!(found.external_ids_with_one, 2);
    assert_eq!(found.external_ids_with_several, 1);
    let offender = Offender { account: first, external_id: "two".into(), payable: 2 };
    assert_eq!(found.offenders, [offender]);
}

#[test]
fn an_invoice_is_shown_with_the_fields_of_the_documentation() {
    let mut book = book();
    let account: Account = "a".into();
    let body = json!({ "external_id": "X", "amount": 510_000, "should_send_email": true,
        "items": [{ "name": "Internet", "quantity": 1, "price": 510_000 }],
        "metadata": { "branch": "Jakarta" } });
    let invoice = book.create(&account, draft(&body), at(0)).clone();
    let time: DateTime<Utc> = at(0).wall;
    let shown = invoice.to_json(time);
    assert_eq!(shown["id"].as_str().unwrap().len(), 24);
    assert_eq!(shown["user_id"].as_str().unwrap().len(), 24);
    assert_eq!(shown["status"], "PENDING");
    assert_eq!(shown["created"], "2026-11-23T06:00:00.000Z");
    assert_eq!(shown["expiry_date"], "2026-11-24T06:00:00.000Z");
    assert_eq!(shown["metadata"]["branch"], "Jakarta");
    assert_eq!(shown["should_send_email"], true);
    for name in ["available_banks", "available_qr_codes", "available_paylaters", "items"] {
        assert!(shown[name].is_array(), "{name}");
    }
}
