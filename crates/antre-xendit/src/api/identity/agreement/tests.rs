use proptest::prelude::*;
use proptest::sample::select;

use super::super::tests::{FIRST_SENT_MS, bill, invoice};
use super::*;

const ACCOUNT: &str = "5781d19b2e2385880609791c";

fn text(text: &str) -> String {
    text.to_owned()
}

fn known() -> ExpectedBill {
    ExpectedBill { user_id: Some(text(ACCOUNT)), ..bill() }
}

/// Returns an invoice of the bill that agrees in everything.
fn listed(line: &str) -> InvoiceView {
    let invoice_url = Some(text("https://checkout.example/a"));
    InvoiceView { invoice_url, user_id: Some(text(ACCOUNT)), ..invoice(line) }
}

fn fault(bill: &ExpectedBill, invoices: &[InvoiceView]) -> Option<ListFault> {
    list_fault(bill, invoices, true)
}

#[test]
fn what_agrees_or_is_missing_is_no_contradiction() {
    let whole = listed("a ours PENDING");
    for answer in [
        whole.clone(),
        InvoiceView { external_id: None, ..whole.clone() },
        InvoiceView { metadata: Metadata::Absent, ..whole.clone() },
        InvoiceView { metadata: Metadata::Unmarked, ..whole.clone() },
        InvoiceView { amount: None, ..whole.clone() },
        InvoiceView { amount: Amount::parse("350000").ok(), ..whole.clone() },
        InvoiceView { currency: None, ..whole.clone() },
        InvoiceView { currency: Some(text("idr")), ..whole.clone() },
        InvoiceView { user_id: None, ..whole.clone() },
    ] {
        assert_eq!(agreement(&known(), &answer), Ok(()), "{answer:?}");
    }
    let elsewhere = InvoiceView { user_id: Some(text("other")), ..whole.clone() };
    assert_eq!(agreement(&bill(), &elsewhere), Ok(()), "the account is not known yet");
    let own_currency = ExpectedBill { currency: None, ..known() };
    let pesos = InvoiceView { currency: Some(text("PHP")), ..whole };
    assert_eq!(agreement(&own_currency, &pesos), Ok(()));
}

#[test]
fn each_field_that_names_the_bill_can_contradict() {
    let whole = listed("a ours PENDING");
    let marked = |mark: &str| Metadata::Marker(mark.to_owned());
    for (answer, field) in [
        (InvoiceView { user_id: Some(text("other")), ..whole.clone() }, Mismatch::UserId),
        (InvoiceView { external_id: Some(text("INV-2")), ..whole.clone() }, Mismatch::ExternalId),
        (InvoiceView { external_id: Some(text("inv-1")), ..whole.clone() }, Mismatch::ExternalId),
        (InvoiceView { external_id: Some(text("")), ..whole.clone() }, Mismatch::ExternalId),
        (InvoiceView { metadata: marked("default/2-0"), ..whole.clone() }, Mismatch::Mark),
        (InvoiceView { metadata: marked("other/1-0"), ..whole.clone() }, Mismatch::Mark),
        (InvoiceView { currency: Some(text("PHP")), ..whole.clone() }, Mismatch::Currency),
        (InvoiceView { amount: Amount::parse("350001").ok(), ..whole.clone() }, Mismatch::Amount),
        (InvoiceView { amount: Amount::parse("3500").ok(), ..whole.clone() }, Mismatch::Amount),
    ] {
        assert_eq!(agreement(&known(), &answer), Err(field), "{answer:?}");
    }
}

#[test]
fn decimals_count_where_the_currency_has_them() {
    let pesos = ExpectedBill {
        currency: Some(text("PHP")),
        amount: Amount::parse("10.5").expect("an amount"),
        ..known()
    };
    let answer = |amount| InvoiceView {
        amount: Amount::parse(amount).ok(),
        currency: Some(text("PHP")),
        ..listed("a ours PENDING")
    };
    assert_eq!(agreement(&pesos, &answer("10.50")), Ok(()));
    assert_eq!(agreement(&pesos, &answer("10")), Err(Mismatch::Amount));
}

