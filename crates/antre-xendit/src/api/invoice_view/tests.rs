use proptest::prelude::*;

use super::*;
use crate::body::payer;

const FULL: &str = r#" {"id":"6748105a77f16ebe0cc583a7","external_id":"INV/1","user_id":"u","status":"PENDING",
 "amount":350000.50,"currency":"IDR","invoice_url":"https://checkout.xendit.co/web/1",
 "expiry_date":"2024-11-29T06:40:26.353Z","created":"2024-11-28T06:40:26.508Z",
 "customer":{"given_names":"Siti","email":"Siti@Example.com","mobile_number":"0812-1"},
 "payer_email":"other@example.com","metadata":{"antre_job":"default/1-0","branch":"Jakarta"}} "#;

fn parse(json: &str) -> InvoiceView {
    parse_invoice(json.as_bytes()).expect("an invoice")
}

fn amount_of(json_value: &str) -> Option<String> {
    let invoice = parse(&format!(r#"{{"id":"a","amount":{json_value}}}"#));
    invoice.amount.map(|amount| amount.to_string())
}

#[test]
fn an_invoice_is_read_with_all_that_identity_needs() {
    let invoice = parse(FULL);
    assert_eq!(invoice.id, "6748105a77f16ebe0cc583a7");
    assert_eq!(invoice.external_id.as_deref(), Some("INV/1"));
    assert_eq!(invoice.user_id.as_deref(), Some("u"));
    assert_eq!(invoice.status, InvoiceStatus::Pending);
    assert_eq!(invoice.amount, Amount::parse("350000.5").ok());
    assert_eq!(invoice.currency.as_deref(), Some("IDR"));
    assert_eq!(invoice.invoice_url.as_deref(), Some("https://checkout.xendit.co/web/1"));
    assert_eq!(invoice.expiry_date.as_deref(), Some("2024-11-29T06:40:26.353Z"));
    assert_eq!(invoice.expiry_ms, Some(1_732_862_426_353));
    assert_eq!(invoice.created_ms, Some(1_732_776_026_508));
    assert_eq!(invoice.metadata, Metadata::Marker("default/1-0".to_owned()));
    assert_eq!(invoice.payer, payer::of(Some("siti@example.com"), Some("0812-1")));
    assert_eq!(&*invoice.raw, FULL.trim());
}

#[test]
fn without_a_customers_address_the_older_field_counts() {
    let invoice = parse(r#"{"id":"a","payer_email":"siti@example.com","customer":{"email":null}}"#);
    assert_eq!(invoice.payer, payer::of(Some("siti@example.com"), None));
}

#[test]
fn an_id_is_enough_and_fields_of_another_type_are_as_good_as_missing() {
    let bare = parse(r#"{"id":"a"}"#);
    let odd = r#"{"id":"a","external_id":1,"status":null,"amount":{},"currency":[],"expiry_date":5,
        "created":"yesterday","customer":"Siti","user_id":7,"invoice_url":false,"expiry_date":{}}"#;
    let odd = parse(odd);
    assert_eq!(odd.status, InvoiceStatus::Unknown(String::new()));
    assert_eq!(InvoiceView { raw: bare.raw.clone(), ..odd }, bare);
}

#[test]
fn every_status_of_the_documentation_is_known_and_others_are_kept() {
    for (word, status) in [
        ("PENDING", InvoiceStatus::Pending),
        ("PAID", InvoiceStatus::Paid),
        ("SETTLED", InvoiceStatus::Settled),
        ("EXPIRED", InvoiceStatus::Expired),
        ("pending", InvoiceStatus::Unknown("pending".to_owned())),
    ] {
        let invoice = parse(&format!(r#"{{"id":"a","status":"{word}"}}"#));
        assert_eq!((invoice.status.as_str(), &invoice.status), (word, &status));
    }
}

#[test]
fn the_amount_keeps_every_digit_and_may_be_written_as_text() {
    assert_eq!(amount_of("123456789012.345").as_deref(), Some("123456789012.345"));
    assert_eq!(amount_of("3.5e5").as_deref(), Some("350000"));
    assert_eq!(amount_of("\"350000\"").as_deref(), Some("350000"));
    assert_eq!(amount_of("\"much\""), None);
    assert_eq!(amount_of("null"), None);
    assert_eq!(amount_of("-1"), None);
}

#[test]
fn metadata_is_absent_unmarked_or_marked() {
    let metadata = |json: &str| parse(&format!(r#"{{"id":"a"{json}}}"#)).metadata;
    assert_eq!(metadata(""), Metadata::Absent);
    assert_eq!(metadata(r#","metadata":null"#), Metadata::Absent);
    assert_eq!(metadata(r#","metadata":{}"#), Metadata::Absent);
    assert_eq!(metadata(r#","metadata":{"branch":"x"}"#), Metadata::Unmarked);
    assert_eq!(metadata(r#","metadata":{"antre_job":7}"#), Metadata::Unmarked);
    assert_eq!(metadata(r#","metadata":"text""#), Metadata::Unmarked);
    assert_eq!(metadata(r#","metadata":{"antre_job":"a/1"}"#), Metadata::Marker("a/1".to_owned()));
}

#[test]
fn an_id_that_could_not_stand_in_an_address_is_none() {
    let long = format!(r#"{{"id":"{}"}}"#, "a".repeat(129));
    for body in
        [r"{}", r#"{"id":""}"#, r#"{"id":"a b"}"#, r#"{"id":"\n"}"#, r#"{"id":null}"#, &long]
    {
        assert_eq!(parse_invoice(body.as_bytes()), Err(ViewError::WithoutId), "{body}");
    }
    for body in ["", "[]", "null", "7", r#"{"id":"a""#, r#"{"id":"a"} x"#] {
        assert_eq!(parse_invoice(body.as_bytes()), Err(ViewError::NotJson), "{body}");
    }
}

#[test]
fn an_empty_link_is_none_and_an_account_id_is_short_and_visible() {
    let link = |json: &str| parse(&format!(r#"{{"id":"a","invoice_url":{json}}}"#)).invoice_url;
    assert_eq!((link(r#""""#), link(r#"" ""#), link("null")), (None, None, None));
    assert_eq!(link(r#""https://pay.example""#).as_deref(), Some("https://pay.example"));
    let user = |id: &str| parse(&format!(r#"{{"id":"a","user_id":"{id}"}}"#)).user_id;
    assert_eq!(user(&"u".repeat(128)).map(|id| id.len()), Some(128));
    for id in ["", "a b", r"a\n", &"u".repeat(129)] {
        assert_eq!(user(id), None, "{id}");
    }
}

#[test]
fn of_a_list_that_nobody_filtered_the_first_usable_invoice_counts() {
    let first = |body: &[u8]| parse_first_invoice(body).map(|found| found.map(|one| one.id));
    assert_eq!(first(b"[]"), Ok(None));
    assert_eq!(first(br#"[{"id":"b"},{"id":"a"}]"#), Ok(Some("b".to_owned())));
    assert_eq!(first(br#"[{},{"id":"a"}]"#), Ok(Some("a".to_owned())));
    assert_eq!(first(b"[{}]"), Err(ViewError::WithoutId));
    assert_eq!(first(br#"[{"id":"a"},null]"#), Err(ViewError::NotJson));
    assert_eq!(first(br#"{"id":"a"}"#), Err(ViewError::NotJson));
}

#[test]
fn a_list_of_a_hundred_invoices_with_all_their_items_is_read_and_each_text_stays_short() {
    let item = r#"{"name":"Internet 20 Mbps","quantity":1,"price":4000,"category":"x","url":"https://a.example"}"#;
    let padded = format!("{item:<1000}");
    let items = vec![padded.as_str(); 75].join(",");
    let one = |n: usize| format!(r#"{{"id":"inv-{n}","status":"EXPIRED","items":[{items}]}}"#);
    let list = format!("[{}]", (0..100).map(one).collect::<Vec<_>>().join(","));
    assert!(list.len() > 7_000_000);
    let invoices = parse_invoice_list(list.as_bytes()).expect("a list");
    assert_eq!(invoices.len(), 100);
    assert!(invoices.iter().all(|invoice| invoice.raw.len() <= RAW_BYTES_MAX));
}

#[test]
fn a_list_is_a_bare_array_of_invoices_and_nothing_else() {
    let ids = |body: &[u8]| {
        let invoices = parse_invoice_list(body)?;
        Ok(invoices.into_iter().map(|invoice| invoice.id).collect::<Vec<_>>())
    };
    assert_eq!(ids(b"[]"), Ok(vec![]));
    assert_eq!(ids(br#"[{"id":"b"},{"id":"a"}]"#), Ok(vec!["b".to_owned(), "a".to_owned()]));
    assert_eq!(ids(br#"{"data":[]}"#), Err(ViewError::NotJson));
    assert_eq!(ids(br#"[{"id":"b"},null]"#), Err(ViewError::NotJson));
    assert_eq!(ids(br#"[{"id":"b"},{}]"#), Err(ViewError::WithoutId));
}

#[test]
fn a_text_that_other_readers_could_not_bear_is_reduced_to_what_matters() {
    let padding = "x".repeat(RAW_BYTES_MAX);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for field in [
        format!(r#""description":"{padding}""#),
        format!(r#""items":{deep}"#),
        r#""d":"\ud800""#.into(),
    ] {
        let invoice = parse(&format!(r#"{{"id":"a","status":"PENDING","amount":5,{field}}}"#));
        let raw: serde_json::Value = serde_json::from_str(&invoice.raw).expect("valid JSON");
        assert_eq!(raw["id"], "a");
        assert_eq!(raw["amount"], 5);
        assert!(invoice.raw.len() < 1_000);
    }
}

#[test]
fn bytes_that_are_no_utf8_do_not_make_an_answer_unreadable() {
    let invoice = parse_invoice(b"{\"id\":\"a\",\"description\":\"\xff\"}").expect("an invoice");
    assert_eq!(invoice.id, "a");
}

#[test]
fn what_may_be_logged_holds_no_personal_data() {
    let shown = format!("{:?}", parse(FULL));
    assert!(shown.contains("6748105a77f16ebe0cc583a7") && !shown.to_lowercase().contains("siti"));
}

proptest! {
    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(parse_invoice(&body).is_ok(), body.starts_with(b"{\"id\""));
        prop_assert!(parse_invoice_list(&body).map_or(true, |list| list.is_empty()));
    }
}
