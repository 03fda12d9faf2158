//! Any bytes at all.

use antre_core::job::MAX_FAULTS;
use antre_core::raw_object::RawObject;
use proptest::prelude::*;
use serde_json::Value;

use super::{INVOICE, create_body, job_with, parse};
use crate::body::notification::Settings;

const VALID: &str = concat!(
    r#"{"invoice":{"external_id":"INV-1","amount":4550.50,"currency":"IDR","metadata":{"a":"b"},"#,
    r#""customer":{"email":"sari@example.com","mobile_number":"0812-3456-7890"},"items":[{"x":1e2}]},"#,
    r#""priority":"high","customer":{"is_vip":true},"run_at":"2026-12-01T08:00:00+07:00","#,
    r#""batch":"2026-12","reference":"17","check_first":false,"max_retries":3}"#,
);

/// Reads the bytes; whatever they are, the answer is bounded.
fn check(raw: &[u8]) -> Result<(), TestCaseError> {
    match parse(raw) {
        Ok(job) => {
            let (body, warnings) = create_body(&job, "default/1-0", Settings::default());
            prop_assert!(serde_json::from_str::<Value>(&body).is_ok() || body.contains("\\u"));
            prop_assert!(body.len() <= 2 * raw.len() + 1_000 && warnings.len() <= 16);
        }
        Err(invalid) => {
            prop_assert!((1..=MAX_FAULTS).contains(&invalid.faults().count()));
            prop_assert!(invalid.to_string().len() < 4_000);
        }
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{0,8}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&raw)?;
    }

    #[test]
    fn a_mutated_job_is_read_or_refused(
        changes in prop::collection::vec((0..VALID.len(), any::<u8>()), 1..4),
        start in 0..VALID.len(), length in 0..40_usize,
    ) {
        let mut raw = VALID.as_bytes().to_vec();
        for (place, byte) in changes {
            raw[place] = byte;
        }
        check(&raw)?;
        raw.drain(start..(start + length).min(VALID.len()));
        check(&raw)?;
    }

    #[test]
    fn any_values_in_the_known_fields_are_read_or_refused(
        values in prop::collection::vec(any_json(), 9), depth in 0..60_usize,
    ) {
        let names = INVOICE.job_fields();
        let mut job: Value = serde_json::from_str(VALID).unwrap();
        for (name, value) in names.zip(values) {
            if value.is_null() {
                continue;
            }
            job[name] = value;
        }
        check(job.to_string().as_bytes())?;
        check(format!("{}{VALID}", "{\"a\":".repeat(depth)).as_bytes())?;
    }

    #[test]
    fn every_other_field_of_the_invoice_passes_verbatim(
        fields in prop::collection::btree_map("[x-z][a-z\"\\\\é]{0,8}", any_json(), 0..8),
    ) {
        let mut invoice = RawObject::parse(r#"{"external_id":"I","amount":1.50e3}"#).unwrap();
        for (name, value) in &fields {
            invoice.set(name, &serde_json::to_string_pretty(value).unwrap());
        }
        let (body, _) = create_body(&job_with(&invoice.to_json(), "").unwrap(), "m", Settings::default());
        let body = RawObject::parse(&body).unwrap();
        for name in invoice.names() {
            prop_assert_eq!(body.get(name), invoice.get(name));
        }
        let mut expected: Vec<_> = invoice.names().collect();
        expected.push("metadata");
        prop_assert_eq!(body.names().collect::<Vec<_>>(), expected);
    }
}
