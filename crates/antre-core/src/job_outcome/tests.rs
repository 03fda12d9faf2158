use std::collections::BTreeSet;

use super::*;

#[test]
fn no_word_has_two_meanings() {
    for words in [JobOutcome::WORDS, FollowUpOutcome::WORDS, ProbeOutcome::WORDS] {
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{words:?}");
    }
}

#[test]
fn what_may_be_personal_is_in_no_debug_text() {
    let secret = || "budi@example.com".to_owned();
    let invoice = Invoice {
        id: "i".to_owned(),
        response: secret(),
        url: Some(secret()),
        ..Invoice::default()
    };
    let cause = Cause { response: Some(secret()), ..Cause::new("CODE", secret()) };
    let delivery = Delivery { invoice: invoice.clone(), warnings: Vec::new() };
    let adoption = Adoption { delivery: delivery.clone(), ..Adoption::default() };
    let dead = DeadEnd { cause: cause.clone(), ..DeadEnd::default() };
    let found = Findings { relinked: Some(Box::new(invoice)), ..Findings::default() };
    for outcome in [
        Outcome::Job(JobOutcome::Created(delivery)),
        Outcome::Job(JobOutcome::Adopted(Box::new(adoption))),
        Outcome::Job(JobOutcome::FoundDead(Box::new(dead))),
        Outcome::Job(JobOutcome::Ambiguous { is_answered: true, cause: cause.clone() }),
        Outcome::Job(JobOutcome::Rejected(cause)),
        Outcome::FollowUp(FollowUpOutcome::Done(found)),
    ] {
        let shown = format!("{outcome:?}");
        assert!(!shown.contains("budi"), "{shown}");
    }
}
