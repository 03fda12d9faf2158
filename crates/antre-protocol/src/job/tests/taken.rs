//! What a valid job means.

use super::{job_with, parse, plain_with};
use crate::payer::Payer;
use crate::phone::Region;
use crate::priority::Priority;

#[test]
fn the_smallest_job_has_the_defaults() {
    let job = parse(br#"{"invoice":{"external_id":"INV-2026-11-1182","amount":350000}}"#).unwrap();
    assert_eq!(job.external_id, "INV-2026-11-1182");
    assert_eq!(job.amount.as_str(), "350000");
    assert_eq!(job.currency, None);
    assert_eq!(job.payer, Payer::default());
    assert_eq!(job.priority, Priority::Normal);
    assert_eq!((job.run_at_ms, job.max_retries, job.check_first), (None, None, false));
    assert_eq!(
        (job.batch.as_ref(), job.reference.as_ref(), job.traceparent.as_ref()),
        (None, None, None)
    );
    assert_eq!(job.max_retries_or_default(), 3);
}

#[test]
fn every_optional_field_is_read() {
    let job = plain_with(concat!(
        r#","priority":"low","run_at":"2026-12-01T08:00:00+07:00","batch":"2026-12","#,
        r#""reference":"row 17 – ü","check_first":true,"max_retries":0,"#,
        r#""traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01""#,
    ))
    .unwrap();
    assert_eq!(job.priority, Priority::Low);
    assert_eq!(job.run_at_ms, Some(1_796_086_800_000));
    assert_eq!(job.batch.as_deref(), Some("2026-12"));
    assert_eq!(job.reference.as_deref(), Some("row 17 – ü"));
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
        (r#","customer":{"is_vip":"true"}"#, Priority::Normal),
        (r#","customer":{"is_vip":1,"tipe":7,"name":"Sari"}"#, Priority::Normal),
        (r#","customer":{"tipe":"Bulk"}"#, Priority::Normal),
        (r#","customer":{},"priority":null"#, Priority::Normal),
        (r#","customer":{"is_vip":true},"priority":"low""#, Priority::Low),
        (r#","customer":{"tipe":"bulk"},"priority":"high""#, Priority::High),
    ] {
        assert_eq!(plain_with(further).unwrap().priority, priority, "{further}");
    }
}

#[test]
fn the_amount_is_cut_for_rupiah_only() {
    for (currency, amount) in [
        ("", "4550"),
        (r#","currency":"IDR""#, "4550"),
        (r#","currency":"idr""#, "4550"),
        (r#","currency":"PHP""#, "4550.5"),
    ] {
        let invoice = format!(r#"{{"external_id":"INV-1","amount":4.5505e3{currency}}}"#);
        assert_eq!(job_with(&invoice, "").unwrap().amount.as_str(), amount, "{currency}");
    }
}

#[test]
fn the_payer_is_read_from_the_invoice() {
    let number = "081234567890";
    for (fields, payer) in [
        (r#""payer_email":"Sari@example.com""#, Payer::of(Some("sari@example.com"), None)),
        (
            r#""payer_email":"budi@example.com","customer":{"email":"sari@example.com"}"#,
            Payer::of(Some("sari@example.com"), None),
        ),
        (
            r#""payer_email":"budi@example.com","customer":{"email":" "}"#,
            Payer::of(Some("budi@example.com"), None),
        ),
        (r#""customer":{"mobile_number":"+62 812-3456-7890"}"#, Payer::of(None, Some(number))),
        (r#""customer":{"mobile_number":6281234567890}"#, Payer::of(None, Some(number))),
        (r#""customer":"Sari""#, Payer::default()),
    ] {
        let invoice = format!(r#"{{"external_id":"INV-1","amount":1,{fields}}}"#);
        assert_eq!(job_with(&invoice, "").unwrap().payer, payer, "{fields}");
    }
}

#[test]
fn the_payer_can_be_read_in_another_region() {
    let invoice = r#"{"external_id":"I","amount":1,"customer":{"mobile_number":"09171234567"}}"#;
    let payer = job_with(invoice, "").unwrap().payer_in(Region::Ph);
    assert_eq!(payer, Payer::of(None, Some("+639171234567")));
}

#[test]
fn a_bill_may_have_a_name_of_any_letters() {
    let longest = "é".repeat(255);
    for name in
        ["1", "BRAND/ftth/SARI/12-2026/17", "{A}:x", "a b", "请求\u{1F600}", longest.as_str()]
    {
        let invoice = format!(r#"{{"external_id":"{name}","amount":1}}"#);
        assert_eq!(job_with(&invoice, "").unwrap().external_id, name);
    }
}

#[test]
fn limits_are_taken_at_their_last_value() {
    let deepest = format!("{}1{}", "[".repeat(30), "]".repeat(30));
    let entries = (0..49).map(|key| format!("\"k{key}\":1")).collect::<Vec<_>>().join(",");
    let invoice = format!(
        r#"{{"external_id":"I","amount":999999999999999,"x":{deepest},"metadata":{{{entries},"antre_job":"x"}}}}"#
    );
    let batch = "b".repeat(64);
    let reference = "ü".repeat(255);
    let further = format!(r#","max_retries":25,"batch":"{batch}","reference":"{reference}""#);
    assert!(job_with(&invoice, &further).is_ok());
    let mut largest = br#"{"invoice":{"external_id":"I","amount":1}}"#.to_vec();
    largest.resize(super::super::MAX_JOB_BYTES, b' ');
    assert!(parse(&largest).is_ok());
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
