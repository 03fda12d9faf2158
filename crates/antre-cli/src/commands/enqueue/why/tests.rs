use antre_store::claim::WaitReason;
use antre_store::lease::Heartbeat;
use antre_store::status::{Pause, WorkerSeen};

use super::*;

/// Returns an account that a worker serves and that sends.
fn served() -> Status {
    let now_ms = 1_795_413_600_000;
    let said = Heartbeat { is_connected: Some(true), ..Heartbeat::default() };
    let worker = ("w".to_owned(), WorkerSeen { seen_ms: now_ms, said });
    Status { now_ms, sent_us: now_ms * 1000, workers: [worker].into(), ..Status::default() }
}

fn name(status: &Status) -> Option<&'static str> {
    reason(status).map(|(name, _)| name)
}

#[test]
fn an_account_that_sends_has_no_reason() {
    assert_eq!(reason(&served()), None);
    assert_eq!(name(&Status { workers: [].into(), ..served() }), Some("no_worker"));
}

#[test]
fn a_limit_of_xendits_is_told_when_it_lasts() {
    let limited = |wait| Status { wait, wait_reason: WaitReason::Limited, ..served() };
    assert_eq!(name(&limited(Duration::from_secs(1))), None);
    let (_, text) = reason(&limited(Duration::from_mins(1))).unwrap();
    assert!(text.contains("nothing is sent for another 60 s"), "{text}");
}

#[test]
fn a_pause_is_told_also_when_it_ends_by_itself() {
    let until_ms = Some(served().now_ms + 1000);
    let pause = Pause { by: "sari".into(), reason: String::new(), since_ms: 0, until_ms };
    assert_eq!(name(&Status { pause: Some(pause), ..served() }), Some("paused"));
}

#[test]
fn jobs_of_a_later_time_are_told_once_nothing_else_is_left() {
    let later = Status { scheduled: 2, ..served() };
    assert_eq!(name(&later), Some("later"));
    assert_eq!(name(&Status { scheduled_soon: 1, ..later.clone() }), None, "a retry");
    assert_eq!(name(&Status { running: 1, ..later.clone() }), None);
    assert_eq!(name(&Status { waiting: [0, 0, 1], ..later.clone() }), None);
    assert_eq!(name(&Status { inbox: 1, ..later }), None);
}

#[test]
fn a_reason_is_said_at_once_again_each_minute_and_when_it_changes() {
    let mut told = Told::default();
    assert!(told.is_news("a") && !told.is_news("a"));
    assert!(told.is_news("b") && told.is_news("a"));
    assert!(!told.is_news("") && !told.is_news("a"), "it came and went");
    told.0.as_mut().unwrap().1 = Instant::now().checked_sub(SAID_EACH).unwrap();
    assert!(told.is_news("a") && !told.is_news(""));
}
