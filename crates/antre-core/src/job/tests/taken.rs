//! What a valid job means.

use super::{job_with, plain_with};
use crate::priority::Priority;

#[test]
fn every_optional_field_is_read() {
    let job = plain_with(concat!(
        r#","priority":"low","run_at":"2026-12-01T08:00:00+07:00","batch":"2026-12","#,
        r#""reference":"row 17 - ü","check_first":true,"max_retries":0,"#,
        r#""traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01""#,
    ))
    .unwrap();
    assert_eq!(job.priority, Priority::Low);
    assert_eq!(job.run_at_ms, Some(1_796_086_800_000));
    assert_eq!(job.batch.as_deref(), Some("2026-12"));
    assert_eq!(job.reference.as_deref(), Some("row 17 - ü"));
    assert!(job.check_first);
    assert_eq!((job.max_retries, job.max_retries_or_default()), (Some(0), 0));
    assert!(job.traceparent.is_some());
}

#[test]
fn null_counts_as_absent() {
    let job = plain_with(concat!(
        r#","priority":null,"customer":null,"run_at":null,"batch":null,"reference":null,"#,
        r#""check_first":null,"max_retries":null,"traceparent":null"#,
    ));
    assert_eq!(job, plain_with(""));
    let empty = concat!(
        r#","priority":"","customer":"","run_at":" ","batch":"","reference":"","#,
        r#""check_first":"","max_retries":"","traceparent":"""#,
    );
    assert_eq!(plain_with(empty), plain_with(""), "an empty cell of a file is absent, too");
    let null =
        r#"{"external_id":"INV-1","amount":1,"currency":null,"metadata":null,"customer":null}"#;
    assert!(job_with(null, "").is_ok());
}

#[test]
fn the_priority_follows_the_customer_unless_it_is_given() {
    for (further, priority) in [
        (r#","customer":{"is_vip":true}"#, Priority::High),
        (r#","customer":{"is_vip":true,"tipe":"bulk"}"#, Priority::High),
        (r#","customer":{"is_vip":false,"tipe":"bulk"}"#, Priority::Low),
        (r#","customer":{"type":"bulk"}"#, Priority::Low),
        (r#","customer":{"tipe":"retail","type":"bulk"}"#, Priority::Low),
        (r#","customer":{"is_vip":"true"}"#, Priority::High),
        (r#","customer":{"is_vip":"ya"}"#, Priority::High),
        (r#","customer":{"is_vip":1,"tipe":7,"name":"Sari"}"#, Priority::High),
        (r#","customer":{"is_vip":"0","tipe":7}"#, Priority::Normal),
        (r#","customer":{"tipe":"Bulk"}"#, Priority::Low),
        (r#","customer":[]"#, Priority::Normal),
        (r#","priority":"HIGH""#, Priority::High),
        (r#","customer":{},"priority":null"#, Priority::Normal),
        (r#","customer":{"is_vip":true},"priority":"low""#, Priority::Low),
        (r#","customer":{"tipe":"bulk"},"priority":"high""#, Priority::High),
    ] {
        assert_eq!(plain_with(further).unwrap().priority, priority, "{further}");
    }
}

#[test]
fn flags_and_numbers_of_the_job_may_be_texts() {
    for (further, check_first, max_retries) in [
        (r#","check_first":"true","max_retries":"3""#, true, Some(3)),
        (r#","check_first":1,"max_retries":3.0"#, true, Some(3)),
        (r#","check_first":"TIDAK","max_retries":"0""#, false, Some(0)),
    ] {
        let job = plain_with(further).unwrap();
        assert_eq!((job.check_first, job.max_retries), (check_first, max_retries), "{further}");
    }
    let job = plain_with(r#","run_at":"2026-12-01T08:00:00+0700""#).unwrap();
    assert_eq!(job.run_at_ms, Some(1_796_086_800_000));
}

#[test]
fn brackets_inside_texts_are_no_nesting() {
    let text = r#"{[\"{[\\"#.repeat(100);
    let invoice = format!(r#"{{"external_id":"I","amount":1,"x":"{text}"}}"#);
    assert!(job_with(&invoice, "").is_ok());
}

#[test]
fn debug_shows_no_personal_value() {
    let invoice = r#"{"external_id":"INV-1","amount":1,"payer_email":"sari@example.com"}"#;
    let job = job_with(invoice, r#","reference":"Sari""#).unwrap();
    let text = format!("{job:?}");
    assert!(text.contains("INV-1") && !text.to_lowercase().contains("sari"), "{text}");
}
