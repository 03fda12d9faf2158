use super::*;
use crate::api::invoice_view::parse_invoice;
use crate::body::payer;

mod closed;
mod lost;
mod random;
mod recheck;

const NAME: &str = "INV-1";
const MARKER: &str = "default/1-0";
pub(super) const FIRST_SENT_MS: i64 = 1_782_864_000_000;

pub(super) fn bill() -> ExpectedBill {
    ExpectedBill {
        external_id: NAME.to_owned(),
        marker: MARKER.to_owned(),
        amount: Amount::parse("350000").expect("an amount"),
        currency: Some("IDR".to_owned()),
        payer: payer::of(Some("siti@example.com"), None),
        first_sent_ms: Some(FIRST_SENT_MS),
        recorded: None,
        closed_invoices: Vec::new(),
        closed_before_ms: None,
        check_first: false,
        is_recheck: false,
        may_be_lost: false,
        user_id: None,
    }
}

fn check_first() -> ExpectedBill {
    ExpectedBill { check_first: true, ..bill() }
}

fn recorded(id: &str) -> ExpectedBill {
    ExpectedBill { recorded: Some(id.to_owned()), ..bill() }
}

fn past(ids: &[&str]) -> ExpectedBill {
    ExpectedBill { closed_invoices: ids.iter().map(|&id| id.to_owned()).collect(), ..bill() }
}

/// Returns an invoice from `<id> <whose> <status>` and optional `other` (amount), where the id's first
/// letter tells its age and whose is `ours`, `theirs` (other metadata) or `bare` (no metadata).
pub(super) fn invoice(line: &str) -> InvoiceView {
    let words: Vec<&str> = line.split(' ').collect();
    let id = words[0];
    let metadata = match words[1] {
        "ours" => Metadata::Marker(MARKER.to_owned()),
        "theirs" => Metadata::Unmarked,
        "bare" => Metadata::Absent,
        other => panic!("whose is {other}?"),
    };
    let amount = if words.get(3) == Some(&"other") { "99000" } else { "350000.7" };
    let age = i64::from(id.as_bytes()[0] - b'a');
    let body = format!(
        r#"{{"id":"{id}","external_id":"{NAME}","status":"{}","amount":{amount},"currency":"idr"}}"#,
        words[2]
    );
    let read = parse_invoice(body.as_bytes()).expect("an invoice");
    InvoiceView { metadata, created_ms: Some(FIRST_SENT_MS + age), ..read }
}

fn list(lines: &[&str]) -> Vec<InvoiceView> {
    lines.iter().map(|line| invoice(line)).collect()
}

/// Returns the verdict in one line, without the warnings.
fn decided(verdict: &Verdict) -> String {
    let decision = match &verdict.decision {
        Decision::Adopt(invoice) => format!("adopt {}", invoice.id),
        Decision::Absent => "absent".to_owned(),
        Decision::ExpireFirst { invoice_id } => format!("expire {invoice_id}"),
        Decision::Dead { reason, invoice, expired_ids } => {
            let id = invoice.as_ref().map_or("-", |invoice| invoice.id.as_str());
            format!("{} {id} {}", reason.code(), expired_ids.join(",")).trim_end().to_owned()
        }
    };
    format!("{decision} | {}", verdict.surplus.join(",")).trim_end_matches([' ', '|']).to_owned()
}

fn verdict(bill: &ExpectedBill, lines: &[&str]) -> String {
    decided(&identify(bill, &list(lines), true))
}

fn warned(bill: &ExpectedBill, lines: &[&str]) -> Vec<String> {
    let warnings = identify(bill, &list(lines), true).warnings;
    warnings.iter().map(|one| format!("{} {}", one.code.as_str(), one.invoice_id)).collect()
}

#[test]
fn among_ours_with_the_amount_the_paid_one_wins_and_then_the_oldest_payable_one() {
    for (lines, expected) in [
        (vec!["a ours PENDING"], "adopt a"),
        (vec!["a ours PAID"], "adopt a"),
        (vec!["a ours SETTLED"], "adopt a"),
        (vec!["b ours PENDING", "a ours PENDING"], "adopt a | b"),
        (vec!["a ours PENDING", "b ours PAID", "c ours PENDING"], "adopt b | a,c"),
        (vec!["a ours EXPIRED", "b ours PENDING"], "adopt b"),
        (vec!["c ours PAID", "b ours SETTLED"], "adopt b"),
    ] {
        assert_eq!(verdict(&bill(), &lines), expected, "{lines:?}");
    }
}

