use antre_store::claim::WaitReason;
use antre_store::lease::Heartbeat;
use antre_store::status::{Breaker, CallerCounts, InForce, Pause, Status, WorkerSeen};

use super::*;

const NOW_MS: u64 = 1_795_413_600_000;

fn status() -> Status {
    let said = Heartbeat {
        version: Some("0.1.0".into()),
        running: Some(2),
        concurrency: Some(5),
        uptime_s: Some(90),
        ..Heartbeat::default()
    };
    let worker = WorkerSeen { seen_ms: NOW_MS - 3_000, said };
    let limits = Some("2/1s".parse().unwrap());
    Status {
        now_ms: NOW_MS,
        inbox: 4,
        waiting: [1, 10, 100],
        running: 2,
        dead: 3,
        ahead: [1, 5],
        interval: Duration::from_millis(500),
        wait: Duration::from_millis(300),
        wait_reason: WaitReason::Pace,
        in_force: Some(InForce { limits, ..InForce::default() }),
        workers: [("billing-1".to_owned(), worker)].into(),
        ..Status::default()
    }
}

fn drawn(status: &Status) -> String {
    page::draw(&[StatusView::of(&AccountName::default(), status, None)])
}

#[test]
fn a_pause_stands_first_with_who_when_and_why() {
    let pause = Pause {
        by: "ops".to_owned(),
        reason: "wrong prices".to_owned(),
        since_ms: NOW_MS - 120_000,
        until_ms: None,
    };
    let page = drawn(&Status { pause: Some(pause), ..status() });
    let second = page.lines().nth(1).unwrap();
    assert_eq!(
        second,
        "  PAUSED since 2026-11-23T05:58:00Z (2m ago): paused by ops until antre resume: wrong prices"
    );
    // What would be a promise is not made.
    assert!(page.contains("  wait       unknown while nothing is sent"), "{page}");
    assert!(!page.contains("the next in"), "{page}");
}

#[test]
fn an_open_breaker_and_missing_workers_are_told_before_the_figures() {
    let breaker =
        Breaker { reason: "unreachable".to_owned(), since_ms: NOW_MS, is_for_creates: false };
    let page = drawn(&Status { breaker: Some(breaker), workers: [].into(), ..status() });
    let warnings: Vec<&str> = page.lines().skip(1).take(2).collect();
    assert!(warnings[0].starts_with("  BREAKER OPEN"), "{page}");
    assert!(warnings[1].starts_with("  NO WORKER"), "{page}");
}

#[test]
fn the_figures_and_workers_are_told() {
    let page = drawn(&status());
    for line in [
        "  inbox      4",
        "  waiting    111  (high 1, normal 10, low 100)",
        "  dead       3  (antre dead list)",
        "  pace       one request each 500ms, the next in 300ms (pace)",
        "  worker     billing-1  (seen 3s ago, 2 of 5 running, up 1m 30s)",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
}

#[test]
fn an_account_that_was_never_served_has_no_figures() {
    let page = drawn(&Status { now_ms: NOW_MS, ..Status::default() });
    assert!(page.contains("no worker has ever served this account"), "{page}");
    assert!(!page.contains("waiting"), "{page}");
}

#[test]
fn a_worker_that_said_nothing_for_long_is_silent() {
    let late = StatusView::of(
        &AccountName::default(),
        &Status { now_ms: NOW_MS + 40_000, ..status() },
        None,
    );
    assert!(late.workers[0].is_silent);
    assert_eq!(late.obstacles[0].code, "no_worker");
}

#[test]
fn the_json_keeps_its_shape() {
    let view = StatusView::of(&AccountName::default(), &status(), None);
    let json = serde_json::to_value(view).unwrap();
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    let promised = [
        "account",
        "breaker",
        "callers",
        "dead",
        "done",
        "estimated_wait_s",
        "follow_ups",
        "inbox",
        "is_known",
        "notices",
        "now_ms",
        "obstacles",
        "pace",
        "pause",
        "running",
        "scheduled",
        "strangers",
        "totals",
        "unused_grants",
        "waiting",
        "workers",
    ];
    assert_eq!(names, promised);
}

#[test]
fn callers_of_the_gateway_are_told_with_what_went_wrong() {
    let counts = |misnamed| CallerCounts { creates: 12, still_queued: 3, misnamed };
    let callers = [("shop".to_owned(), counts(0)), ("till".to_owned(), counts(2))].into();
    let status = Status { callers, ..status() };
    let page = page::draw(&[StatusView::of(&AccountName::default(), &status, None)]);
    assert!(page.contains("shop  (12 creates in the last hour, 3 told still queued)"), "{page}");
    assert!(page.contains("3 told still queued, 2 UNDER THE NAME OF ANOTHER BILL)"), "{page}");
}
