use super::*;

const NOW_MS: u64 = 1_795_413_600_000;

fn served(heartbeat: &str) -> Status {
    let heartbeat = format!(r#"{{"seen_ms":{NOW_MS}{heartbeat}}}"#);
    let workers = HashMap::from([("billing-1".to_owned(), heartbeat)]);
    Status { now_ms: NOW_MS, workers, ..Status::default() }
}

fn pause(until_ms: Option<u64>) -> Pause {
    Pause { by: "ops".to_owned(), reason: "prices".to_owned(), since_ms: NOW_MS - 1, until_ms }
}

fn codes(status: &Status) -> Vec<&'static str> {
    status.obstacles().iter().map(|obstacle| obstacle.code).collect()
}

#[test]
fn a_served_account_has_no_obstacle() {
    assert_eq!(codes(&served("")), [""; 0]);
    assert!(!served("").is_standstill());
}

#[test]
fn a_pause_comes_first_and_only_one_without_an_end_makes_estimates_a_guess() {
    let breaker =
        Breaker { reason: "http_502".to_owned(), since_ms: NOW_MS, is_for_creates: false };
    let status = Status { pause: Some(pause(None)), breaker: Some(breaker), ..served("") };
    assert_eq!(codes(&status), ["paused", "breaker_open"]);
    assert_eq!(status.obstacles()[0].text, "paused by ops until antre resume: prices");
    let timed = Status { pause: Some(pause(Some(NOW_MS + 2_500))), ..served("") };
    assert_eq!(timed.obstacles()[0].text, "paused by ops for another 3 s: prices");
    assert!(status.is_standstill() && !timed.is_standstill());
}

#[test]
fn a_worker_that_lives_and_does_not_serve_says_why() {
    let status = served(r#","trouble":"redis refuses writes: it is full""#);
    assert_eq!(codes(&status), ["worker_trouble"]);
    let [obstacle] = status.obstacles().try_into().unwrap();
    assert_eq!(
        obstacle.text,
        "worker billing-1 does not serve this account: redis refuses writes: it is full"
    );
    assert!(obstacle.is_standstill && obstacle.is_fault);
    let mut two = status;
    two.workers.insert("billing-2".to_owned(), format!(r#"{{"seen_ms":{NOW_MS}}}"#));
    assert!(!two.is_standstill());
}

#[test]
fn no_worker_and_no_connection_are_told_with_what_to_do() {
    assert_eq!(codes(&Status { now_ms: NOW_MS, ..Status::default() }), ["no_worker"]);
    let late = Status { now_ms: NOW_MS + 20_000, ..served("") };
    assert_eq!(late.obstacles()[0].since_ms, Some(NOW_MS));
    assert_eq!(codes(&served(r#","is_connected":false"#)), ["no_connection"]);
    assert_eq!(codes(&served(r#","is_connected":true"#)), [""; 0]);
}

#[test]
fn a_missing_replica_is_told_sooner_than_a_redis_that_is_far() {
    let status = |reason: &str, idle_ms: u64| Status {
        now_ms: 1_000_000,
        waiting: [0, 1, 0],
        oldest_ready_us: (1_000_000 - idle_ms) * 1_000,
        unused: Some(UnusedGrant { at_ms: 999_500, reason: reason.to_owned() }),
        ..Status::default()
    };
    assert!(status("unreplicated", 3_500).unused_for_long().is_some());
    assert!(status("unreplicated", 2_500).unused_for_long().is_none());
    assert!(status("void", 3_500).unused_for_long().is_none());
    assert!(status("void", 31_000).unused_for_long().is_some());
}

#[test]
fn a_quota_that_is_used_up_for_a_moment_is_no_reason() {
    let limited = |reason: &str, wait_ms: u64| {
        let wait = Duration::from_millis(wait_ms);
        let status = Status { wait, wait_reason: reason.to_owned(), ..Status::default() };
        status.obstacles().iter().any(|it| it.code == reason)
    };
    assert!(!limited("quota", 1_900) && limited("quota", 2_100));
    assert!(limited("limited", 100));
}

/// Returns which of two workers with HTTP report, whose last signs of life are so long ago.
fn reporters(ago_ms: [u64; 2]) -> Vec<&'static str> {
    let names = ["billing-1", "billing-2"];
    let beat = |ago_ms: u64| format!(r#"{{"seen_ms":{},"has_http":true}}"#, NOW_MS - ago_ms);
    let workers = names.into_iter().zip(ago_ms);
    let workers = workers.map(|(name, ago_ms)| (name.to_owned(), beat(ago_ms))).collect();
    let status = Status { now_ms: NOW_MS, workers, ..Status::default() };
    names.into_iter().filter(|name| status.is_reporter(name)).collect()
}

#[test]
fn one_worker_reports_for_the_fleet_and_a_silent_one_soon_leaves_it_to_another() {
    assert_eq!(reporters([0, 0]), ["billing-1"]);
    assert_eq!(reporters([4_000, 0]), ["billing-1"]);
    assert_eq!(reporters([0, 9_000]), ["billing-1"]);
    assert!(reporters([7_000, 0]).contains(&"billing-2"));
}

#[test]
fn while_redis_takes_no_signs_of_life_still_one_worker_reports() {
    assert_eq!(reporters([60_000, 58_000]), ["billing-1"]);
}
