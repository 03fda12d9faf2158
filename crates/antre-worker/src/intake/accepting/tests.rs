use antre_xendit::body::phone::Region;

use super::*;

fn entry(fields: &[(&str, &[u8])]) -> InboxEntry {
    let own = |(name, value): &(&str, &[u8])| (name.as_bytes().to_vec(), value.to_vec());
    InboxEntry { id: "1-1".to_owned(), fields: fields.iter().map(own).collect() }
}

fn taken(fields: &[(&str, &[u8])]) -> Submission {
    submission(&entry(fields), notification::Settings::default(), 3)
}

fn of_job(text: &str) -> Submission {
    taken(&[("job", text.as_bytes())])
}

fn bill(fields: &str) -> Submission {
    of_job(&format!(r#"{{"invoice":{{"external_id":"INV-1",{fields}}}}}"#))
}

#[test]
fn a_job_is_taken_with_all_its_fields() {
    let text = r#"{"invoice":{"external_id":"INV-1","amount":3.5e5,"currency":"php",
        "customer":{"email":"budi@example.com","mobile_number":"0812 3456 7890"}},
        "priority":"high","run_at":"2026-12-01T08:00:00+07:00","batch":"2026-12",
        "reference":"row 7","check_first":true,"max_retries":0,
        "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#;
    let job = of_job(text);
    assert_eq!((job.error_code.as_str(), job.error_message.as_str()), ("", ""));
    assert_eq!((job.id.as_str(), job.external_id.as_str()), ("1-1", "INV-1"));
    assert_eq!((job.amount.as_str(), job.currency.as_str()), ("350000", "PHP"));
    assert_eq!((job.priority.as_str(), job.batch.as_str()), ("high", "2026-12"));
    assert_eq!((job.run_at.as_str(), job.reference.as_str()), ("1796086800000", "row 7"));
    assert_eq!((job.check_first.as_str(), job.max_attempts.as_str()), ("1", "1"));
    assert!(job.traceparent.starts_with("00-0af7651916cd43dd"));
    assert_eq!(job.data, text.as_bytes(), "kept as it came");
}

#[test]
fn a_plain_job_gets_the_defaults() {
    let job = bill(r#""amount":350000"#);
    assert_eq!((job.priority.as_str(), job.max_attempts.as_str()), ("normal", "4"));
    assert_eq!((job.run_at.as_str(), job.check_first.as_str()), ("", ""));
    assert_eq!((job.payer_email.as_str(), job.payer_mobile.as_str()), ("", ""));
}

#[test]
fn rupiah_and_no_currency_are_one() {
    let named = bill(r#""amount":350000.75,"currency":"IDR""#);
    assert_eq!((named.amount.as_str(), named.currency.as_str()), ("350000", ""));
    assert_eq!(bill(r#""amount":4.5,"currency":"PHP""#).amount, "4.5");
}

#[test]
fn spellings_of_one_address_have_one_digest_that_does_not_show_it() {
    let digests = |customer: &str| {
        let job = bill(&format!(r#""amount":1,"customer":{customer}"#));
        (job.payer_email, job.payer_mobile)
    };
    let first = digests(r#"{"email":"Budi@Example.com ","mobile_number":"0812 3456 7890"}"#);
    assert_eq!(first, digests(r#"{"email":"budi@example.com","mobile_number":"+6281234567890"}"#));
    assert_ne!(first, digests(r#"{"email":"siti@example.com","mobile_number":"+6281234567891"}"#));
    assert!(!first.0.contains("budi") && !first.1.contains("812345"), "{first:?}");
}

#[test]
fn national_numbers_are_read_as_those_of_the_accounts_region() {
    let settings = notification::Settings { region: Region::Ph, ..Default::default() };
    let job = |number: &str| {
        let text = format!(
            r#"{{"invoice":{{"external_id":"INV-1","amount":1,"customer":{{"mobile_number":"{number}"}}}}}}"#
        );
        submission(&entry(&[("job", text.as_bytes())]), settings, 3).payer_mobile
    };
    assert_eq!(job("0917 123 4567"), job("+639171234567"));
}

#[test]
fn an_entry_without_exactly_one_field_named_job_is_none() {
    let good = br#"{"invoice":{"external_id":"INV-1","amount":1}}"#.as_slice();
    let cases: [&[(&str, &[u8])]; 5] = [
        &[],
        &[("jobs", good)],
        &[("job", good), ("cancel", b"1-1")],
        &[("job", good), ("job", good)],
        &[("JOB", good)],
    ];
    for fields in cases {
        let refused = taken(fields);
        assert_eq!((refused.id.as_str(), refused.error_code.as_str()), ("1-1", "invalid"));
        assert!(refused.error_message.starts_with("job must be the entry's only field"));
    }
}

#[test]
fn what_is_no_job_keeps_the_names_by_which_it_is_found_and_counted() {
    let refused = of_job(
        r#"{"invoice":{"external_id":"INV-1","amount":0},"batch":"2026-12","reference":"17"}"#,
    );
    assert_eq!((refused.error_code.as_str(), refused.external_id.as_str()), ("invalid", "INV-1"));
    assert_eq!((refused.batch.as_str(), refused.reference.as_str()), ("2026-12", "17"));
    assert_eq!(refused.amount, "");
}

#[test]
fn of_what_is_no_job_at_most_4_kib_of_readable_text_are_kept() {
    let long = "é".repeat(10_000);
    let cases =
        [long.as_bytes().to_vec(), vec![0xff; 10_000], [b"a".to_vec(), vec![0xff; 9_999]].concat()];
    for raw in cases {
        let refused = taken(&[("job", &raw)]);
        assert_eq!(refused.error_code, "invalid");
        assert!(refused.data.len() <= RAW_BYTES_MAX && refused.data.len() > RAW_BYTES_MAX - 3);
        assert!(std::str::from_utf8(&refused.data).is_ok());
    }
}

#[test]
fn the_field_named_job_is_kept_when_there_are_others() {
    assert_eq!(taken(&[("more", b"x"), ("job", b"{}")]).data, b"{}");
    assert_eq!(taken(&[("more", b"x")]).data, b"x");
}
