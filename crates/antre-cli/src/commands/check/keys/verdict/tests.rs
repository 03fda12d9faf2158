use antre_xendit::api::outcome::{Failure, NotSent, NotSentCause, Refusal};

use super::*;

const OURS: &str = "aaaa";

fn owner() -> Owner {
    Owner {
        user_id: Some("us".to_owned()),
        mode: Some(Mode::Test),
        keys: vec![OURS.to_owned()],
        may_have_sent: true,
    }
}

fn shown(fingerprint: &str, mode: Mode) -> Shown<'static> {
    Shown { fingerprint: fingerprint.to_owned(), mode, base_url: "https://api.xendit.co" }
}

fn newest(user_id: &str) -> NewestOutcome {
    NewestOutcome::Invoice { user_id: Some(user_id.to_owned()) }
}

fn refusal(status: u16) -> Refusal {
    Refusal { status, code: "SOME_CODE".to_owned(), message: "secret".to_owned(), body: None }
}

fn fault(reason: &str) -> Verdict {
    Verdict::Fault(explain_stranger(reason))
}

#[test]
fn a_known_key_is_fine_whatever_the_list_holds() {
    for outcome in [newest("us"), NewestOutcome::Empty] {
        let verdict = of(&owner(), &shown(OURS, Mode::Test), &outcome);
        assert!(matches!(&verdict, Verdict::Fine(text) if text.contains("works")), "{verdict:?}");
    }
}

#[test]
fn a_new_key_is_fine_when_xendit_names_the_same_account_in_the_same_mode() {
    let verdict = |mode, outcome| of(&owner(), &shown("bbbb", mode), &outcome);
    assert!(matches!(verdict(Mode::Test, newest("us")), Verdict::Fine(_)));
    assert_eq!(verdict(Mode::Live, newest("us")), fault("other_mode"));
    assert_eq!(verdict(Mode::Test, newest("them")), fault("other_account"));
    assert_eq!(verdict(Mode::Test, NewestOutcome::Empty), fault("no_invoices"));
    assert_eq!(verdict(Mode::Test, NewestOutcome::Invoice { user_id: None }), fault("unproven"));
}

#[test]
fn before_anything_was_sent_any_key_that_works_is_fine() {
    let verdict = |owner, user_id| of(&owner, &shown("bbbb", Mode::Test), &newest(user_id));
    assert!(matches!(verdict(Owner::default(), "them"), Verdict::Fine(_)));
    let unsent = || Owner { may_have_sent: false, ..owner() };
    assert!(matches!(verdict(unsent(), "us"), Verdict::Fine(_)));
    // It waits until nobody has the key that came first.
    assert!(matches!(verdict(unsent(), "them"), Verdict::Note(_)));
}

#[test]
fn a_key_that_may_not_read_needs_a_word_unless_it_had_one() {
    let forbidden = NewestOutcome::Forbidden(refusal(403));
    assert_eq!(of(&owner(), &shown("bbbb", Mode::Test), &forbidden), fault("forbidden"));
    assert!(matches!(of(&owner(), &shown(OURS, Mode::Test), &forbidden), Verdict::Note(_)));
}

#[test]
fn what_kept_the_answer_away_is_told_without_what_the_answer_said() {
    let not_sent = NotSent { cause: NotSentCause::ConnectionRefused, detail: "secret".to_owned() };
    let failure = Failure { code: "http_502".to_owned(), message: "secret".to_owned() };
    for (outcome, word) in [
        (NewestOutcome::KeyRefused(refusal(401)), "401 SOME_CODE"),
        (NewestOutcome::NotSent(not_sent), "connection_refused"),
        (NewestOutcome::Failed(failure), "http_502"),
    ] {
        let Verdict::Fault(text) = of(&owner(), &shown(OURS, Mode::Test), &outcome) else {
            panic!("{outcome:?} is no fault");
        };
        assert!(text.contains(word) && !text.contains("secret"), "{text}");
    }
}