#[test]
fn a_contradiction_is_told_by_its_field_and_never_by_its_value() {
    for (field, word) in [
        (Mismatch::UserId, "user_id"),
        (Mismatch::ExternalId, "external_id"),
        (Mismatch::Mark, "metadata.antre_job"),
        (Mismatch::Currency, "currency"),
        (Mismatch::Amount, "amount"),
    ] {
        assert!(field.text().contains(word), "{}", field.text());
    }
}

#[test]
fn a_list_of_this_bill_may_hold_other_amounts_other_makers_and_no_metadata() {
    for line in ["a ours PENDING other", "a theirs PENDING", "a bare PAID", "a theirs NEW other"] {
        assert_eq!(fault(&known(), &[listed(line)]), None, "{line}");
    }
    let marked_otherwise = InvoiceView {
        metadata: Metadata::Marker("other/7-0".to_owned()),
        ..listed("a theirs PENDING")
    };
    assert_eq!(fault(&known(), &[marked_otherwise]), None);
    assert_eq!(fault(&known(), &[]), None);
}

#[test]
fn an_item_of_another_name_makes_a_list_foreign_unless_it_carries_our_mark() {
    for name in [Some(text("INV-2")), None] {
        let of = |line| InvoiceView { external_id: name.clone(), ..listed(line) };
        assert_eq!(fault(&known(), &[of("a ours PENDING")]), None, "{name:?}");
        for line in ["a theirs PENDING", "a bare PENDING", "a theirs EXPIRED"] {
            assert_eq!(fault(&known(), &[of(line)]), Some(ListFault::Foreign), "{name:?} {line}");
        }
    }
}

#[test]
fn an_item_of_another_account_makes_a_list_foreign_whatever_its_mark() {
    let elsewhere = InvoiceView { user_id: Some(text("other")), ..listed("a ours PENDING") };
    assert_eq!(fault(&known(), std::slice::from_ref(&elsewhere)), Some(ListFault::Foreign));
    assert_eq!(fault(&bill(), std::slice::from_ref(&elsewhere)), None, "no account is known yet");
    let both = [listed("a ours PENDING"), elsewhere];
    assert_eq!(fault(&bill(), &both), Some(ListFault::Foreign), "one list has one account");
}

#[test]
fn what_could_be_delivered_needs_a_link() {
    for (line, expected) in [
        ("a ours PENDING", Some(ListFault::WithoutLink)),
        ("a ours PENDING other", Some(ListFault::WithoutLink)),
        ("a bare PENDING", Some(ListFault::WithoutLink)),
        ("a ours NEW", Some(ListFault::WithoutLink)),
        ("a ours PAID", None),
        ("a ours SETTLED", None),
        ("a ours EXPIRED", None),
        ("a theirs PENDING", None),
    ] {
        let linkless = InvoiceView { invoice_url: None, ..listed(line) };
        let both = [listed("b ours PENDING"), linkless];
        assert_eq!(fault(&known(), &both[1..]), expected, "{line}");
        let is_bare = line.contains("bare");
        // Beside one that shows metadata, one without any is somebody else's.
        assert_eq!(fault(&known(), &both), expected.filter(|_| !is_bare), "{line}");
    }
    let checking = ExpectedBill { check_first: true, ..known() };
    let theirs = InvoiceView { invoice_url: None, ..listed("a theirs PENDING") };
    assert_eq!(fault(&checking, &[theirs]), Some(ListFault::WithoutLink), "it would be adopted");
}

#[test]
fn a_recheck_needs_the_recorded_invoice_in_a_complete_list() {
    let recheck = |recorded: Option<&str>| ExpectedBill {
        recorded: recorded.map(str::to_owned),
        is_recheck: true,
        may_be_lost: false,
        ..known()
    };
    let list = [listed("a ours PENDING")];
    assert_eq!(fault(&recheck(Some("a")), &list), None);
    assert_eq!(fault(&recheck(Some("b")), &list), Some(ListFault::RecordedMissing));
    assert_eq!(fault(&recheck(Some("b")), &[]), Some(ListFault::RecordedMissing));
    assert_eq!(
        list_fault(&recheck(Some("b")), &list, false),
        None,
        "identify sees it is shortened"
    );
    assert_eq!(fault(&recheck(None), &[]), None);
    let ordinary = ExpectedBill { is_recheck: false, ..recheck(Some("b")) };
    assert_eq!(fault(&ordinary, &[]), None);
}

