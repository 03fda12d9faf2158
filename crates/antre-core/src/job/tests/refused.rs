//! What is no job, and how its sender is told.

use super::super::{MAX_DEPTH, MAX_JOB_BYTES};
use super::{FaultCode, code_and_field, job_with, only_fault, parse, plain_with};
use crate::schema::ENVELOPE;

#[test]
fn bytes_that_are_no_json_object_are_refused_with_their_place() {
    for (raw, code, hint) in [
        (&b""[..], FaultCode::NotJson, "is empty"),
        (b" \n ", FaultCode::NotJson, "is empty"),
        (b"\xEF\xBB\xBF{}", FaultCode::NotJson, "byte order mark"),
        (b"{\"a\":\"\xFF\"}", FaultCode::NotUtf8, "from byte 7 on"),
        (b"{\0}\0", FaultCode::NotUtf8, "UTF-16"),
        (b"\xFF\xFE{\0}\0", FaultCode::NotUtf8, "UTF-16"),
        (b"\0{\0}", FaultCode::NotUtf8, "UTF-16"),
        (b"{\"a\":1}\0", FaultCode::NotJson, "NUL byte at byte 8"),
        (b"{\"a\":\n1,}", FaultCode::NotJson, "at line 2 column 3"),
        (b"{\"a\":1", FaultCode::NotJson, "EOF"),
        (b"{'a':1}", FaultCode::NotJson, "double quotes"),
        (b"{\"a\":1} {}", FaultCode::NotJson, "trailing characters"),
        (b"{\"a\":NaN}", FaultCode::NotJson, "line 1 column"),
        (b"{\"a\":\"\x01\"}", FaultCode::NotJson, "control character"),
        (b"hello", FaultCode::NotJson, "line 1 column 1"),
        (b"[{\"invoice\":{}}]", FaultCode::NotAnObject, "one job per entry"),
        (b"\"{\\\"invoice\\\":{}}\"", FaultCode::NotAnObject, "twice"),
        (b"350000", FaultCode::NotAnObject, "a number"),
        (b"null", FaultCode::NotAnObject, "null"),
    ] {
        let fault = only_fault(parse(raw));
        assert_eq!((fault.code, fault.field.as_str()), (code, "job"), "{}", fault.message);
        assert!(fault.message.contains(hint), "{}", fault.message);
    }
}

#[test]
fn a_job_that_is_too_large_or_too_deep_is_refused_before_it_is_read() {
    assert_eq!(only_fault(parse(&vec![b' '; MAX_JOB_BYTES + 1])).code, FaultCode::TooLarge);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(32), "]".repeat(32));
    assert_eq!(only_fault(parse(deep.as_bytes())).code, FaultCode::TooDeep);
    assert_eq!(only_fault(parse("[".repeat(MAX_JOB_BYTES).as_bytes())).code, FaultCode::TooDeep);
}

