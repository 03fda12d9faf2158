//! What is no job, and how its sender is told.

use antre_core::job::MAX_FAULTS;

use super::{FaultCode, InvalidJob, code_and_field, job_with, only_fault, parse, plain_with};

#[test]
fn a_wrong_field_of_the_invoice_is_named() {
    for (invoice, code, field) in [
        (r#"{"amount":1}"#, FaultCode::MissingField, "invoice.external_id"),
        (r#"{"external_id":null,"amount":1}"#, FaultCode::MissingField, "invoice.external_id"),
        (r#"{"external_id":7,"amount":1}"#, FaultCode::WrongType, "invoice.external_id"),
        (r#"{"external_id":"","amount":1}"#, FaultCode::MissingField, "invoice.external_id"),
        (r#"{"external_id":" I","amount":1}"#, FaultCode::InvalidValue, "invoice.external_id"),
        (r#"{"external_id":"I\u00a0","amount":1}"#, FaultCode::InvalidValue, "invoice.external_id"),
        (
            r#"{"external_id":"a\u0000b","amount":1}"#,
            FaultCode::InvalidValue,
            "invoice.external_id",
        ),
        (r#"{"external_id":"\ud800","amount":1}"#, FaultCode::InvalidValue, "invoice.external_id"),
        (r#"{"external_id":"I"}"#, FaultCode::MissingField, "invoice.amount"),
        (r#"{"external_id":"I","amount":0}"#, FaultCode::OutOfRange, "invoice.amount"),
        (r#"{"external_id":"I","amount":-5}"#, FaultCode::OutOfRange, "invoice.amount"),
        (r#"{"external_id":"I","amount":0.99}"#, FaultCode::OutOfRange, "invoice.amount"),
        (r#"{"external_id":"I","amount":1e400}"#, FaultCode::OutOfRange, "invoice.amount"),
        (
            r#"{"external_id":"I","amount":1,"amount":2}"#,
            FaultCode::DuplicateField,
            "invoice.amount",
        ),
        (
            r#"{"external_id":"I","amount":1,"currency":7}"#,
            FaultCode::WrongType,
            "invoice.currency",
        ),
        (
            r#"{"external_id":"I","amount":1,"currency":"Rp"}"#,
            FaultCode::InvalidValue,
            "invoice.currency",
        ),
        (
            r#"{"external_id":"I","amount":1,"metadata":[1]}"#,
            FaultCode::WrongType,
            "invoice.metadata",
        ),
        ("null", FaultCode::MissingField, "invoice"),
        ("[]", FaultCode::WrongType, "invoice"),
        (r#""{}""#, FaultCode::WrongType, "invoice"),
    ] {
        assert_eq!(code_and_field(job_with(invoice, "")), (code, field.to_owned()), "{invoice}");
    }
}

#[test]
fn a_value_that_may_mean_two_things_is_refused_wherever_it_stands() {
    for (invoice, code, field) in [
        (r#"{"external_id":"I","amount":"350.000"}"#, FaultCode::InvalidValue, "invoice.amount"),
        (r#"{"external_id":"I","amount":350.000}"#, FaultCode::InvalidValue, "invoice.amount"),
        (r#"{"external_id":"I","amount":1.350.000}"#, FaultCode::NotJson, "job"),
        (r#"{"external_id":"I","amount":3.5E+05}"#, FaultCode::InvalidValue, "invoice.amount"),
        (r#"{"external_id":"I","amount":"3.5E+05"}"#, FaultCode::InvalidValue, "invoice.amount"),
        (r#"{"external_id":"I","amount":""}"#, FaultCode::MissingField, "invoice.amount"),
        (r#"{"external_id":"I","amount":"Rp1"}"#, FaultCode::InvalidValue, "invoice.amount"),
        (r#"{"external_id":"I","amount":"-1"}"#, FaultCode::OutOfRange, "invoice.amount"),
        (r#"{"external_id":"I","amount":true}"#, FaultCode::WrongType, "invoice.amount"),
        (
            r#"{"external_id":"I","currency":"PHP","amount":1498.5000000000002}"#,
            FaultCode::OutOfRange,
            "invoice.amount",
        ),
        (
            r#"{"external_id":"I","amount":1,"items":[{"price":"1.350.000"}]}"#,
            FaultCode::InvalidValue,
            "invoice.items[0].price",
        ),
        (
            r#"{"external_id":"I","amount":1,"should_send_email":"maybe"}"#,
            FaultCode::InvalidValue,
            "invoice.should_send_email",
        ),
        (r#"{"external_id":"I\u200b","amount":1}"#, FaultCode::InvalidValue, "invoice.external_id"),
        (
            r#"{"external_id":"\u0410-1","amount":1}"#,
            FaultCode::InvalidValue,
            "invoice.external_id",
        ),
    ] {
        assert_eq!(code_and_field(job_with(invoice, "")), (code, field.to_owned()), "{invoice}");
    }
}

#[test]
fn too_long_names_and_too_many_entries_are_refused() {
    let name = "é".repeat(256);
    let invoice = format!(r#"{{"external_id":"{name}","amount":1}}"#);
    assert_eq!(code_and_field(job_with(&invoice, "")).0, FaultCode::OutOfRange);
    let entries = (0..50).map(|key| format!("\"k{key}\":1")).collect::<Vec<_>>().join(",");
    let invoice = format!(r#"{{"external_id":"I","amount":1,"metadata":{{{entries}}}}}"#);
    let fault = (FaultCode::OutOfRange, "invoice.metadata".to_owned());
    assert_eq!(code_and_field(job_with(&invoice, "")), fault);
}

#[test]
fn a_missing_field_is_told_with_the_name_that_may_have_been_meant_for_it() {
    for (invoice, near) in [
        (
            r#"{"externalId":"INV-1","amount":1}"#,
            "did you mean it by externalId? Write external_id",
        ),
        (r#"{"External-ID":"INV-1","amount":1}"#, "did you mean it by External-ID?"),
        (r#"{"external_id":"INV-1","ammount":1}"#, "did you mean it by ammount? Write amount"),
        (r#"{"external_id":"INV-1","Amount":1}"#, "did you mean it by Amount?"),
        (
            r#"{"external_id":"INV-1","currency":"IDR"}"#,
            "invoice.amount is missing; write a number",
        ),
    ] {
        let message = only_fault(job_with(invoice, "")).message;
        assert!(message.contains(near), "{message}");
    }
}

#[test]
fn several_faults_are_told_at_once_and_not_too_many() {
    let invalid = job_with(r#"{"amount":0}"#, r#","priority":"urgent""#).unwrap_err();
    let fields: Vec<_> = invalid.faults().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["invoice.external_id", "invoice.amount", "priority"]);
    assert_eq!(invalid.to_string().matches("; ").count(), 3, "{invalid}");

    let twice = ",\"u\":1".repeat(10_000);
    let invoice = format!(r#"{{"external_id":"I","amount":1,"x":{{"u":1{twice}}}}}"#);
    let invalid = job_with(&invoice, "").unwrap_err();
    assert_eq!((invalid.faults().count(), invalid.field()), (MAX_FAULTS, "invoice.x.u"));

    let unknown = ",\"u\":1".repeat(10_000);
    let invalid = plain_with(&unknown).unwrap_err();
    assert_eq!(invalid.faults().count(), MAX_FAULTS);
    assert!(invalid.to_string().ends_with("; and more") && invalid.to_string().len() < 2_000);
}

#[test]
fn no_message_repeats_a_value_or_a_long_name() {
    let job = concat!(
        r#"{"invoice":{"external_id":" sari@example.com","amount":"sari","currency":"sari","#,
        r#""metadata":"sari"},"priority":"sari","#,
    );
    let long = format!("{job}\"{}\\n\":1}}", "n".repeat(100_000));
    let text = parse(long.as_bytes()).unwrap_err().to_string();
    assert!(!text.contains("sari"), "{text}");
    let long = only_fault(plain_with(&format!(",\"\\n{}\":1", "n".repeat(100_000))));
    assert!(long.message.len() < 300 && !long.message.contains('\n'), "{}", long.message);
}

#[test]
fn an_entry_without_the_field_job_can_be_refused() {
    let invalid = InvalidJob::wrong_entry();
    assert_eq!((invalid.code().as_str(), invalid.field()), ("wrong_entry", "job"));
    let json = serde_json::to_value(&invalid).unwrap();
    assert_eq!(json["first"]["code"], "wrong_entry");
}

#[test]
fn a_value_of_another_kind_than_its_field_is_told_at_every_depth() {
    for (written, field, must) in [
        (r#""customer":"Sari""#, "invoice.customer", "an object, not a text"),
        (r#""customer":[{"email":"a@b.id"}]"#, "invoice.customer", "an object, not an array"),
        (r#""metadata":[1]"#, "invoice.metadata", "an object, not an array"),
        (r#""channel_properties":7"#, "invoice.channel_properties", "an object, not a number"),
        (r#""invoice_duration":true"#, "invoice.invoice_duration", "a number, not true or false"),
        (r#""should_send_email":[]"#, "invoice.should_send_email", "true or false, not an array"),
        (r#""payment_methods":"BCA""#, "invoice.payment_methods", "a list in [ ]"),
        (r#""payment_methods":["BCA",true]"#, "invoice.payment_methods[1]", "a text in quotes"),
        (r#""items":{"1":{"name":"a"}}"#, "invoice.items", "array_values"),
        (r#""items":["a"]"#, "invoice.items[0]", "an object, not a text"),
        (r#""items":[{"name":{}}]"#, "invoice.items[0].name", "a text in quotes, not an object"),
        (r#""description":1.5"#, "invoice.description", "a text in quotes, not a number"),
        (
            r#""customer_notification_preference":{"invoice_created":"email"}"#,
            "invoice.customer_notification_preference.invoice_created",
            "a list in [ ]",
        ),
    ] {
        let fault =
            only_fault(job_with(&format!(r#"{{"external_id":"I","amount":1,{written}}}"#), ""));
        assert_eq!((fault.code, fault.field.as_str()), (FaultCode::WrongType, field), "{written}");
        assert!(fault.message.contains(must), "{}", fault.message);
    }
    let twice = r#"{"invoice":"{\"external_id\":\"I\",\"amount\":1}"}"#;
    assert!(parse(twice.as_bytes()).unwrap_err().to_string().contains("JSON twice"));
}
