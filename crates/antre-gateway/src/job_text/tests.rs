use super::*;

fn text(body: &str) -> Result<JobText, NoJob> {
    JobText::of(body.as_bytes(), Treatment::default(), Region::Id)
}

fn amount(written: &str) -> Result<String, String> {
    match text(&format!(r#"{{"external_id":"INV-1","amount":{written}}}"#)) {
        Ok(text) => Ok(text.bill.amount),
        Err(NoJob::Invalid(fault)) => Err(fault.to_string()),
        Err(NoJob::NotJson) => Err("no JSON".to_owned()),
    }
}

#[test]
fn the_body_stands_in_the_job_as_it_came() {
    let body = r#"  { "external_id":"INV-1" , "amount":350000.0,"items":[], "x":"\/" }
"#;
    let treatment = Treatment {
        priority: Priority::High,
        batch: Some("2026-12".to_owned()),
        reference: Some("row \"7\"".to_owned()),
        traceparent: None,
    };
    let text = JobText::of(body.as_bytes(), treatment, Region::Id).unwrap();
    let json = text.json(Look::First);
    assert_eq!(
        json,
        format!(
            r#"{{"invoice":{},"priority":"high","batch":"2026-12","reference":"row \"7\"","check_first":true}}"#,
            body.trim()
        )
    );
    assert_eq!((text.bill.external_id.as_str(), text.bill.amount.as_str()), ("INV-1", "350000"));
    assert!(json.starts_with(text.head()));
}

#[test]
fn an_amount_as_text_counts_unless_its_point_may_mean_thousands() {
    for (written, amount_of_it) in [
        ("\"350000\"", "350000"),
        ("\"350000.0\"", "350000"),
        ("\"350000.00\"", "350000"),
        ("350000", "350000"),
    ] {
        assert_eq!(amount(written).as_deref(), Ok(amount_of_it), "{written}");
    }
    for refused in ["\"350.000\"", "\"350,000\"", "\"Rp 350000\"", "\"\"", "0", "null", "true"] {
        assert!(amount(refused).is_err(), "{refused}");
    }
}

#[test]
fn nothing_behind_the_object_gets_into_the_job() {
    let whole = r#"{"external_id":"INV-1","amount":350000}"#;
    for body in [
        &format!(r#"{whole},"priority":"low""#),
        &format!(r#"{whole}}},"run_at":"2027-01-01T00:00:00Z","x":{{"#),
        &format!("{whole}{whole}"),
        "[1]",
        "\"text\"",
        "",
        "external_id=INV-1&amount=350000",
    ] {
        assert!(matches!(text(body), Err(NoJob::NotJson)), "{body}");
    }
}

#[test]
fn the_same_body_is_the_same_and_another_one_is_not() {
    let digest = |body: &str| text(body).unwrap().body_digest();
    let one = r#"{"external_id":"INV-1","amount":350000}"#;
    assert_eq!(digest(one), digest(&format!("\n{one} ")));
    assert_ne!(digest(one), digest(r#"{"external_id":"INV-1","amount":350000.0}"#));
}
