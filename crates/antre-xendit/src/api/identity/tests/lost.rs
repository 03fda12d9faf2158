//! A bill whose record may be lost with a server: what an earlier job made must be found.

use super::*;

fn lost() -> ExpectedBill {
    ExpectedBill { may_be_lost: true, first_sent_ms: None, ..bill() }
}

fn of_earlier_job(id: &str) -> InvoiceView {
    let mut invoice = invoice(&format!("{id} ours PENDING"));
    invoice.metadata = Metadata::Marker("default/0-0".to_owned());
    invoice
}

#[test]
fn the_invoice_of_a_job_that_nobody_remembers_is_adopted() {
    let found = of_earlier_job("a");
    let verdict = identify(&lost(), std::slice::from_ref(&found), true);
    assert_eq!(verdict.decision, Decision::Adopt(found.clone()));
    // Otherwise another mark is another bill's.
    let known = ExpectedBill { may_be_lost: false, ..lost() };
    assert_eq!(identify(&known, &[found], true).decision, Decision::Absent);
}

#[test]
fn one_that_can_be_paid_at_another_amount_stands_in_the_way_and_one_that_expired_does_not() {
    let mut other = of_earlier_job("a");
    other.amount = Some(Amount::parse("9").unwrap());
    let verdict = identify(&lost(), std::slice::from_ref(&other), true);
    assert!(matches!(verdict.decision, Decision::Dead { reason: DeadReason::Conflict, .. }));
    assert!(verdict.surplus.is_empty(), "nothing is expired");
    other.status = InvoiceStatus::Expired;
    assert_eq!(identify(&lost(), &[other], true).decision, Decision::Absent);
}

#[test]
fn another_accounts_mark_or_another_name_stays_foreign() {
    for (marker, name) in [("other/0-0", "INV-1"), ("default/0-0", "INV-2"), ("default", "INV-1")] {
        let mut invoice = invoice("a ours PENDING");
        invoice.metadata = Metadata::Marker(marker.to_owned());
        invoice.external_id = Some(name.to_owned());
        assert_eq!(
            identify(&lost(), &[invoice], true).decision,
            Decision::Absent,
            "{marker} {name}"
        );
    }
}

#[test]
fn without_any_metadata_in_the_answer_name_and_terms_decide() {
    let mut invoice = invoice("a ours PENDING");
    invoice.metadata = Metadata::Absent;
    assert_eq!(
        identify(&lost(), std::slice::from_ref(&invoice), true).decision,
        Decision::Adopt(invoice)
    );
}
