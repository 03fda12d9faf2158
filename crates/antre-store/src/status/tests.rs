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