#[test]
fn the_recorded_one_stays_unless_another_is_paid() {
    let bill = recorded("b");
    for (lines, expected) in [
        (vec!["a ours PENDING", "b ours PENDING"], "adopt b | a"),
        (vec!["a ours PAID", "b ours PENDING"], "adopt a | b"),
        (vec!["a ours PAID", "b ours PAID"], "adopt b"),
        (vec!["a ours PENDING", "b ours EXPIRED"], "adopt a"),
        (vec!["a ours PENDING", "b ours NEW"], "adopt b | a"),
        (vec!["b ours EXPIRED"], "absent"),
        (vec!["a ours EXPIRED", "b ours EXPIRED"], "expired_before_delivery a a"),
        (vec!["a ours PAID other", "b ours PENDING"], "adopt b"),
        (vec!["a ours PENDING"], "adopt a"),
    ] {
        assert_eq!(verdict(&bill, &lines), expected, "{lines:?}");
    }
    assert_eq!(warned(&bill, &["a ours PENDING"]), ["recorded_missing b"]);
}

#[test]
fn ours_with_another_amount_is_expired_before_anything_new_is_made() {
    for (lines, expected) in [
        (vec!["a ours PENDING other"], "expire a"),
        (vec!["b ours PENDING other", "a ours PENDING other"], "expire a"),
        (vec!["a ours PENDING other", "b ours EXPIRED"], "expire a"),
        (vec!["a ours PENDING other", "b ours PENDING"], "adopt b | a"),
        (vec!["a ours PENDING other", "b ours PAID"], "adopt b | a"),
        (vec!["a ours EXPIRED other"], "absent"),
        (vec!["a ours EXPIRED other", "b theirs PENDING"], "absent"),
    ] {
        assert_eq!(verdict(&bill(), &lines), expected, "{lines:?}");
    }
}

#[test]
fn a_bill_paid_at_another_amount_is_left_to_a_person_and_cannot_be_paid_again() {
    for (lines, expected) in [
        (vec!["a ours PAID other"], "paid_other_amount a"),
        (vec!["a ours SETTLED other", "b ours PENDING"], "paid_other_amount a | b"),
        (vec!["a ours PAID other", "b ours PENDING other"], "paid_other_amount a | b"),
        (vec!["a ours PAID other", "b ours PAID"], "adopt b"),
        (vec!["a ours PAID other", "b ours EXPIRED"], "paid_other_amount a"),
    ] {
        assert_eq!(verdict(&bill(), &lines), expected, "{lines:?}");
    }
}

#[test]
fn an_unknown_status_of_ours_is_taken_to_be_alive() {
    for (lines, expected) in [
        (vec!["a ours NEW"], "adopt a"),
        (vec!["a ours NEW", "b ours PENDING"], "adopt b"),
        (vec!["a ours NEW", "b ours EXPIRED"], "adopt a"),
        (vec!["a ours NEW", "b ours PENDING other"], "adopt a | b"),
        (vec!["a ours NEW other"], "paid_other_amount a"),
        (vec!["a ours NEW other", "b ours PENDING other"], "paid_other_amount a | b"),
        (vec!["a ours NEW other", "b ours PENDING"], "adopt b"),
    ] {
        assert_eq!(verdict(&bill(), &lines), expected, "{lines:?}");
    }
    assert_eq!(warned(&bill(), &["a ours NEW"]), ["unknown_status a"]);
}

#[test]
fn only_expired_ones_end_the_job_unless_all_are_known_as_past() {
    assert_eq!(verdict(&bill(), &["a ours EXPIRED"]), "expired_before_delivery a a");
    let two = ["a ours EXPIRED", "b ours EXPIRED"];
    assert_eq!(verdict(&bill(), &two), "expired_before_delivery b a,b");
    assert_eq!(verdict(&past(&["a"]), &two), "expired_before_delivery b b");
    assert_eq!(verdict(&past(&["a", "b"]), &two), "absent");
}

