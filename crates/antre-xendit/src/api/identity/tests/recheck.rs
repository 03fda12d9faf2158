//! A done bill that is looked at again.

use super::*;

fn recheck(recorded: &str) -> ExpectedBill {
    let recorded = Some(recorded.to_owned());
    ExpectedBill { recorded, is_recheck: true, check_first: true, ..bill() }
}

#[test]
fn a_recorded_invoice_that_can_be_paid_stays_and_an_expired_one_makes_room() {
    for (lines, expected) in [
        (vec!["a ours PENDING"], "adopt a"),
        (vec!["a ours NEW"], "adopt a"),
        (vec!["a ours PAID"], "adopt a"),
        (vec!["a ours SETTLED"], "adopt a"),
        (vec!["a ours EXPIRED"], "absent"),
        (vec!["a ours EXPIRED", "b ours EXPIRED"], "absent"),
        (vec!["a ours EXPIRED", "b ours EXPIRED other"], "absent"),
        (vec!["a ours EXPIRED", "b ours PENDING"], "adopt b"),
        (vec!["a ours PENDING", "b ours PENDING"], "adopt a | b"),
        (vec!["a ours PENDING", "b ours PENDING other"], "adopt a | b"),
        (vec!["a ours PENDING", "b ours PAID"], "adopt b | a"),
        (vec!["a ours EXPIRED", "b ours PENDING", "c ours PENDING other"], "adopt b | c"),
    ] {
        assert_eq!(verdict(&recheck("a"), &lines), expected, "{lines:?}");
    }
}

#[test]
fn a_payable_invoice_with_another_amount_is_a_conflict_and_nothing_is_expired() {
    for (lines, expected) in [
        (vec!["a ours PENDING other"], "conflict a"),
        (vec!["a ours NEW other"], "conflict a"),
        (vec!["a ours PENDING other", "b ours PENDING"], "conflict a"),
        (vec!["a ours PENDING other", "b theirs PENDING"], "conflict a"),
        (vec!["a ours EXPIRED", "b ours PENDING other"], "conflict b"),
        (vec!["a ours EXPIRED other", "b ours PENDING other"], "conflict b"),
        (vec!["a ours EXPIRED other"], "absent"),
    ] {
        assert_eq!(verdict(&recheck("a"), &lines), expected, "{lines:?}");
    }
    let euros = InvoiceView { currency: Some("EUR".to_owned()), ..invoice("a ours PENDING") };
    assert_eq!(decided(&identify(&recheck("a"), &[euros], true)), "conflict a");
}

#[test]
fn money_that_was_paid_counts_as_in_any_look_up() {
    for (lines, expected) in [
        (vec!["a ours PAID other"], "paid_other_amount a"),
        (vec!["a ours EXPIRED", "b ours PAID other"], "paid_other_amount b"),
        (vec!["a ours PENDING other", "b ours PAID"], "adopt b | a"),
        (vec!["a ours PENDING", "b ours PAID other"], "adopt a"),
    ] {
        assert_eq!(verdict(&recheck("a"), &lines), expected, "{lines:?}");
    }
}

#[test]
fn a_recorded_invoice_of_another_program_stands_as_well_and_is_never_expired() {
    for (lines, expected) in [
        (vec!["a theirs PENDING"], "adopt a"),
        (vec!["a theirs PENDING other"], "conflict a"),
        (vec!["a theirs NEW other"], "conflict a"),
        (vec!["a theirs PAID other"], "paid_other_amount a"),
        (vec!["a theirs EXPIRED"], "absent"),
        (vec!["b theirs PENDING other"], "absent"),
    ] {
        assert_eq!(verdict(&recheck("a"), &lines), expected, "{lines:?}");
    }
    let payer = payer::of(Some("budi@example.com"), None);
    let stranger = InvoiceView { payer, ..invoice("a theirs PENDING") };
    assert_eq!(decided(&identify(&recheck("a"), &[stranger], true)), "conflict a");
}

#[test]
fn what_is_being_expired_anyway_is_expired_first() {
    let closed_invoices = vec!["a".to_owned(), "b".to_owned()];
    let bill = ExpectedBill { closed_invoices, ..recheck("a") };
    assert_eq!(verdict(&bill, &["a ours EXPIRED", "b ours PENDING"]), "expire b");
    assert_eq!(verdict(&bill, &["a ours EXPIRED", "b ours PENDING other"]), "expire b");
    assert_eq!(verdict(&bill, &["a ours PENDING"]), "adopt a", "the recorded one is not");
}

#[test]
fn without_a_recheck_another_amount_is_expired_first_as_ever() {
    assert_eq!(verdict(&recorded("a"), &["a ours PENDING other"]), "expire a");
}

#[test]
fn the_conflict_says_what_to_do() {
    let text = DeadReason::Conflict.text();
    assert!(text.contains("another amount") && text.contains("wait until it expires"), "{text}");
}
