use antre_core::Priority;
use serde_json::{json, value::RawValue};

use super::NewJob;
use crate::{Error, ToJob};

fn text(job: &NewJob) -> String {
    String::from_utf8(job.to_job().unwrap().json().to_vec()).unwrap()
}

#[test]
fn what_is_not_set_is_not_sent() {
    let job = NewJob::new(&json!({"external_id": "INV-1", "amount": 5})).unwrap();
    assert_eq!(text(&job), r#"{"invoice":{"amount":5,"external_id":"INV-1"}}"#);
}

#[test]
fn every_field_has_its_name_of_the_wire() {
    let job = NewJob::new(&json!({"external_id": "INV-1", "amount": 5}))
        .unwrap()
        .priority(Priority::Low)
        .customer(&json!({"is_vip": true}))
        .unwrap()
        .run_at("2026-12-01T08:00:00+07:00")
        .batch("2026-12")
        .reference("row 7")
        .check_first()
        .max_retries(5)
        .traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let sent: serde_json::Value = serde_json::from_str(&text(&job)).unwrap();
    let expected = json!({
        "invoice": {"external_id": "INV-1", "amount": 5},
        "priority": "low",
        "customer": {"is_vip": true},
        "run_at": "2026-12-01T08:00:00+07:00",
        "batch": "2026-12",
        "reference": "row 7",
        "check_first": true,
        "max_retries": 5,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    assert_eq!(sent, expected);
}

#[test]
fn the_text_of_a_raw_invoice_is_sent_as_it_is() {
    let raw = r#"{"amount":350000.10,  "external_id":"INV-1"}"#.to_owned();
    let job = NewJob::new(&RawValue::from_string(raw.clone()).unwrap()).unwrap();
    assert_eq!(text(&job), format!(r#"{{"invoice":{raw}}}"#));
}

#[test]
fn what_a_worker_would_refuse_is_refused_with_all_faults() {
    let job = NewJob::new(&json!({"external_id": " INV-1"})).unwrap().max_retries(26);
    let Err(Error::Invalid(invalid)) = job.to_job() else { panic!("taken") };
    let fields: Vec<&str> = invalid.faults().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["invoice.external_id", "invoice.amount", "max_retries"]);
}

#[test]
fn debug_shows_nothing_personal() {
    let invoice = json!({"external_id": "INV-1", "amount": 5, "payer_email": "budi@example.com"});
    let job = NewJob::new(&invoice).unwrap().reference("Budi");
    let shown = format!("{job:?} {:?}", job.to_job().unwrap());
    assert!(!shown.contains("budi") && !shown.contains("Budi"), "{shown}");
}
