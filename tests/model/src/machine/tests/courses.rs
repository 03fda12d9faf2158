//! What must hold for any course of events.

use std::time::Duration;

use proptest::prelude::*;

use super::{NOW_MS, rules};
use crate::machine::{
    Circumstances, Effect, Event, Job, Outcome, Reading, Reply, Standing, TokenShown,
};
use antre_core::state::{NextRequest, State};

fn outcomes() -> impl Strategy<Value = Outcome> {
    let invoice = || "i1".to_owned();
    prop_oneof![
        1 => Just(Outcome::Created(invoice(), Standing::Good)),
        1 => Just(Outcome::Adopted(invoice(), Standing::Closed)),
        1 => Just(Outcome::Rejected("REFUSED".to_owned())),
        4 => Just(Outcome::Ambiguous(Reading::Unanswered)),
        4 => Just(Outcome::Ambiguous(Reading::Answered)),
        2 => Just(Outcome::NotSent),
        2 => Just(Outcome::LookUpFailed),
        2 => Just(Outcome::Refused),
        1 => Just(Outcome::KeyRefused),
        2 => Just(Outcome::Limited),
        6 => Just(Outcome::Absent),
        1 => Just(Outcome::ExpireFirst),
        1 => Just(Outcome::Expired),
        2 => Just(Outcome::Abandoned),
    ]
}

fn events() -> impl Strategy<Value = Vec<(Event, u64)>> {
    let claim_token = prop_oneof![5 => Just(TokenShown::Current), 1 => Just(TokenShown::Stale)];
    let event = prop_oneof![
        12 => Just(Event::Claim),
        1 => claim_token.clone().prop_map(Event::GiveBack),
        10 => (outcomes(), claim_token).prop_map(|(outcome, claim_token)| Event::Finish(outcome, claim_token)),
        1 => Just(Event::Lapse),
        6 => Just(Event::Promote),
        1 => Just(Event::Charge),
        1 => Just(Event::Cancel),
        2 => Just(Event::Retry),
    ];
    prop::collection::vec((event, 0u64..30_000), 1..150)
}

/// Whether an outcome can be that of the request: a look-up makes no invoice.
fn is_possible(event: &Event, request: NextRequest) -> bool {
    let Event::Finish(outcome, TokenShown::Current) = event else { return true };
    match outcome {
        Outcome::Created(..) | Outcome::Rejected(_) | Outcome::Ambiguous(_) => {
            request == NextRequest::Create
        }
        Outcome::Adopted(..) | Outcome::FoundDead(_) | Outcome::Absent | Outcome::ExpireFirst => {
            request == NextRequest::LookUp
        }
        Outcome::LookUpFailed => request != NextRequest::Create,
        Outcome::Expired => request == NextRequest::Expire,
        Outcome::NotSent
        | Outcome::Refused
        | Outcome::KeyRefused
        | Outcome::Limited
        | Outcome::Abandoned => true,
    }
}

/// When a create may have had its last effect, kept apart from the job's own book; Unix milliseconds.
#[derive(Default)]
struct Effects {
    trusted_after: u64,
    running_until: u64,
    shown_absent_at: u64,
}

impl Effects {
    fn note(&mut self, before: &Job, event: &Event, reply: Reply, now_ms: u64) {
        let trust_ms = |reading| if reading == Reading::Answered { 5_000 } else { 45_000 };
        let was_creating = before.state == State::Running && before.request == NextRequest::Create;
        if *event == Event::Claim
            && reply == Reply::Claimed
            && before.request == NextRequest::Create
        {
            assert!(
                self.shown_absent_at >= self.trusted_after,
                "a create that may still have an effect is repeated"
            );
            self.running_until = now_ms + 15_000;
        }
        if *event == Event::Lapse && was_creating {
            self.trusted_after = self.running_until + trust_ms(Reading::Unanswered);
        }
        let Event::Finish(outcome, TokenShown::Current) = event else { return };
        if *outcome == Outcome::Ambiguous(Reading::Answered) && was_creating {
            self.trusted_after = now_ms + trust_ms(Reading::Answered);
        } else if matches!(outcome, Outcome::Ambiguous(_) | Outcome::Abandoned) && was_creating {
            self.trusted_after = self.running_until + trust_ms(Reading::Unanswered);
        } else if *outcome == Outcome::Absent && before.state == State::Running {
            self.shown_absent_at = before.claimed_at_ms;
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_created_again_before_a_look_up_that_can_be_trusted(events in events(), attempts_max in 1u32..5) {
        let rules = rules();
        let (mut now_ms, mut effects) = (NOW_MS, Effects::default());
        let mut job = Job::new(attempts_max, false, None);
        for (event, pause_ms) in events.iter().filter(|(event, _)| *event != Event::Promote) {
            now_ms += pause_ms;
            // Time is not the events' to decide.
            if job.state == State::Scheduled && job.due_ms <= now_ms {
                job = job.clone().apply(&Event::Promote, circumstances(&rules, now_ms)).job;
            }
            if !is_possible(event, job.request) {
                continue;
            }
            let transition = job.clone().apply(event, circumstances(&rules, now_ms));
            effects.note(&job, event, transition.reply, now_ms);
            let ended = transition.effects.iter().any(|effect| matches!(effect, Effect::End { .. }));
            prop_assert_eq!(ended, transition.job.state.is_ended() && !job.state.is_ended()
                || job.state == State::Dead && transition.job.state == State::Done);
            let is_crash_loop = transition.job.error_code.as_deref() == Some("crash_loop");
            prop_assert!(!ended || !transition.job.is_ambiguous() || is_crash_loop, "ended while ambiguous");
            prop_assert!(transition.job.attempts <= attempts_max.max(1) + 1);
            job = transition.job;
        }
    }
}

fn circumstances(rules: &super::Rules, now_ms: u64) -> Circumstances<'_> {
    Circumstances {
        send_within: Duration::ZERO,
        // Somebody else got through each time.
        successes: now_ms,
        ..super::at(rules, now_ms)
    }
}
