use std::time::Duration;

use super::{Breaker, Change, KEY_PROBE, Scope};
use crate::machine::Observation;
use crate::pacer::Moment;

const NOW: Moment = Moment::from_unix_us(1_700_000_000_000_000);
const PROBE: Duration = Duration::from_secs(5);

fn observe(breaker: &mut Breaker, id: &str, seen: Observation) -> Change {
    breaker.observe(NOW, "w", (id, "code"), seen)
}

#[test]
fn three_different_suspects_open_it_and_one_poison_job_does_not() {
    let mut breaker = Breaker::new(PROBE);
    for _ in 0..9 {
        assert_eq!(observe(&mut breaker, "poison", Observation::Suspect), Change::None);
    }
    assert_eq!(observe(&mut breaker, "b", Observation::Suspect), Change::None);
    assert_eq!(observe(&mut breaker, "c", Observation::Suspect), Change::Opened);
}

fn open_by_suspects(breaker: &mut Breaker) {
    for id in ["a", "b", "c"] {
        observe(breaker, id, Observation::Suspect);
    }
}

#[test]
fn the_first_probe_leaves_at_once_and_after_an_opening_without_a_create_between_not_again() {
    let mut breaker = Breaker::new(PROBE);
    open_by_suspects(&mut breaker);
    assert_eq!(breaker.probe_at(), Some(NOW));
    assert_eq!(observe(&mut breaker, "probe", Observation::Answered), Change::Closed);
    open_by_suspects(&mut breaker);
    assert_eq!(breaker.probe_at(), Some(NOW + PROBE));
    observe(&mut breaker, "d", Observation::Created);
    open_by_suspects(&mut breaker);
    assert_eq!(breaker.probe_at(), Some(NOW));
}

#[test]
fn a_success_clears_the_suspects_and_closes_it() {
    let mut breaker = Breaker::new(PROBE);
    for id in ["a", "b", "c"] {
        observe(&mut breaker, id, Observation::Suspect);
    }
    assert_eq!(observe(&mut breaker, "d", Observation::Created), Change::Closed);
    assert!(breaker.suspects().is_empty() && !breaker.is_open());
    assert_eq!(breaker.successes(), 1);
}

#[test]
fn three_failures_in_a_row_open_it_and_an_answer_between_begins_anew() {
    let mut breaker = Breaker::new(PROBE);
    observe(&mut breaker, "a", Observation::Failure);
    observe(&mut breaker, "a", Observation::Failure);
    observe(&mut breaker, "a", Observation::Answered);
    observe(&mut breaker, "a", Observation::Failure);
    observe(&mut breaker, "a", Observation::Failure);
    assert!(!breaker.is_open());
    assert_eq!(observe(&mut breaker, "a", Observation::Failure), Change::Opened);
}

/// What each of two workers met, in turn.
fn by(breaker: &mut Breaker, worker: &str, id: &str, seen: Observation) -> Change {
    breaker.observe(NOW, worker, (id, "code"), seen)
}

fn scope_of(breaker: &Breaker, worker: &str) -> Option<Scope> {
    breaker.worker(worker).and_then(|seen| seen.open_state()).map(|open| open.scope)
}

#[test]
fn a_refused_key_closes_its_worker_and_nobody_else() {
    let mut breaker = Breaker::new(PROBE);
    assert_eq!(by(&mut breaker, "a", "1", Observation::KeyRefused), Change::WorkerOpened);
    assert_eq!(by(&mut breaker, "a", "2", Observation::KeyRefused), Change::None);
    assert_eq!(breaker.worker("a").unwrap().open_state().unwrap().probe_at, NOW + KEY_PROBE);
    assert!(!breaker.is_open() && scope_of(&breaker, "b").is_none());
    by(&mut breaker, "a", "probe", Observation::Answered);
    assert!(scope_of(&breaker, "a").is_none());
}

#[test]
fn a_worker_that_alone_has_trouble_is_closed_and_the_account_is_not() {
    let mut breaker = Breaker::new(PROBE);
    by(&mut breaker, "sick", "1", Observation::CreateSuspect);
    by(&mut breaker, "well", "2", Observation::Created);
    by(&mut breaker, "sick", "3", Observation::CreateSuspect);
    assert_eq!(by(&mut breaker, "sick", "4", Observation::CreateSuspect), Change::WorkerOpened);
    assert_eq!(scope_of(&breaker, "sick"), Some(Scope::All));
    assert!(!breaker.is_open() && breaker.suspects().is_empty());
}

