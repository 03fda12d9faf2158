use std::time::Duration;

use antre_store::status::{Breaker, InForce, Pause, Status, WorkerSeen};

use super::estimated_wait;

/// 2/1s: one request each 505 ms.
fn status() -> Status {
    let worker = WorkerSeen { seen_ms: 1_000_000, ..WorkerSeen::default() };
    let workers = [("w".to_owned(), worker)].into();
    let interval = Duration::from_millis(505);
    let (now_ms, sent_us) = (1_000_000, 1_000_000_000);
    let in_force = Some(limited_to("2/1s"));
    Status { now_ms, sent_us, interval, in_force, workers, ..Status::default() }
}

fn limited_to(limits: &str) -> InForce {
    InForce { limits: Some(limits.parse().unwrap()), ..InForce::default() }
}

fn pause(until_ms: Option<u64>) -> Pause {
    Pause { by: "budi".to_owned(), reason: "audit".to_owned(), since_ms: 0, until_ms }
}

#[test]
fn an_empty_queue_makes_nobody_wait() {
    assert_eq!(estimated_wait(&status()), Some(0));
}

#[test]
fn everything_ahead_takes_one_interval_each_rounded_up() {
    let one = Status { waiting: [0, 1, 0], ..status() };
    assert_eq!(estimated_wait(&one), Some(1));
    // 99 × 505 ms = 49.995 s.
    let many = Status { inbox: 9, waiting: [40, 50, 1000], ahead: [30, 10], ..status() };
    assert_eq!(estimated_wait(&many), Some(50));
}

#[test]
fn the_wait_for_the_next_request_comes_first() {
    let limited = Status { wait: Duration::from_mins(1), waiting: [0, 2, 0], ..status() };
    assert_eq!(estimated_wait(&limited), Some(62));
}

#[test]
fn a_longer_limit_counts_when_it_is_tighter() {
    let in_force = Some(limited_to("2/1s,60/1m"));
    // Sixty in the first minute; the 61st to 101st from its end on: 60 s + 40 × 505 ms.
    let minute = Status { waiting: [0, 100, 0], in_force, ..status() };
    assert_eq!(estimated_wait(&minute), Some(81));
}

#[test]
fn a_pause_counts_what_is_left_of_it() {
    let half_a_minute = Status { pause: Some(pause(Some(1_030_000))), ..status() };
    assert_eq!(estimated_wait(&half_a_minute), Some(30));
    let over = Status { pause: Some(pause(Some(999_000))), ..status() };
    assert_eq!(estimated_wait(&over), Some(0));
    let without_end = Status { pause: Some(pause(None)), waiting: [0, 2, 0], ..status() };
    assert_eq!(estimated_wait(&without_end), None);
}

#[test]
fn absurd_figures_do_not_overflow() {
    let absurd = Status { inbox: u64::MAX / 8, ..status() };
    assert!(estimated_wait(&absurd).unwrap() > 1_000_000_000);
}

#[test]
fn nobody_knows_how_long_while_nothing_is_sent_for_an_unknown_time() {
    let breaker = Breaker { reason: "http_502".to_owned(), since_ms: 1, is_for_creates: false };
    for standstill in [
        Status { pause: Some(pause(None)), ..status() },
        Status { breaker: Some(breaker), ..status() },
        Status { workers: [].into(), ..status() },
    ] {
        assert_eq!(estimated_wait(&standstill), None, "{standstill:?}");
    }
}
