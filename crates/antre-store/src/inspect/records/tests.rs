use super::*;
use crate::bill_text::BILL_PLACES;

fn fields(list: &[(&str, &str)]) -> Fields {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_record_is_read_once_and_what_is_empty_or_of_another_kind_is_absent() {
    let record = JobRecord::decode(
        "1-0",
        &fields(&[
            ("state", "dead"),
            ("amount", "350000"),
            ("request", "lookup"),
            ("attempts", "0"),
            ("max_attempts", "many"),
            ("error_code", "timeout"),
            ("error_status", ""),
            ("run_at", ""),
            ("warnings", r#"[{"code":"c","message":"m"}]"#),
        ]),
    );
    assert_eq!((record.state, record.request), (Some(State::Dead), Some(NextRequest::LookUp)));
    assert_eq!(record.amount.as_ref().unwrap().as_str(), "350000");
    assert_eq!((record.attempts, record.max_attempts, record.run_at_ms), (Some(0), None, None));
    assert_eq!((record.error.code.as_deref(), record.error.status), (Some("timeout"), None));
    assert_eq!((record.warnings.len(), record.warnings[0].code.as_ref()), (1, "c"));
    let result = r#"{"job":"1-0","state":"dead","invoice_url":"https://pay.example"}"#.to_owned();
    let record = record.with(Some(Vec::new()), Some(result));
    assert_eq!(record.invoice.url.as_deref(), Some("https://pay.example"));
    assert_eq!(record.result.unwrap().job.as_str(), "1-0");
}

#[test]
fn what_another_program_wrote_is_a_record_without_anything() {
    let strange = fields(&[("state", "lost"), ("warnings", "x"), ("amount", "-1")]);
    let record = JobRecord::decode("x", &strange);
    assert_eq!((record.state, &record.amount, record.warnings.len()), (None, &None, 0));
}

#[test]
fn a_bill_is_open_or_has_ended_and_names_its_past_invoices() {
    let bill = |state| {
        let mut lines = [""; BILL_PLACES.len()];
        (lines[0], lines[1], lines[15]) = (state, "1-0", "i1 i2");
        BillRecord::decode(lines.join("\n").as_bytes())
    };
    assert_eq!(bill("open").ended, None);
    assert_eq!(BillRecord::decode(b"\xff"), BillRecord::default());
    assert_eq!(bill("done").ended, Some(State::Done));
    assert_eq!(
        (bill("done").closed_invoices, bill("done").job),
        (vec!["i1".to_owned(), "i2".to_owned()], Some("1-0".to_owned()))
    );
}

#[test]
fn a_batch_that_nobody_named_has_no_progress() {
    assert_eq!(BatchProgress::decode(&fields(&[])), BatchProgress::default());
    let some = BatchProgress::decode(&fields(&[("total", "3"), ("dead", "1")]));
    assert_eq!((some.total, some.dead, some.done), (3, 1, 0));
}
