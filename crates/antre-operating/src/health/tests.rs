use std::time::Duration;

use antre_store::status::{Breaker, Heartbeat, Pause, Status, WaitReason, WorkerSeen};

use super::{Health, health, of_account, of_figures, of_foreign};
use crate::figures::Figures;

const NOW_MS: u64 = 1_795_413_600_000;

/// A served account without work.
fn served() -> Status {
    let worker = WorkerSeen { seen_ms: NOW_MS - 4_000, ..WorkerSeen::default() };
    Status { now_ms: NOW_MS, workers: [("w".to_owned(), worker)].into(), ..Status::default() }
}

fn codes(status: &Status) -> Vec<String> {
    of_account("default", status).iter().map(|reason| reason.code.to_string()).collect()
}

fn pause(by: &str, until_ms: Option<u64>) -> Pause {
    let reason = "as told".to_owned();
    Pause { by: by.to_owned(), reason, since_ms: NOW_MS - 5000, until_ms }
}

#[test]
fn a_served_account_gives_no_reason() {
    assert_eq!(codes(&served()), [""; 0]);
}

#[test]
fn each_thing_that_holds_the_queue_is_a_reason_and_degrades_it() {
    let breaker =
        Breaker { reason: "connection_refused".to_owned(), since_ms: 5, is_for_creates: false };
    let cases = [
        ("paused", Status { pause: Some(pause("budi", None)), ..served() }),
        ("rejections", Status { pause: Some(pause("antre", None)), ..served() }),
        ("breaker_open", Status { breaker: Some(breaker), ..served() }),
        (
            "limited",
            Status { wait: Duration::from_secs(9), wait_reason: WaitReason::Limited, ..served() },
        ),
        (
            "quota",
            Status { wait: Duration::from_secs(9), wait_reason: WaitReason::Quota, ..served() },
        ),
        ("no_worker", Status { workers: [].into(), ..served() }),
        (
            "already_paid",
            Status { already_paid_ms: [NOW_MS - 1_000, NOW_MS - 3_600_000], ..served() },
        ),
    ];
    for (code, status) in cases {
        assert_eq!(codes(&status), [code]);
        let reasons = of_account("default", &status);
        assert_eq!(health(&Figures::from(&status), &reasons), Health::Degraded, "{code}");
    }
}

#[test]
fn bills_that_were_paid_before_are_a_reason_when_it_happens_more_than_once_a_day() {
    let day_ms = 24 * 3_600_000;
    let old = NOW_MS - day_ms - 1;
    for times in [[0, 0], [NOW_MS, 0], [NOW_MS, old], [old, old - 1]] {
        let status = Status { already_paid_ms: times, ..served() };
        assert_eq!(codes(&status), [""; 0], "{times:?}");
    }
}

#[test]
fn the_pace_is_no_reason() {
    let paced =
        Status { wait: Duration::from_millis(300), wait_reason: WaitReason::Pace, ..served() };
    assert_eq!(codes(&paced), [""; 0]);
}

#[test]
fn a_pause_says_who_why_and_for_how_long() {
    let status = Status { pause: Some(pause("budi", Some(NOW_MS + 1500))), ..served() };
    let reason = of_account("default", &status).remove(0);
    assert_eq!(reason.text, "paused by budi for another 2 s: as told");
    assert_eq!(reason.since, Some(NOW_MS - 5000));
    assert_eq!(reason.account.as_deref(), Some("default"));
}

#[test]
fn the_watchdog_wants_ready_work_room_and_ten_seconds_of_silence() {
    let ready = |ms_ago: u64, sent_ms_ago: u64| Status {
        waiting: [0, 3, 0],
        oldest_ready_us: (NOW_MS - ms_ago) * 1000,
        sent_us: (NOW_MS - sent_ms_ago) * 1000,
        ..served()
    };
    assert_eq!(codes(&ready(10_001, 20_000)), ["stalled"]);
    assert_eq!(codes(&ready(20_000, 10_001)), ["stalled"]);
    assert_eq!(codes(&ready(9_000, 20_000)), [""; 0]);
    assert_eq!(codes(&ready(20_000, 9_000)), [""; 0]);
    let held = Status { pause: Some(pause("budi", None)), ..ready(20_000, 20_000) };
    assert_eq!(codes(&held), ["paused"]);
}

#[test]
fn workers_are_silent_after_fifteen_seconds() {
    let with = |seen_ms: u64| {
        let worker = WorkerSeen { seen_ms, ..WorkerSeen::default() };
        Status { workers: [("w".to_owned(), worker)].into(), ..served() }
    };
    assert_eq!(codes(&with(NOW_MS - 4_999)), [""; 0]);
    assert_eq!(codes(&with(NOW_MS - 15_000)), ["worker_silent"]);
    assert_eq!(codes(&with(NOW_MS - 15_001)), ["no_worker"]);
    assert_eq!(codes(&with(0)), ["no_worker"], "it cannot be read");
}

#[test]
fn workers_without_a_connection_are_a_reason_when_none_has_one() {
    let worker = |name: &str, is_connected: bool| {
        let said = Heartbeat { is_connected: Some(is_connected), ..Heartbeat::default() };
        (name.to_owned(), WorkerSeen { seen_ms: NOW_MS, said })
    };
    let none = Status { workers: [worker("a", false), worker("b", false)].into(), ..served() };
    assert_eq!(codes(&none), ["no_connection"]);
    let one = Status { workers: [worker("a", false), worker("b", true)].into(), ..served() };
    assert_eq!(codes(&one), [""; 0]);
}

#[test]
fn a_foreign_account_is_a_reason_only_when_jobs_come_in_and_nobody_takes_them() {
    let unserved = |inbox| Status { inbox, workers: [].into(), ..served() };
    assert_eq!(of_foreign("other", &unserved(0)), None);
    assert_eq!(of_foreign("other", &Status { inbox: 5, ..served() }), None);
    let reason = of_foreign("other", &unserved(5)).unwrap();
    assert_eq!((&*reason.code, reason.account.as_deref()), ("unserved_inbox", Some("other")));
}

#[test]
fn the_words_follow_the_figures() {
    let word = |figures: &Figures| health(figures, &of_figures(figures));
    let figures = |pending, failed| Figures { pending, failed, ..Figures::default() };
    assert_eq!(word(&figures(100, 50)), Health::Healthy);
    assert_eq!(word(&Figures { is_processing: true, ..figures(100, 50) }), Health::Processing);
    assert_eq!(word(&Figures { is_processing: true, ..figures(101, 50) }), Health::Stressed);
    assert_eq!(word(&figures(101, 51)), Health::Degraded);
}
