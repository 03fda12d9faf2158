use std::time::Duration;

use super::{Moment, Pacer, PacerSettings, Returned, SEND_WITHIN_MAX, WaitReason};
use antre_core::Quota;

mod properties;
mod receiver;

const START: Moment = Moment::from_unix_us(1_700_000_000_000_000);

fn settings(limits: &str) -> PacerSettings {
    PacerSettings {
        limits: limits.parse().unwrap(),
        send_within: Duration::from_millis(5),
        jitter_allowance: Duration::from_millis(5),
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn quota(remaining: u32, limit: u32, reset_s: u64) -> Quota {
    Quota {
        remaining: Some(remaining),
        limit: Some(limit),
        reset: Some(Duration::from_secs(reset_s)),
    }
}

#[test]
fn two_a_second_is_one_each_505_ms() {
    let mut pacer = Pacer::new(settings("2/1s"));
    assert!(pacer.earliest(START).0 <= START);
    let mut now = START;
    for number in 0..100 {
        assert_eq!(pacer.grant(now, &number.to_string()), ms(5));
        assert_eq!(pacer.earliest(START).0.since(now), ms(505));
        now = pacer.earliest(START).0;
    }
    assert_eq!(now.since(START), ms(50_500));
}

#[test]
fn a_grant_that_comes_late_does_not_make_those_that_follow_late() {
    let mut pacer = Pacer::new(settings("20/1s"));
    pacer.grant(START, "first");
    let due = pacer.earliest(START).0;
    pacer.grant(due + ms(20), "late");
    assert_eq!(pacer.earliest(START).0, due + Duration::from_micros(50_500));
    let due = pacer.earliest(START).0;
    pacer.grant(due + ms(251), "after nothing was ready");
    assert_eq!(pacer.earliest(START).0, due + ms(251) + Duration::from_micros(50_500));
}

#[test]
fn every_limit_is_kept_exactly() {
    let mut pacer = Pacer::new(settings("2/1s,3/1m"));
    for number in 0..3 {
        let at = START + ms(1000 * number);
        pacer.grant(at, &number.to_string());
    }
    assert_eq!(pacer.earliest(START), (START + ms(60_010), WaitReason::Limit));
}

#[test]
fn a_grant_given_back_frees_its_place_in_the_window_and_in_the_pace() {
    let mut pacer = Pacer::new(settings("1/1h"));
    pacer.grant(START, "a");
    assert!(pacer.give_back(START, "a", Returned::Stopping));
    assert!(pacer.earliest(START).0 <= START);
    assert!(!pacer.give_back(START, "a", Returned::Stopping), "a repeated call changes nothing");
}

#[test]
fn what_one_workers_429s_alone_have_slowed_is_undone_and_others_keep_theirs() {
    let mut pacer = Pacer::new(settings("2/1s"));
    pacer.limited(START, ("a", "unknown"), ms(10_000));
    pacer.forget_limited(START + ms(1), "b");
    assert_eq!((pacer.factor(START), pacer.earliest(START).0), (2, START + ms(10_000)));
    pacer.forget_limited(START + ms(1), "a");
    assert_eq!((pacer.factor(START), pacer.earliest(START).0), (1, START + ms(1)));
    pacer.limited(START + ms(2), ("a", "unknown"), ms(10_000));
    pacer.limited(START + ms(3), ("b", "unknown"), ms(10_000));
    for worker in ["a", "b"] {
        pacer.forget_limited(START + ms(4), worker);
        assert_eq!((pacer.factor(START), pacer.earliest(START).0), (2, START + ms(10_003)));
    }
}

#[test]
fn a_refusal_pauses_and_halves_the_pace_once_and_the_pace_doubles_back() {
    let mut pacer = Pacer::new(settings("2/1s"));
    assert!(pacer.limited(START, ("w", "unknown"), ms(10_000)));
    assert!(!pacer.limited(START + ms(5), ("w", "unknown"), ms(9_000)));
    assert_eq!(pacer.earliest(START), (START + ms(10_000), WaitReason::Limited));
    assert_eq!(pacer.interval(START + ms(29_999)), ms(1010));
    assert_eq!(pacer.interval(START + ms(30_000)), ms(505));
}

#[test]
fn the_pace_is_never_slower_than_a_sixteenth_and_no_pause_longer_than_120_s() {
    let mut pacer = Pacer::new(settings("2/1s"));
    let mut now = START;
    for _ in 0..9 {
        assert!(pacer.limited(now, ("w", "unknown"), ms(1)));
        now = now + ms(2);
    }
    assert_eq!(pacer.factor(now), 16);
    pacer.limited(now, ("w", "unknown"), Duration::MAX);
    assert_eq!(pacer.earliest(START).0, now + ms(120_000));
}

#[test]
fn a_429_at_full_pace_teaches_that_delays_differ_more_and_half_is_forgotten_each_hour() {
    let mut pacer = Pacer::new(settings("2/1s"));
    let mut now = START;
    for id in ["1", "2", "3"] {
        now = now.max(pacer.earliest(now).0);
        pacer.grant(now, id);
    }
    let hours = |count| Duration::from_hours(count);
    pacer.limited(now, ("w", "3"), ms(1));
    assert_eq!(pacer.jitter_allowance(now), ms(5 + 5));
    assert_eq!(pacer.jitter_allowance(now + hours(1)), ms(5) + Duration::from_micros(2500));
    for _ in 0..9 {
        now = now + ms(2);
        pacer.limited(now, ("w", "3"), ms(1));
    }
    assert_eq!(pacer.jitter_allowance(now), ms(5 + 100), "no more");
}

#[test]
fn a_429_that_uneven_delivery_does_not_explain_teaches_nothing() {
    let mut pacer = Pacer::new(settings("2/1s"));
    pacer.grant(START, "1");
    pacer.grant(START + ms(600), "2");
    // The first of the two is further back than a window and all delays that are believed.
    pacer.grant(START + ms(1_106), "3");
    pacer.limited(START + ms(1_106), ("w", "3"), ms(1));
    assert_eq!(pacer.jitter_allowance(START + ms(1_106)), ms(5));
    pacer.limited(START + ms(2_000), ("w", "unknown"), ms(1));
    assert_eq!(pacer.jitter_allowance(START + ms(2_000)), ms(5));
}

#[test]
fn a_smaller_quota_than_our_grants_explain_is_believed() {
    let mut pacer = Pacer::new(settings("60/1m"));
    pacer.grant(START, "a");
    pacer.observe_quota(START, "a", quota(59, 60, 30));
    assert_eq!(pacer.budget_left(), None, "our own grant explains it");
    pacer.observe_quota(START, "a", quota(1, 60, 30));
    assert_eq!(pacer.budget_left(), Some(1));
    pacer.grant(START + ms(1100), "b");
    assert_eq!(pacer.earliest(START), (START + ms(30_000), WaitReason::Quota));
    pacer.give_back(START + ms(1101), "b", Returned::TooLate);
    assert_eq!(pacer.budget_left(), Some(1));
    pacer.give_back(START + ms(1101), "a", Returned::TooLate);
    assert_eq!(pacer.budget_left(), Some(1), "the answer had not counted it");
}

#[test]
fn a_remaining_quota_of_zero_pauses_also_without_its_limit() {
    let mut pacer = Pacer::new(settings("60/1m"));
    pacer.grant(START, "a");
    let seen = Quota { remaining: Some(0), limit: None, reset: None };
    pacer.observe_quota(START, "a", seen);
    assert_eq!(pacer.earliest(START), (START + ms(120_000), WaitReason::Quota));
    pacer.observe_quota(START, "forgotten", quota(0, 60, 1));
    assert_eq!(pacer.earliest(START).0, START + ms(120_000));
}

#[test]
fn three_that_are_too_late_in_a_row_widen_the_deadline_up_to_its_most_and_it_narrows_again() {
    let mut pacer = Pacer::new(settings("2/1s"));
    let come_too_late = |pacer: &mut Pacer| {
        pacer.grant(START, "a");
        pacer.give_back(START, "a", Returned::TooLate);
    };
    come_too_late(&mut pacer);
    come_too_late(&mut pacer);
    pacer.sent();
    come_too_late(&mut pacer);
    assert_eq!(pacer.send_within(START), ms(5), "a request that left in time counts against them");
    come_too_late(&mut pacer);
    come_too_late(&mut pacer);
    assert_eq!(pacer.send_within(START), ms(10));
    assert_eq!(pacer.interval(START), Duration::from_micros(507_500), "the pace follows");
    for _ in 0..30 {
        come_too_late(&mut pacer);
    }
    assert_eq!(pacer.send_within(START), SEND_WITHIN_MAX);
    assert_eq!(pacer.send_within(START + ms(60_000)), SEND_WITHIN_MAX / 4);
    assert_eq!(pacer.send_within(START + ms(3_600_000)), ms(5));
}

#[test]
fn more_than_one_in_17_too_late_widens_the_deadline_and_fewer_never_do() {
    let widened_by = |in_time: u32| {
        let mut pacer = Pacer::new(settings("2/1s"));
        for _ in 0..1_000 {
            pacer.grant(START, "a");
            pacer.give_back(START, "a", Returned::TooLate);
            (0..in_time).for_each(|_| pacer.sent());
        }
        pacer.send_within(START) > ms(5)
    };
    assert_eq!([10, 15, 16, 30].map(widened_by), [true, true, false, false]);
}

#[test]
fn an_unknown_server_counts_short_windows_as_full() {
    let mut pacer = Pacer::new(settings("2/1s,100/10s,60/1m"));
    let followed = pacer.follow_clock(START, "one");
    assert!(!followed.is_other_server);
    assert_eq!(pacer.earliest(START).0, START + ms(10_010));
    let later = START + ms(60_000);
    pacer.grant(later, "a");
    assert!(pacer.follow_clock(later, "two").is_other_server);
    pacer.give_back(later, "a", Returned::TooLate);
    assert_eq!(pacer.earliest(START).0, later + ms(10_010), "a returned grant does not undo it");
}

#[test]
fn a_small_step_back_is_waited_out() {
    let mut pacer = Pacer::new(settings("2/1s"));
    pacer.follow_clock(START, "one");
    let followed = pacer.follow_clock(Moment::from_unix_us(START.unix_us() - 999_999), "one");
    assert_eq!((followed.now, followed.stepped_back), (START, None));
}

#[test]
fn a_large_step_back_keeps_the_length_of_pauses_and_makes_no_burst() {
    let mut pacer = Pacer::new(settings("2/1s"));
    pacer.follow_clock(START, "one");
    pacer.grant(START, "a");
    pacer.limited(START, ("w", "unknown"), ms(30_000));
    let now = Moment::from_unix_us(START.unix_us() - 3_600_000_000);
    let followed = pacer.follow_clock(now, "one");
    assert_eq!(followed.now, now);
    assert_eq!(followed.stepped_back, Some(Duration::from_hours(1)));
    assert_eq!(pacer.earliest(START), (now + ms(30_000), WaitReason::Limited));
    assert!(pacer.next_at() >= Some(now + ms(1010)));
    assert!(pacer.grants().all(|(instant, _)| instant <= now + ms(10)));
}
