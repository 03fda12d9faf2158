//! What a valid job means.

use antre_core::Payer;
use antre_core::Priority;

use super::{create_body, job_with, parse, payer, payer_in};
use crate::body::notification::{Notify, Settings};
use crate::body::phone::Region;

#[test]
fn the_smallest_job_has_the_defaults() {
    let job = parse(br#"{"invoice":{"external_id":"INV-2026-11-1182","amount":350000}}"#).unwrap();
    assert_eq!(job.bill.external_id, "INV-2026-11-1182");
    assert_eq!(job.bill.amount.as_str(), "350000");
    assert_eq!(job.bill.currency, None);
    assert_eq!(job.bill.payer, Payer::default());
    assert_eq!(job.priority, Priority::Normal);
    assert_eq!((job.run_at_ms, job.max_retries, job.check_first), (None, None, false));
    assert_eq!(
        (job.batch.as_ref(), job.reference.as_ref(), job.traceparent.as_ref()),
        (None, None, None)
    );
    assert_eq!(job.max_retries_or_default(), 3);
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
        assert_eq!(job_with(&invoice, "").unwrap().bill.amount.as_str(), amount, "{currency}");
    }
}

#[test]
fn an_amount_may_be_a_text_or_a_float_and_xendit_gets_a_number() {
    let settings = Settings { notify: Notify::Dashboard, region: Region::Id };
    for (amount, billed, sent, warning) in [
        (r#""350000""#, "350000", "350000", None),
        (r#""350000.00""#, "350000", "350000", None),
        (r#"" 350000 ""#, "350000", "350000", None),
        ("350000.00", "350000", "350000.00", None),
        ("3.5e5", "350000", "3.5e5", None),
        ("350000.5", "350000", "350000.5", Some("decimals_cut")),
        (r#""350000.5""#, "350000", "350000", Some("decimals_cut")),
        ("388500.00000000006", "388500", "388500", Some("decimals_cut")),
        ("388499.99999999994", "388500", "388500", Some("decimals_cut")),
        (r#""388500.00000000006""#, "388500", "388500", Some("decimals_cut")),
        ("3.8850000000000006E8", "388500000", "388500000", Some("decimals_cut")),
        ("3.8849999999999994e8", "388500000", "388500000", Some("decimals_cut")),
        ("350000.1250", "350000", "350000.1250", Some("decimals_cut")),
    ] {
        let job = job_with(&format!(r#"{{"external_id":"I","amount":{amount}}}"#), "").unwrap();
        assert_eq!(job.bill.amount.as_str(), billed, "{amount}");
        let (body, warnings) = create_body(&job, "m", settings);
        assert!(body.contains(&format!(r#""amount":{sent},"#)), "{body}");
        let codes: Vec<&str> = warnings.iter().map(|one| &*one.code).collect();
        assert_eq!(codes, warning.into_iter().collect::<Vec<_>>(), "{amount}");
    }
    let job = job_with(r#"{"external_id":"I","amount":"4550.50","currency":"PHP"}"#, "").unwrap();
    assert_eq!(
        (job.bill.amount.as_str(), create_body(&job, "m", settings).1),
        ("4550.5", Vec::new())
    );
}

#[test]
fn values_of_nearly_the_right_type_get_it_at_every_depth() {
    let settings = Settings { notify: Notify::Dashboard, region: Region::Id };
    for (written, sent) in [
        (r#""invoice_duration":"86400""#, r#""invoice_duration":86400"#),
        (r#""should_send_email":"false""#, r#""should_send_email":false"#),
        (r#""should_send_email":1"#, r#""should_send_email":true"#),
        (r#""customer":[]"#, r#""customer":{}"#),
        (r#""customer":{"addresses":[[]]}"#, r#""customer":{"addresses":[{}]}"#),
        (r#""channel_properties":[ ]"#, r#""channel_properties":{}"#),
        (r#""customer_notification_preference":[]"#, r#""customer_notification_preference":{}"#),
        (
            r#""items":[{"name":"1","quantity":"2","price":"350000.00"},{"price":-1}]"#,
            r#""items":[{"name":"1","quantity":2,"price":350000.00},{"price":-1}]"#,
        ),
        (r#""fees":[{"type":"Tax","value":"-5"}]"#, r#""fees":[{"type":"Tax","value":-5}]"#),
        (r#""items":[]"#, r#""items":[]"#),
        (r#""description":"350.000""#, r#""description":"350.000""#),
        (r#""invoice_duration":null"#, r#""invoice_duration":null"#),
        (r#""description":7"#, r#""description":"7""#),
        (
            r#""customer":{"id":12345678901234567890}"#,
            r#""customer":{"id":"12345678901234567890"}"#,
        ),
        (r#""items":{}"#, r#""items":[]"#),
        (r#""payment_methods":{ }"#, r#""payment_methods":[]"#),
        (r#""payment_methods":"[\"BCA\"]""#, r#""payment_methods":["BCA"]"#),
        (r#""items":"[{\"price\":\"5\"}]""#, r#""items":[{"price":5}]"#),
        (r#""customer":"{\"given_names\":\"Sari\"}""#, r#""customer":{"given_names":"Sari"}"#),
        (r#""currency":" idr ""#, r#""currency":"IDR""#),
    ] {
        let invoice = format!(r#"{{"external_id":"I","amount":1,{written}}}"#);
        let (body, warnings) = create_body(&job_with(&invoice, "").unwrap(), "m", settings);
        assert!(body.contains(&format!("{sent},")), "{written}: {body}");
        assert_eq!(warnings, [], "{written}");
    }
    for blank in [
        "invoice_duration",
        "should_send_email",
        "items",
        "customer",
        "payment_methods",
        "currency",
        "description",
    ] {
        for text in ["", " ", "\u{200b}"] {
            let invoice = format!(r#"{{"external_id":"I","amount":1,"{blank}":"{text}"}}"#);
            let (body, _) = create_body(&job_with(&invoice, "").unwrap(), "m", settings);
            assert_eq!(
                body, r#"{"external_id":"I","amount":1,"metadata":{"antre_job":"m"}}"#,
                "{blank}"
            );
        }
    }
    let empty = r#"{"external_id":"I","amount":1,"metadata":[]}"#;
    let (body, _) = create_body(&job_with(empty, "").unwrap(), "m", settings);
    assert!(body.contains(r#""metadata":{"antre_job":"m"}"#), "{body}");
}

#[test]
fn addresses_are_the_same_with_and_without_what_cannot_be_seen() {
    let plain = r#"{"external_id":"I","amount":1,"customer":{"mobile_number":"+62 812-3456-7890","email":"a@b.id"}}"#;
    let hidden = r#"{"external_id":"I","amount":1,"customer":{"mobile_number":"\u202a+62 812-3456-7890\u202c","email":"a@b.id\u200b"}}"#;
    let [plain, hidden] = [plain, hidden].map(|invoice| job_with(invoice, "").unwrap());
    assert_eq!(plain.bill.payer, hidden.bill.payer);
    let settings = Settings::default();
    assert_eq!(create_body(&plain, "m", settings), create_body(&hidden, "m", settings));
    assert!(
        create_body(&hidden, "m", settings)
            .0
            .contains(r#""mobile_number":"+6281234567890","email":"a@b.id""#)
    );
}

#[test]
fn the_payer_is_read_from_the_invoice() {
    let number = "081234567890";
    for (fields, payer) in [
        (r#""payer_email":"Sari@example.com""#, payer::of(Some("sari@example.com"), None)),
        (
            r#""payer_email":"budi@example.com","customer":{"email":"sari@example.com"}"#,
            payer::of(Some("sari@example.com"), None),
        ),
        (
            r#""payer_email":"budi@example.com","customer":{"email":" "}"#,
            payer::of(Some("budi@example.com"), None),
        ),
        (r#""customer":{"mobile_number":"+62 812-3456-7890"}"#, payer::of(None, Some(number))),
        (r#""customer":{"mobile_number":6281234567890}"#, payer::of(None, Some(number))),
        (r#""customer":{"given_names":"Sari"}"#, Payer::default()),
    ] {
        let invoice = format!(r#"{{"external_id":"INV-1","amount":1,{fields}}}"#);
        assert_eq!(job_with(&invoice, "").unwrap().bill.payer, payer, "{fields}");
    }
}

#[test]
fn the_payer_can_be_read_in_another_region() {
    let invoice = r#"{"external_id":"I","amount":1,"customer":{"mobile_number":"09171234567"}}"#;
    let payer = payer_in(&job_with(invoice, "").unwrap(), Region::Ph);
    assert_eq!(payer, payer::of(None, Some("+639171234567")));
}

#[test]
fn a_bill_may_have_a_name_of_any_letters() {
    let longest = "é".repeat(255);
    for name in
        ["1", "BRAND/ftth/SARI/12-2026/17", "{A}:x", "a b", "请求\u{1F600}", longest.as_str()]
    {
        let invoice = format!(r#"{{"external_id":"{name}","amount":1}}"#);
        assert_eq!(job_with(&invoice, "").unwrap().bill.external_id, name);
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
    largest.resize(antre_core::job::MAX_JOB_BYTES, b' ');
    assert!(parse(&largest).is_ok());
}