#[test]
fn trouble_that_everybody_has_opens_the_account_and_closes_no_worker() {
    let mut breaker = Breaker::new(PROBE);
    by(&mut breaker, "a", "1", Observation::CreateSuspect);
    by(&mut breaker, "b", "2", Observation::CreateSuspect);
    assert_eq!(by(&mut breaker, "a", "3", Observation::CreateSuspect), Change::Opened);
    assert!(scope_of(&breaker, "a").is_none() && scope_of(&breaker, "b").is_none());
}

#[test]
fn trouble_that_only_one_of_several_workers_met_closes_that_worker() {
    let mut breaker = Breaker::new(PROBE);
    breaker.serves("sick");
    breaker.serves("idle");
    for id in ["1", "2"] {
        assert_eq!(by(&mut breaker, "sick", id, Observation::Failure), Change::None);
    }
    assert_eq!(by(&mut breaker, "sick", "3", Observation::Failure), Change::WorkerOpened);
    assert!(!breaker.is_open());
    let open = breaker.worker("sick").unwrap().open_state().unwrap();
    assert_eq!((open.scope, open.probe_at, open.probe_each), (Scope::All, NOW, PROBE));
    by(&mut breaker, "sick", "probe", Observation::Failure);
    let open = breaker.worker("sick").unwrap().open_state().unwrap();
    assert_eq!(open.probe_at, NOW + 2 * PROBE, "the next ones become rarer");
    assert_eq!(
        by(&mut breaker, "idle", "4", Observation::Failure),
        Change::Opened,
        "now all have it"
    );
}

#[test]
fn the_only_worker_opens_the_accounts_breaker() {
    let mut breaker = Breaker::new(PROBE);
    breaker.serves("only");
    for id in ["1", "2"] {
        by(&mut breaker, "only", id, Observation::Failure);
    }
    assert_eq!(by(&mut breaker, "only", "3", Observation::Failure), Change::Opened);
    assert!(scope_of(&breaker, "only").is_none());
}

#[test]
fn answered_look_ups_leave_only_creates_in_doubt_if_creates_had_failed() {
    let mut breaker = Breaker::new(PROBE);
    for id in ["1", "2", "3"] {
        by(&mut breaker, "a", id, Observation::CreateSuspect);
    }
    assert_eq!(breaker.open_state().unwrap().scope, Scope::Jobs);
    by(&mut breaker, "a", "1", Observation::Answered);
    let open = breaker.open_state().unwrap();
    assert_eq!((open.scope, open.probe_at), (Scope::Creates, NOW));
    assert_eq!(by(&mut breaker, "a", "1", Observation::Created), Change::Closed);
    for _ in 0..3 {
        by(&mut breaker, "a", "1", Observation::Failure);
    }
    assert!(breaker.is_open());
    assert_eq!(by(&mut breaker, "a", "2", Observation::Answered), Change::Closed);
}

#[test]
fn probes_of_a_worker_that_alone_has_trouble_become_rarer_until_a_create_succeeds() {
    let mut breaker = Breaker::new(PROBE);
    let mut waits = Vec::new();
    for round in 0..6 {
        by(&mut breaker, "well", "w", Observation::Created);
        for id in ["1", "2", "3"] {
            by(&mut breaker, "sick", id, Observation::CreateSuspect);
            by(&mut breaker, "well", "w", Observation::Created);
        }
        let open = breaker.worker("sick").unwrap().open_state().unwrap();
        waits.push(open.probe_each.as_secs());
        by(&mut breaker, "sick", "probe", Observation::Answered);
        assert_eq!(scope_of(&breaker, "sick"), Some(Scope::Creates), "round {round}");
    }
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
    assert_eq!(waits.last(), Some(&60));
    by(&mut breaker, "sick", "1", Observation::Created);
    assert_eq!(breaker.worker("sick").unwrap().reopened(), 0);
}

