use super::*;

fn done(outcome: FollowUpOutcome) -> Findings {
    let FollowUpOutcome::Done(findings) = outcome else { unreachable!("not done: {outcome:?}") };
    findings
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
        assert_eq!(follow_up::after_audit(&bill(), outcome).word(), word, "{shown}");
    }
}

#[test]
fn an_audit_that_finds_the_recorded_invoice_changes_nothing() {
    let audit = done(follow_up::after_audit(&recorded("i"), found(vec![invoice("i", "PENDING")])));
    assert_eq!(audit, Findings::default());
}

#[test]
fn an_audit_keeps_the_recorded_invoice_and_names_the_other_as_surplus() {
    let both = vec![invoice("old", "PENDING"), invoice("newer", "PENDING")];
    let audit = done(follow_up::after_audit(&recorded("newer"), found(both)));
    assert_eq!((audit.relinked, audit.surplus), (None, vec!["old".to_owned()]));
}

#[test]
fn an_audit_relinks_the_bill_to_the_invoice_that_was_paid() {
    let both = vec![invoice("old", "PENDING"), invoice("newer", "PAID")];
    let audit = done(follow_up::after_audit(&recorded("old"), found(both)));
    assert_eq!(audit.surplus, ["old"]);
    let relinked = audit.relinked.unwrap();
    assert_eq!((relinked.id.as_str(), relinked.is_paid), ("newer", true));
    assert_eq!(relinked.url.as_deref(), Some("https://checkout.example/newer"));
    assert!(relinked.response.contains("PAID"));
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
        assert_eq!(follow_up::after_expire(outcome).word(), word, "{shown}");
    }
}

#[test]
fn a_surplus_invoice_that_cannot_be_expired_makes_the_bill_be_looked_at_again() {
    let not_pending = ExpireOutcome::NotPending { message: "paid".to_owned() };
    assert!(done(follow_up::after_expire(not_pending)).is_to_be_audited);
    let expired = ExpireOutcome::Expired(invoice("i", "EXPIRED"));
    assert!(!done(follow_up::after_expire(expired)).is_to_be_audited);
}