#[test]
fn an_invoice_that_is_being_expired_is_not_adopted_unless_it_was_paid() {
    assert_eq!(verdict(&past(&["a"]), &["a ours PENDING"]), "expire a");
    assert_eq!(verdict(&past(&["a"]), &["a ours PENDING", "b ours PENDING"]), "adopt b | a");
    assert_eq!(verdict(&past(&["a"]), &["a ours PAID"]), "adopt a");
}

#[test]
fn absence_needs_the_whole_list() {
    let shortened = |lines: &[&str]| decided(&identify(&bill(), &list(lines), false));
    assert_eq!(verdict(&bill(), &[]), "absent");
    assert_eq!(shortened(&["a theirs PENDING"]), "too_many_invoices -");
    assert_eq!(shortened(&["a ours EXPIRED other"]), "too_many_invoices -");
    assert_eq!(shortened(&["a ours PENDING"]), "adopt a");
    assert_eq!(shortened(&["a ours PENDING other"]), "expire a");
}

#[test]
fn foreign_invoices_are_reported_and_otherwise_left_alone() {
    for (line, warnings) in [
        ("a theirs PENDING", vec!["foreign_invoice a"]),
        ("a theirs PAID", vec!["foreign_invoice a"]),
        ("a theirs NEW", vec!["foreign_invoice a"]),
        ("a theirs PENDING other", vec!["foreign_invoice a"]),
        ("a theirs EXPIRED", vec![]),
    ] {
        assert_eq!(verdict(&bill(), &[line]), "absent", "{line}");
        assert_eq!(warned(&bill(), &[line]), warnings, "{line}");
    }
    assert_eq!(verdict(&bill(), &["a theirs PENDING", "b ours PENDING"]), "adopt b");
}

#[test]
fn a_foreign_invoice_is_adopted_only_under_check_first_and_only_if_all_agrees() {
    for (lines, expected) in [
        (vec!["a theirs PENDING"], "adopt a"),
        (vec!["a bare PAID"], "adopt a"),
        (vec!["a theirs SETTLED", "b ours PENDING"], "adopt a | b"),
        (vec!["a theirs PENDING", "b ours PENDING"], "adopt a | b"),
        (vec!["b theirs PENDING", "a ours PENDING"], "adopt a"),
        (vec!["a theirs PENDING", "b ours PENDING other"], "adopt a | b"),
        (vec!["a theirs EXPIRED"], "absent"),
        (vec!["a theirs NEW"], "absent"),
        (vec!["a theirs PENDING other"], "absent"),
    ] {
        assert_eq!(verdict(&check_first(), &lines), expected, "{lines:?}");
    }
    assert_eq!(warned(&check_first(), &["a theirs PENDING"]), ["adopted_foreign a"]);
    let stranger = InvoiceView {
        payer: payer::of(Some("budi@example.com"), None),
        ..invoice("a theirs PENDING")
    };
    assert_eq!(identify(&check_first(), &[stranger], true).decision, Decision::Absent);
    let dollars = InvoiceView { currency: Some("USD".to_owned()), ..invoice("a theirs PENDING") };
    assert_eq!(identify(&check_first(), &[dollars], true).decision, Decision::Absent);
    let nameless = InvoiceView { external_id: None, ..invoice("a theirs PENDING") };
    assert_eq!(identify(&check_first(), &[nameless], true).decision, Decision::Absent);
}

#[test]
fn a_recorded_foreign_invoice_stays_when_the_bill_is_looked_up_again() {
    let lines = ["a ours PENDING", "b theirs PENDING"];
    assert_eq!(verdict(&recorded("b"), &lines), "adopt b | a");
}