#[test]
fn a_worker_that_alone_is_limited_waits_alone_from_the_second_time_on() {
    let mut breaker = Breaker::new(PROBE);
    assert_eq!(by(&mut breaker, "a", "1", Observation::Limited), Change::None);
    assert_eq!(by(&mut breaker, "a", "1", Observation::Limited), Change::None, "nobody passed");
    by(&mut breaker, "b", "2", Observation::Created);
    assert_eq!(by(&mut breaker, "a", "1", Observation::Limited), Change::LimitedAloneOpened);
    assert_eq!(by(&mut breaker, "a", "1", Observation::Limited), Change::LimitedAlone);
    assert_eq!(scope_of(&breaker, "a"), Some(Scope::Jobs));
}

#[test]
fn limited_creates_are_not_forgiven_by_answered_look_ups() {
    let mut breaker = Breaker::new(PROBE);
    for _ in 0..2 {
        by(&mut breaker, "a", "1", Observation::CreateLimited);
        by(&mut breaker, "a", "1", Observation::Answered);
        by(&mut breaker, "b", "2", Observation::Created);
    }
    let changed = by(&mut breaker, "a", "3", Observation::CreateLimited);
    assert_eq!((changed, scope_of(&breaker, "a")), (Change::LimitedAlone, Some(Scope::Creates)));
    by(&mut breaker, "a", "1", Observation::Answered);
    assert_eq!(scope_of(&breaker, "a"), Some(Scope::Creates));
    by(&mut breaker, "a", "4", Observation::Created);
    assert_eq!(scope_of(&breaker, "a"), None);
    assert_eq!(by(&mut breaker, "a", "5", Observation::CreateLimited), Change::None);
}

#[test]
fn a_failure_is_the_requests_own_once_its_worker_got_an_answer_since() {
    let mut breaker = Breaker::new(PROBE);
    by(&mut breaker, "a", "1", Observation::Failure);
    let failed_at = Some(breaker.answered());
    assert!(!breaker.is_own("a", failed_at, false));
    by(&mut breaker, "b", "2", Observation::Answered);
    assert!(
        !breaker.is_own("a", failed_at, false),
        "another worker's answer says nothing of this one"
    );
    by(&mut breaker, "a", "3", Observation::Answered);
    assert!(breaker.is_own("a", failed_at, false));
    assert!(!breaker.is_own("a", failed_at, true), "no create succeeded");
    assert!(!breaker.is_own("a", None, false));
}

#[test]
fn each_probe_moves_the_next_one_and_is_noted_at_its_suspect() {
    let mut breaker = Breaker::new(PROBE);
    for id in ["a", "b", "c"] {
        observe(&mut breaker, id, Observation::Suspect);
    }
    let later = NOW + PROBE;
    breaker.granted(later, "w", "b");
    assert_eq!(breaker.probe_at(), Some(later + PROBE));
    assert_eq!(breaker.suspects().get("b"), Some(&later.unix_ms()));
    breaker.granted(later, "w", "unsuspected");
    assert_eq!(breaker.suspects().len(), 3);
}

#[test]
fn twenty_different_jobs_refused_with_one_code_hold_the_account_until_resumed() {
    let mut breaker = Breaker::new(PROBE);
    for number in 0..19 {
        let id = number.to_string();
        for _ in 0..2 {
            assert_eq!(observe(&mut breaker, &id, Observation::Rejected), Change::None);
        }
    }
    assert_eq!(observe(&mut breaker, "last", Observation::Rejected), Change::Held);
    assert!(breaker.pause_in_force(u64::MAX).is_some());
    assert!(breaker.resume() && !breaker.resume());
}

#[test]
fn another_code_or_a_created_invoice_begins_the_count_anew() {
    let mut breaker = Breaker::new(PROBE);
    for number in 0..60 {
        let id = number.to_string();
        match number % 20 {
            7 => breaker.observe(NOW, "w", (&id, "other"), Observation::Rejected),
            17 => observe(&mut breaker, &id, Observation::Created),
            _ => observe(&mut breaker, &id, Observation::Rejected),
        };
    }
    assert!(breaker.pause_in_force(0).is_none());
}

#[test]
fn a_pause_with_an_end_is_over_then() {
    let mut breaker = Breaker::new(PROBE);
    breaker.pause(Some(1000));
    assert!(breaker.pause_in_force(999).is_some());
    assert!(breaker.pause_in_force(1000).is_none() && !breaker.resume());
}
