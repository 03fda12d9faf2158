//! Expired invoices that are known to be over, although no memory holds all their ids.

use super::*;

fn closed_before(instant_ms: i64) -> ExpectedBill {
    ExpectedBill { closed_before_ms: Some(instant_ms), ..bill() }
}

fn numbered(number: usize) -> InvoiceView {
    let created_ms = i64::try_from(number).ok().map(|age| FIRST_SENT_MS + age);
    InvoiceView { id: format!("a{number:02}"), created_ms, ..invoice("a ours EXPIRED") }
}

#[test]
fn what_was_created_before_the_instant_is_over_and_what_at_it_or_later_is_news() {
    let two = ["a ours EXPIRED", "b ours EXPIRED"];
    for (instant_ms, expected) in [
        (FIRST_SENT_MS, "expired_before_delivery b a,b"),
        (FIRST_SENT_MS + 1, "expired_before_delivery b b"),
        (FIRST_SENT_MS + 2, "absent"),
    ] {
        assert_eq!(verdict(&closed_before(instant_ms), &two), expected, "{instant_ms}");
    }
}

#[test]
fn what_expired_without_a_readable_age_is_over() {
    let ageless = InvoiceView { created_ms: None, ..invoice("a ours EXPIRED") };
    for bill in [bill(), closed_before(FIRST_SENT_MS)] {
        let alone = identify(&bill, std::slice::from_ref(&ageless), true);
        assert_eq!(decided(&alone), "absent");
        let both = [ageless.clone(), invoice("b ours EXPIRED")];
        assert_eq!(decided(&identify(&bill, &both, true)), "expired_before_delivery b b");
    }
}

#[test]
fn twenty_five_expired_invoices_of_which_twenty_are_remembered_do_not_stop_a_bill() {
    let list: Vec<InvoiceView> = (0..25).map(numbered).collect();
    let remembered = list.iter().rev().take(20).map(|one| one.id.clone()).collect();
    let forgetful = ExpectedBill { closed_invoices: remembered, ..bill() };
    assert!(decided(&identify(&forgetful, &list, true)).starts_with("expired_before_delivery"));
    let bill = ExpectedBill { closed_before_ms: Some(FIRST_SENT_MS + 25), ..forgetful };
    assert_eq!(identify(&bill, &list, true).decision, Decision::Absent);

    let mut one_more = list;
    one_more.push(numbered(25));
    assert_eq!(decided(&identify(&bill, &one_more, true)), "expired_before_delivery a25 a25");
}

#[test]
fn age_excuses_the_expired_only() {
    let bill = closed_before(FIRST_SENT_MS + 100);
    assert_eq!(verdict(&bill, &["a ours PENDING"]), "adopt a");
    assert_eq!(verdict(&bill, &["a ours PENDING other"]), "expire a");
    assert_eq!(verdict(&bill, &["a ours PAID other"]), "paid_other_amount a");
    assert_eq!(decided(&identify(&bill, &list(&["a ours EXPIRED"]), false)), "too_many_invoices -");
}