#[test]
fn without_any_metadata_in_the_answer_time_amount_and_name_tell_what_is_ours() {
    let bare = invoice("b bare PENDING");
    let adopts = |bill: &ExpectedBill, invoice: InvoiceView| {
        decided(&identify(bill, &[invoice], true)) == "adopt b"
    };
    assert!(adopts(&bill(), bare.clone()));
    assert!(!adopts(&ExpectedBill { first_sent_ms: None, ..bill() }, bare.clone()));
    let before = Some(FIRST_SENT_MS - 1);
    assert!(!adopts(&bill(), InvoiceView { created_ms: before, ..bare.clone() }));
    assert!(!adopts(&bill(), InvoiceView { created_ms: None, ..bare.clone() }));
    assert!(!adopts(&bill(), InvoiceView { amount: None, ..bare.clone() }));
    let other_name = Some("INV-2".to_owned());
    assert!(!adopts(&bill(), InvoiceView { external_id: other_name, ..bare }));
    assert_eq!(verdict(&bill(), &["a bare PENDING other"]), "absent");
    assert_eq!(verdict(&bill(), &["a bare PENDING", "b bare PENDING"]), "adopt a | b");
    // Here the answer does show metadata, so every create of ours would carry its mark.
    assert_eq!(verdict(&bill(), &["a bare PENDING", "b theirs PENDING"]), "absent");
    assert_eq!(verdict(&bill(), &["a bare PENDING", "b ours EXPIRED other"]), "absent");
}

#[test]
fn amounts_are_compared_as_the_currency_counts_them() {
    let bill_of = |amount: &str, currency: Option<&str>| ExpectedBill {
        amount: Amount::parse(amount).expect("an amount"),
        currency: currency.map(str::to_owned),
        ..bill()
    };
    let listed = |amount: &str, currency: Option<&str>| InvoiceView {
        amount: Amount::parse(amount).ok(),
        currency: currency.map(str::to_owned),
        ..invoice("a ours PENDING")
    };
    for (bill, listed, expected) in [
        (bill_of("10.9", Some("IDR")), listed("10", Some("IDR")), "adopt a"),
        (bill_of("10.9", None), listed("10", Some("IDR")), "adopt a"),
        (bill_of("10.9", None), listed("10.9", Some("PHP")), "adopt a"),
        (bill_of("10.9", Some("PHP")), listed("10.9", Some("php")), "adopt a"),
        (bill_of("10.9", Some("PHP")), listed("10", Some("PHP")), "expire a"),
        (bill_of("10", Some("PHP")), listed("10", Some("MYR")), "expire a"),
        (bill_of("10", Some("PHP")), listed("10", None), "adopt a"),
    ] {
        assert_eq!(decided(&identify(&bill, &[listed], true)), expected, "{bill:?}");
    }
}

#[test]
fn an_unreadable_amount_of_ours_is_no_reason_to_expire() {
    let unreadable = InvoiceView { amount: None, ..invoice("a ours PENDING") };
    assert_eq!(decided(&identify(&bill(), &[unreadable], true)), "adopt a");
}

#[test]
fn what_is_strange_about_our_own_is_said() {
    assert_eq!(warned(&bill(), &["a ours PAID", "b ours PAID"]), ["paid_twice b"]);
    assert_eq!(warned(&bill(), &["a ours PAID other"]), ["paid_other_amount a"]);
    let stranger = InvoiceView {
        payer: payer::of(Some("budi@example.com"), None),
        ..invoice("a ours PENDING")
    };
    let verdict = identify(&bill(), &[stranger], true);
    assert_eq!(verdict.warnings[0].code, WarningCode::PayerDiffers);
    assert_eq!(verdict.warnings[0].to_string(), "invoice a names another customer than this job");
}

#[test]
fn a_warning_becomes_one_of_the_jobs_result() {
    let verdict = identify(&bill(), &list(&["a theirs PENDING"]), true);
    let warning = antre_core::warning::Warning::from(verdict.warnings[0].clone());
    assert_eq!((&*warning.code, warning.field), ("foreign_invoice", None));
    assert!(warning.message.starts_with("invoice a has the same external_id"));
}

#[test]
fn warnings_are_few_however_long_the_list() {
    let many: Vec<InvoiceView> = (0..100)
        .map(|n| InvoiceView { id: format!("a{n:03}"), ..invoice("a theirs PENDING") })
        .collect();
    assert_eq!(identify(&bill(), &many, false).warnings.len(), 10);
}
