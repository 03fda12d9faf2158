use serde_json::value::RawValue;

use super::{EndState, JobError, JobResult};
use crate::amount::Amount;
use crate::warning::Warning;

fn done() -> JobResult {
    let mut result = JobResult::new("1795413600000-0".parse().unwrap(), EndState::Done);
    result.external_id = Some("INV-2026-11-1182".to_owned());
    result.amount = Some(Amount::parse("4550.50").unwrap());
    result.response = Some(RawValue::from_string(r#"{"amount": 4.5505e3}"#.to_owned()).unwrap());
    result.attempts = 1;
    result.warnings = vec![Warning::about_field("code", "invoice.customer.email", "message")];
    result
}

#[test]
fn every_field_is_always_there() {
    let dead = JobResult {
        error: Some(JobError {
            code: "conflict".to_owned(),
            message: "taken".to_owned(),
            status: None,
        }),
        ..JobResult::new("5-1".parse().unwrap(), EndState::Dead)
    };
    assert_eq!(
        serde_json::to_string(&dead).unwrap(),
        concat!(
            r#"{"job":"5-1","state":"dead","external_id":null,"reference":null,"amount":null,"currency":null,"#,
            r#""invoice_id":null,"invoice_url":null,"expiry_date":null,"response":null,"#,
            r#""error":{"code":"conflict","message":"taken","status":null},"attempts":0,"warnings":[],"#,
            r#""duplicate_of":null,"bill_job":null,"is_bill_result":false}"#,
        )
    );
}

#[test]
fn numbers_and_the_response_keep_their_text() {
    let json = serde_json::to_string(&done()).unwrap();
    assert!(json.contains(r#""amount":4550.5,"#), "{json}");
    assert!(json.contains(r#""response":{"amount": 4.5505e3},"#), "{json}");
    let back: JobResult = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
}

#[test]
fn missing_and_unknown_fields_are_read() {
    let json = r#"{"job":"5-1","state":"cancelled","later":{"a":1}}"#;
    let result: JobResult = serde_json::from_str(json).unwrap();
    assert_eq!((result.state, result.attempts), (EndState::Cancelled, 0));
    assert!(result.amount.is_none() && result.response.is_none());
}

#[test]
fn debug_shows_no_personal_value() {
    let text = format!("{:?}", done());
    assert!(text.contains("1795413600000-0") && !text.contains("4.5505e3"), "{text}");
}

#[test]
fn an_end_is_written_with_the_word_that_results_use() {
    for end in [EndState::Done, EndState::Dead, EndState::Cancelled] {
        assert_eq!(end.to_string(), end.as_str());
        assert_eq!(serde_json::to_value(end).unwrap(), end.as_str());
    }
    assert_eq!(format!("{:>6}", EndState::Done), "  done");
}
