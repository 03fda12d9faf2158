use std::collections::BTreeMap;

use antre_store::status::{Breaker, Heartbeat, Pause};

use super::*;

const NOW_MS: u64 = 1_795_413_600_000;

fn seen(ago_ms: u64, said: Heartbeat) -> WorkerSeen {
    WorkerSeen { seen_ms: NOW_MS - ago_ms, said }
}

fn served(said: Heartbeat) -> Status {
    let workers = BTreeMap::from([("billing-1".to_owned(), seen(0, said))]);
    Status { now_ms: NOW_MS, workers, ..Status::default() }
}

fn pause(until_ms: Option<u64>) -> Pause {
    Pause { by: "ops".to_owned(), reason: "prices".to_owned(), since_ms: NOW_MS - 1, until_ms }
}

fn codes(status: &Status) -> Vec<&'static str> {
    obstacles(status).iter().map(|obstacle| obstacle.code).collect()
}

#[test]
fn a_served_account_has_no_obstacle() {
    assert_eq!(codes(&served(Heartbeat::default())), [""; 0]);
    assert!(!is_standstill(&served(Heartbeat::default())));
}

#[test]
fn a_pause_comes_first_and_only_one_without_an_end_makes_estimates_a_guess() {
    let breaker =
        Breaker { reason: "http_502".to_owned(), since_ms: NOW_MS, is_for_creates: false };
    let status =
        Status { pause: Some(pause(None)), breaker: Some(breaker), ..served(Heartbeat::default()) };
    assert_eq!(codes(&status), ["paused", "breaker_open"]);
    assert_eq!(obstacles(&status)[0].text, "paused by ops until antre resume: prices");
    let timed = Status { pause: Some(pause(Some(NOW_MS + 2_500))), ..served(Heartbeat::default()) };
    assert_eq!(obstacles(&timed)[0].text, "paused by ops for another 3 s: prices");
    assert!(is_standstill(&status) && !is_standstill(&timed));
}

#[test]
fn a_worker_that_lives_and_does_not_serve_says_why() {
    let trouble = Some("redis refuses writes: it is full".to_owned());
    let status = served(Heartbeat { trouble, ..Heartbeat::default() });
    assert_eq!(codes(&status), ["worker_trouble"]);
    let [obstacle] = obstacles(&status).try_into().unwrap();
    assert_eq!(
        obstacle.text,
        "worker billing-1 does not serve this account: redis refuses writes: it is full"
    );
    assert!(obstacle.is_standstill && obstacle.is_fault);
    let mut two = status;
    two.workers.insert("billing-2".to_owned(), seen(0, Heartbeat::default()));
    assert!(!is_standstill(&two));
}

#[test]
fn no_worker_and_no_connection_are_told_with_what_to_do() {
    assert_eq!(codes(&Status { now_ms: NOW_MS, ..Status::default() }), ["no_worker"]);
    let late = Status { now_ms: NOW_MS + 20_000, ..served(Heartbeat::default()) };
    assert_eq!(obstacles(&late)[0].since_ms, Some(NOW_MS));
    let connected = |is_connected| Heartbeat { is_connected, ..Heartbeat::default() };
    assert_eq!(codes(&served(connected(Some(false)))), ["no_connection"]);
    assert_eq!(codes(&served(connected(Some(true)))), [""; 0]);
}

#[test]
fn a_quota_that_is_used_up_for_a_moment_is_no_reason() {
    let limited = |wait_reason: WaitReason, wait_ms: u64| {
        let wait = Duration::from_millis(wait_ms);
        let status = Status { wait, wait_reason, ..Status::default() };
        obstacles(&status).iter().any(|it| it.code == wait_reason.as_str())
    };
    assert!(!limited(WaitReason::Quota, 1_900) && limited(WaitReason::Quota, 2_100));
    assert!(limited(WaitReason::Limited, 100));
}
