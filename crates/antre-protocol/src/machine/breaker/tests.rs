use std::time::Duration;

use super::{Breaker, Change, KEY_PROBE};
use crate::machine::Observation;
use crate::pacer::Moment;

const NOW: Moment = Moment::from_unix_us(1_700_000_000_000_000);
const PROBE: Duration = Duration::from_secs(5);

fn observe(breaker: &mut Breaker, id: &str, seen: Observation) -> Change {
    breaker.observe(NOW, id, "code", seen)
}

#[test]
fn three_different_suspects_open_it_and_one_poison_job_does_not() {
    let mut breaker = Breaker::new(PROBE);
    for _ in 0..9 {
        assert_eq!(observe(&mut breaker, "poison", Observation::Suspect), Change::None);
    }
    assert_eq!(observe(&mut breaker, "b", Observation::Suspect), Change::None);
    assert_eq!(observe(&mut breaker, "c", Observation::Suspect), Change::Opened);
    assert_eq!(breaker.probe_at(), Some(NOW + PROBE));
}

#[test]
fn a_success_clears_the_suspects_and_closes_it() {
    let mut breaker = Breaker::new(PROBE);
    for id in ["a", "b", "c"] {
        observe(&mut breaker, id, Observation::Suspect);
    }
    assert_eq!(observe(&mut breaker, "a", Observation::Answered), Change::None, "no create");
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

#[test]
fn a_refused_key_opens_it_at_once_and_is_probed_each_minute() {
    let mut breaker = Breaker::new(PROBE);
    assert_eq!(observe(&mut breaker, "a", Observation::KeyRefused), Change::Opened);
    assert_eq!(observe(&mut breaker, "b", Observation::KeyRefused), Change::None);
    assert_eq!(breaker.probe_at(), Some(NOW + KEY_PROBE));
}

#[test]
fn each_probe_moves_the_next_one_and_is_noted_at_its_suspect() {
    let mut breaker = Breaker::new(PROBE);
    for id in ["a", "b", "c"] {
        observe(&mut breaker, id, Observation::Suspect);
    }
    let later = NOW + PROBE;
    breaker.granted(later, "b");
    assert_eq!(breaker.probe_at(), Some(later + PROBE));
    assert_eq!(breaker.suspects().get("b"), Some(&later.unix_ms()));
    breaker.granted(later, "unsuspected");
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
    assert!(breaker.held(u64::MAX).is_some());
    assert!(breaker.resume() && !breaker.resume());
}

#[test]
fn another_code_or_a_created_invoice_begins_the_count_anew() {
    let mut breaker = Breaker::new(PROBE);
    for number in 0..60 {
        let id = number.to_string();
        match number % 20 {
            7 => breaker.observe(NOW, &id, "other", Observation::Rejected),
            17 => observe(&mut breaker, &id, Observation::Created),
            _ => observe(&mut breaker, &id, Observation::Rejected),
        };
    }
    assert!(breaker.held(0).is_none());
}

#[test]
fn a_pause_with_an_end_is_over_then() {
    let mut breaker = Breaker::new(PROBE);
    breaker.pause(Some(1000));
    assert!(breaker.held(999).is_some());
    assert!(breaker.held(1000).is_none() && !breaker.resume());
}
