use std::time::Duration;

use super::{Circumstances, Event, Job, Outcome, Reading, Reply, Rules, Standing, TokenShown};
use antre_core::retry::RetrySchedule;
use antre_core::state::{NextRequest, State};

mod courses;
mod table;

const NOW_MS: u64 = 1_000_000;

fn rules() -> Rules {
    Rules {
        lease: Duration::from_secs(9),
        request_timeout: Duration::from_secs(15),
        trust_absence_answered: Duration::from_secs(5),
        trust_absence_unanswered: Duration::from_secs(45),
        retry_delays: RetrySchedule::default(),
    }
}

fn at(rules: &Rules, now_ms: u64) -> Circumstances<'_> {
    Circumstances {
        rules,
        now_ms,
        send_within: Duration::from_millis(5),
        is_breaker_open: false,
        successes: 7,
        answered: 9,
        answered_at: 9,
        created_at: 8,
        is_bill_ours: true,
        bill_sent_until_ms: None,
    }
}

fn finish(outcome: Outcome) -> Event {
    Event::Finish(outcome, TokenShown::Current)
}

/// Applies events one after the other, each a minute later.
fn after(job: Job, events: &[Event]) -> (Job, Reply) {
    let rules = rules();
    let start = (job, Reply::Impossible, NOW_MS);
    let (job, reply, _) = events.iter().fold(start, |(job, _, now_ms), event| {
        let transition = job.apply(event, at(&rules, now_ms));
        (transition.job, transition.reply, now_ms + 60_000)
    });
    (job, reply)
}

#[test]
fn a_request_that_certainly_had_no_effect_leaves_no_trace() {
    let no_effect = [
        Event::GiveBack(TokenShown::Current),
        finish(Outcome::NotSent),
        finish(Outcome::Refused),
        finish(Outcome::KeyRefused),
        finish(Outcome::Limited),
    ];
    for event in no_effect {
        let (job, _) = after(Job::new(4, false, None), &[Event::Claim, event.clone()]);
        assert!(
            !job.is_ambiguous() && job.request == NextRequest::Create && job.creates == 0,
            "{event:?}"
        );
        assert_eq!(job.attempts, 0, "{event:?}");
        let (job, reply) = after(job, &[Event::Cancel]);
        assert_eq!((job.state, reply), (State::Cancelled, Reply::Cancelled), "{event:?}");
    }
}

#[test]
fn a_lost_lease_makes_a_create_ambiguous_and_the_next_step_a_look_up() {
    let (job, _) = after(Job::new(4, false, None), &[Event::Claim, Event::Lapse]);
    assert!(job.is_ambiguous() && job.request == NextRequest::LookUp);
    assert_eq!(after(job, &[Event::Cancel]).1, Reply::TooLate);
}

#[test]
fn an_ambiguous_job_that_alone_is_limited_or_refused_is_not_dead_before_it_was_looked_up() {
    let ambiguous = finish(Outcome::Ambiguous(Reading::Unanswered));
    let (job, _) = after(Job::new(1, false, None), &[Event::Claim, ambiguous, Event::Promote]);
    let job = Job { refused_at: Some(0), limited: 99, ..job };
    assert_eq!(after(job, &[Event::Charge]).0.state, State::Waiting);
}

#[test]
fn a_poison_job_is_dead_after_its_attempts() {
    let round = [
        Event::Claim,
        finish(Outcome::Ambiguous(Reading::Answered)),
        Event::Promote,
        Event::Claim,
        finish(Outcome::Absent),
    ];
    let (job, reply) = after(Job::new(4, false, None), &vec![round; 4].concat());
    assert_eq!((job.state, reply, job.creates), (State::Dead, Reply::Dead, 4));
    assert_eq!(job.error_code.as_deref(), Some("ambiguous"));
    assert_eq!(after(job, &[Event::Retry]).0.request, NextRequest::LookUp);
}

#[test]
fn a_create_that_failed_while_the_breaker_was_open_uses_no_attempt() {
    let rules = rules();
    let open = Circumstances { is_breaker_open: true, ..at(&rules, NOW_MS) };
    let (job, _) = after(Job::new(1, false, None), &[Event::Claim]);
    let failed = finish(Outcome::Ambiguous(Reading::Answered));
    let job = job.apply(&failed, open).job;
    let (job, _) = after(job, &[Event::Promote, Event::Claim]);
    let (job, _) = after(Job { claimed_at_ms: NOW_MS + 60_000, ..job }, &[finish(Outcome::Absent)]);
    assert_eq!((job.state, job.request, job.attempts), (State::Waiting, NextRequest::Create, 0));
}

#[test]
fn a_late_invoice_counts_whatever_became_of_the_job() {
    let late = Event::Finish(Outcome::Created("i1".to_owned(), Standing::Good), TokenShown::Stale);
    for event in [Event::Lapse, finish(Outcome::Rejected("NO".to_owned()))] {
        let (job, reply) = after(Job::new(4, false, None), &[Event::Claim, event, late.clone()]);
        assert_eq!((job.state, reply), (State::Done, Reply::Done));
        assert_eq!(after(job.clone(), std::slice::from_ref(&late)).1, Reply::Same);
        let other =
            Event::Finish(Outcome::Created("i2".to_owned(), Standing::Good), TokenShown::Stale);
        assert_eq!(after(job, &[other]).1, Reply::Surplus);
    }
}

#[test]
fn an_invoice_that_is_being_expired_is_not_adopted() {
    let found = finish(Outcome::Adopted("i1".to_owned(), Standing::Closed));
    let (job, reply) = after(Job::new(4, true, None), &[Event::Claim, found]);
    assert_eq!(
        (job.state, job.request, reply),
        (State::Scheduled, NextRequest::LookUp, Reply::Raced)
    );
}

#[test]
fn three_crashes_after_the_first_are_a_crash_loop_because_the_job_ran_alone() {
    let lost = [Event::Claim, Event::Lapse];
    let lost_alone = [Event::Claim, Event::Lapse, Event::Promote];
    let (job, _) = after(Job::new(4, false, None), &lost);
    assert_eq!((job.state, job.crashes), (State::Waiting, 1));
    let (job, _) = after(job, &[lost_alone.clone(), lost_alone].concat());
    assert_eq!((job.state, job.crashes), (State::Waiting, 3));
    let (job, reply) = after(job, &lost);
    assert_eq!((job.state, reply), (State::Dead, Reply::Dead));
    assert_eq!(job.error_code.as_deref(), Some("crash_loop"));
}
