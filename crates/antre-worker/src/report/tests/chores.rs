use super::*;

fn done(meaning: Meaning) -> ChoreDone {
    let Meaning::Chore(done) = meaning else { unreachable!("not a chore's: {meaning:?}") };
    *done
}

fn recorded(id: &str) -> ExpectedBill {
    ExpectedBill { recorded: Some(id.to_owned()), ..bill() }
}

#[test]
fn every_outcome_of_an_audit_has_its_word() {
    let cases = [
        (found(vec![invoice("i", "PENDING")]), "done"),
        (found(vec![]), "done"),
        (LookUpOutcome::Limited(a_second()), "limited"),
        (LookUpOutcome::KeyRefused(refusal(401)), "key_refused"),
        (LookUpOutcome::KeyRefused(refusal(403)), "refused"),
        (LookUpOutcome::NotSent(refused_connection()), "not_sent"),
        (LookUpOutcome::Failed(failure()), "lookup_failed"),
    ];
    for (outcome, word) in cases {
        let shown = format!("{outcome:?}");
        assert_eq!(invoice::after_audit(&bill(), outcome).word(), word, "{shown}");
    }
}

#[test]
fn an_audit_that_finds_the_recorded_invoice_changes_nothing() {
    let audit = done(invoice::after_audit(&recorded("i"), found(vec![invoice("i", "PENDING")])));
    assert_eq!((audit.relink, audit.surplus.as_str()), ("", ""));
}

#[test]
fn an_audit_keeps_the_recorded_invoice_and_names_the_other_as_surplus() {
    let both = vec![invoice("old", "PENDING"), invoice("newer", "PENDING")];
    let audit = done(invoice::after_audit(&recorded("newer"), found(both)));
    assert_eq!((audit.relink, audit.surplus.as_str()), ("", "old"));
}

#[test]
fn an_audit_relinks_the_bill_to_the_invoice_that_was_paid() {
    let both = vec![invoice("old", "PENDING"), invoice("newer", "PAID")];
    let audit = done(invoice::after_audit(&recorded("old"), found(both)));
    assert_eq!((audit.relink, audit.invoice_id.as_str()), ("1", "newer"));
    assert_eq!(audit.surplus, "old");
    assert_eq!(audit.invoice_url, "https://checkout.example/newer");
    assert!(audit.response.contains("PAID"));
}

#[test]
fn every_outcome_of_a_surplus_invoices_expiry_has_its_word() {
    let cases = [
        (ExpireOutcome::Expired(invoice("i", "EXPIRED")), "done"),
        (ExpireOutcome::NotPending { message: String::new() }, "done"),
        (ExpireOutcome::Limited(a_second()), "limited"),
        (ExpireOutcome::KeyRefused(refusal(401)), "key_refused"),
        (ExpireOutcome::KeyRefused(refusal(403)), "refused"),
        (ExpireOutcome::NotSent(refused_connection()), "not_sent"),
        (ExpireOutcome::Failed(failure()), "lookup_failed"),
    ];
    for (outcome, word) in cases {
        let shown = format!("{outcome:?}");
        assert_eq!(invoice::after_chore_expire(outcome).word(), word, "{shown}");
    }
}

#[test]
fn a_surplus_invoice_that_cannot_be_expired_makes_the_bill_be_looked_at_again() {
    let not_pending = ExpireOutcome::NotPending { message: "paid".to_owned() };
    assert_eq!(done(invoice::after_chore_expire(not_pending)).audit, "1");
    let expired = ExpireOutcome::Expired(invoice("i", "EXPIRED"));
    assert_eq!(done(invoice::after_chore_expire(expired)).audit, "");
}