#[test]
fn every_fault_of_a_list_has_its_word() {
    let words = [
        (ListFault::Foreign, "foreign_list"),
        (ListFault::WithoutLink, "no_link"),
        (ListFault::RecordedMissing, "recorded_missing"),
    ];
    for (fault, word) in words {
        assert_eq!(fault.code(), word);
        assert!(!fault.text().is_empty());
    }
}

fn any_item() -> impl Strategy<Value = InvoiceView> {
    let whose = select(vec!["ours", "theirs"]);
    let status = select(vec!["PENDING", "PAID", "EXPIRED", "NEW"]);
    let amount = select(vec!["", " other"]);
    (whose, status, amount)
        .prop_map(|(whose, status, amount)| listed(&format!("a {whose} {status}{amount}")))
}

proptest! {
    #[test]
    fn one_foreign_item_anywhere_makes_a_list_foreign(
        mut list in prop::collection::vec(any_item(), 0..100),
        position in any::<prop::sample::Index>(),
        kind in 0..3,
    ) {
        prop_assert_eq!(fault(&known(), &list), None);
        let foreign = match kind {
            0 => InvoiceView { external_id: Some(text("INV-2")), ..listed("z theirs PENDING") },
            1 => InvoiceView { external_id: None, ..listed("z theirs EXPIRED") },
            _ => InvoiceView { user_id: Some(text("other")), ..listed("z ours PAID") },
        };
        list.insert(position.index(list.len() + 1), foreign);
        prop_assert_eq!(fault(&known(), &list), Some(ListFault::Foreign));
    }

    #[test]
    fn an_answer_with_exactly_one_contradiction_names_it(field in 0..5, created in any::<i64>()) {
        let whole = InvoiceView { created_ms: Some(created), ..listed("a ours PENDING") };
        let (answer, expected) = match field {
            0 => (InvoiceView { user_id: Some(text("other")), ..whole }, Mismatch::UserId),
            1 => (InvoiceView { external_id: Some(text("INV-2")), ..whole }, Mismatch::ExternalId),
            2 => (InvoiceView { metadata: Metadata::Marker(String::new()), ..whole }, Mismatch::Mark),
            3 => (InvoiceView { currency: Some(text("PHP")), ..whole }, Mismatch::Currency),
            _ => (InvoiceView { amount: Amount::parse("1").ok(), ..whole }, Mismatch::Amount),
        };
        prop_assert_eq!(agreement(&known(), &answer), Err(expected));
        let without_account = ExpectedBill { user_id: None, ..known() };
        let is_account = expected == Mismatch::UserId;
        prop_assert_eq!(agreement(&without_account, &answer).is_ok(), is_account);
    }

    #[test]
    fn a_counted_list_never_makes_a_job_done_without_a_link_unless_paid(
        list in prop::collection::vec((any_item(), any::<bool>()), 0..6), check_first in any::<bool>(),
    ) {
        let without = |(number, (item, has_link)): (usize, (InvoiceView, bool))| InvoiceView {
            id: format!("a{number}"),
            invoice_url: item.invoice_url.clone().filter(|_| has_link),
            created_ms: Some(FIRST_SENT_MS),
            ..item
        };
        let list: Vec<InvoiceView> = list.into_iter().enumerate().map(without).collect();
        let bill = ExpectedBill { check_first, ..known() };
        if fault(&bill, &list).is_none() {
            let verdict = super::super::identify(&bill, &list, true);
            if let super::super::Decision::Adopt(invoice) = verdict.decision {
                prop_assert!(invoice.invoice_url.is_some() || invoice.status.is_paid());
            }
        }
    }
}