#[test]
fn ten_thousand_levels_are_refused_before_they_are_read_wherever_they_stand() {
    let (arrays, objects) = ("[".repeat(10_000), "{\"a\":".repeat(10_000));
    let mixed = "[{\"a\":".repeat(5_000);
    for (open, close) in
        [(arrays, "]".repeat(10_000)), (objects, "}".repeat(10_000)), (mixed, "}]".repeat(5_000))]
    {
        let invoice =
            format!(r#"{{"external_id":"I","amount":1,"customer":{{"x":{open}1{close}}}}}"#);
        for job in [job_with(&invoice, ""), plain_with(&format!(r#","customer":{open}"#))] {
            assert_eq!(only_fault(job).code, FaultCode::TooDeep);
        }
        assert_eq!(only_fault(parse(open.as_bytes())).code, FaultCode::TooDeep);
    }
}

#[test]
fn a_name_that_occurs_twice_is_refused_with_its_path_at_every_depth() {
    for (invoice, field) in [
        (r#""customer":{"email":"a","email":"b"}"#, "invoice.customer.email"),
        (r#""customer":{"email":"a","\u0065mail":"b"}"#, "invoice.customer.email"),
        (r#""metadata":{"antre_job":"a","antre_job":"a"}"#, "invoice.metadata.antre_job"),
        (r#""items":[{"name":"a"},{"name":"a","x":1,"name":"a"}]"#, "invoice.items[1].name"),
        (r#""x":[[],[{"y":{"z":[{"b":1,"b":2}]}}]]"#, "invoice.x[1].….z[0].b"),
        (r#""x":{"\ud800":1,"\ud800":2}"#, r#"invoice.x.\"\\ud800\""#),
    ] {
        let invoice = format!(r#"{{"external_id":"I","amount":1,{invoice}}}"#);
        let found = code_and_field(job_with(&invoice, ""));
        assert_eq!(found, (FaultCode::DuplicateField, field.to_owned()), "{invoice}");
    }
    let found = code_and_field(plain_with(r#","customer":{"tipe":"bulk","tipe":"x"}"#));
    assert_eq!(found, (FaultCode::DuplicateField, "customer.tipe".to_owned()));
}

#[test]
fn a_name_that_occurs_twice_is_found_at_the_deepest_level() {
    // The job and the invoice are two levels, the innermost object is one.
    let open = "[".repeat(MAX_DEPTH - 3);
    let close = "]".repeat(MAX_DEPTH - 3);
    let invoice = format!(r#"{{"external_id":"I","amount":1,"x":{open}{{"b":1,"b":1}}{close}}}"#);
    let (code, field) = code_and_field(job_with(&invoice, ""));
    assert_eq!((code, field.ends_with("].b")), (FaultCode::DuplicateField, true), "{field}");
}

#[test]
fn names_are_repeated_only_within_one_object() {
    let invoice = r#"{"external_id":"I","amount":1,"items":[{"name":"a"},{"name":"a"}],
        "customer":{"name":"name","Name":"\"name\":1,\"name\":2","x":{"name":1}},"y":"\ud800"}"#;
    assert!(job_with(invoice, "").is_ok());
}

#[test]
fn a_wrong_field_of_the_job_is_named() {
    let (long_batch, long_reference) = ("b".repeat(65), "r".repeat(256));
    let long_batch = format!(r#","batch":"{long_batch}""#);
    let long_reference = format!(r#","reference":"{long_reference}""#);
    for (further, code, field) in [
        (r#","priority":"urgent""#, FaultCode::InvalidValue, "priority"),
        (r#","priority":1"#, FaultCode::WrongType, "priority"),
        (r#","customer":"Sari""#, FaultCode::WrongType, "customer"),
        (r#","run_at":"2026-12-01""#, FaultCode::InvalidValue, "run_at"),
        (r#","run_at":"2026-12-01T08:00:00""#, FaultCode::InvalidValue, "run_at"),
        (r#","run_at":"2026-02-30T08:00:00Z""#, FaultCode::InvalidValue, "run_at"),
        (r#","run_at":1795413600"#, FaultCode::WrongType, "run_at"),
        (r#","batch":"a b""#, FaultCode::InvalidValue, "batch"),
        (long_batch.as_str(), FaultCode::OutOfRange, "batch"),
        (long_reference.as_str(), FaultCode::OutOfRange, "reference"),
        (r#","reference":17"#, FaultCode::WrongType, "reference"),
        (r#","check_first":"maybe""#, FaultCode::InvalidValue, "check_first"),
        (r#","check_first":2"#, FaultCode::InvalidValue, "check_first"),
        (r#","check_first":[]"#, FaultCode::WrongType, "check_first"),
        (r#","customer":{"is_vip":"maybe"}"#, FaultCode::InvalidValue, "customer.is_vip"),
        (r#","customer":[1]"#, FaultCode::WrongType, "customer"),
        (r#","batch":"2026\u201312""#, FaultCode::InvalidValue, "batch"),
        (r#","reference":"17\u200b""#, FaultCode::InvalidValue, "reference"),
        (r#","max_retries":26"#, FaultCode::OutOfRange, "max_retries"),
        (r#","max_retries":-1"#, FaultCode::OutOfRange, "max_retries"),
        (r#","max_retries":99999999999999999999"#, FaultCode::OutOfRange, "max_retries"),
        (r#","max_retries":3.5"#, FaultCode::WrongType, "max_retries"),
        (r#","max_retries":"3.5""#, FaultCode::WrongType, "max_retries"),
        (r#","max_retries":1e1"#, FaultCode::WrongType, "max_retries"),
        (r#","max_retries":"three""#, FaultCode::InvalidValue, "max_retries"),
        (r#","batch":"a","batch":"b""#, FaultCode::DuplicateField, "batch"),
        (r#","prioriy":"high""#, FaultCode::UnknownField, "prioriy"),
        (r#","":1"#, FaultCode::UnknownField, ""),
    ] {
        assert_eq!(code_and_field(plain_with(further)), (code, field.to_owned()), "{further}");
    }
}

#[test]
fn every_field_beside_the_body_is_read() {
    for field in ENVELOPE {
        // No field takes a list that has an entry.
        let job = plain_with(&format!(r#","{}":[1]"#, field.name));
        assert!(job.is_err(), "{} is a field of a job and nobody reads it", field.name);
        assert_eq!(code_and_field(job), (FaultCode::WrongType, field.name.to_owned()));
    }
}

#[test]
fn a_traceparent_follows_the_standard() {
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    for (traceparent, is_taken) in [
        (format!("00-{trace}-{parent}-01"), true),
        (format!("01-{trace}-{parent}-01-more"), true),
        (format!("00-{trace}-{parent}-01-more"), false),
        (format!("ff-{trace}-{parent}-01"), false),
        (format!("00-{}-{parent}-01", "0".repeat(32)), false),
        (format!("00-{trace}-{}-01", "0".repeat(16)), false),
        (format!("00-{}-{parent}-01", trace.to_uppercase()), false),
        (format!("00-{trace}-{parent}"), false),
    ] {
        let job = plain_with(&format!(r#","traceparent":"{traceparent}""#));
        assert_eq!(job.is_ok(), is_taken, "{traceparent}");
    }
}

#[test]
fn an_unknown_field_is_told_with_the_nearest_right_one() {
    let message = only_fault(plain_with(r#","prioriy":"high""#)).message;
    assert_eq!(message, "prioriy is not a field of a job; did you mean priority?");
    let message = only_fault(plain_with(r#","currency":"IDR""#)).message;
    assert_eq!(message, "currency is not a field of a job; put currency inside invoice");
}

#[test]
fn a_job_without_the_invoice_around_it_is_told_to_put_it_there() {
    let invalid = parse(br#"{"external_id":"INV-1","amount":350000}"#).unwrap_err();
    assert_eq!((invalid.code(), invalid.field()), (FaultCode::MissingField, "invoice"));
    assert!(invalid.to_string().contains("put external_id inside invoice"), "{invalid}");
}
