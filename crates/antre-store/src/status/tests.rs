use super::*;
use crate::lease::Heartbeat;

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
    status.obstacles().iter().map(|obstacle| obstacle.code).collect()
}

#[test]
fn a_served_account_has_no_obstacle() {
    assert_eq!(codes(&served(Heartbeat::default())), [""; 0]);
    assert!(!served(Heartbeat::default()).is_standstill());
}

#[test]
fn a_pause_comes_first_and_only_one_without_an_end_makes_estimates_a_guess() {
    let breaker =
        Breaker { reason: "http_502".to_owned(), since_ms: NOW_MS, is_for_creates: false };
    let status =
        Status { pause: Some(pause(None)), breaker: Some(breaker), ..served(Heartbeat::default()) };
    assert_eq!(codes(&status), ["paused", "breaker_open"]);
    assert_eq!(status.obstacles()[0].text, "paused by ops until antre resume: prices");
    let timed = Status { pause: Some(pause(Some(NOW_MS + 2_500))), ..served(Heartbeat::default()) };
    assert_eq!(timed.obstacles()[0].text, "paused by ops for another 3 s: prices");
    assert!(status.is_standstill() && !timed.is_standstill());
}

#[test]
fn a_worker_that_lives_and_does_not_serve_says_why() {
    let trouble = Some("redis refuses writes: it is full".to_owned());
    let status = served(Heartbeat { trouble, ..Heartbeat::default() });
    assert_eq!(codes(&status), ["worker_trouble"]);
    let [obstacle] = status.obstacles().try_into().unwrap();
    assert_eq!(
        obstacle.text,
        "worker billing-1 does not serve this account: redis refuses writes: it is full"
    );
    assert!(obstacle.is_standstill && obstacle.is_fault);
    let mut two = status;
    two.workers.insert("billing-2".to_owned(), seen(0, Heartbeat::default()));
    assert!(!two.is_standstill());
}

#[test]
fn no_worker_and_no_connection_are_told_with_what_to_do() {
    assert_eq!(codes(&Status { now_ms: NOW_MS, ..Status::default() }), ["no_worker"]);
    let late = Status { now_ms: NOW_MS + 20_000, ..served(Heartbeat::default()) };
    assert_eq!(late.obstacles()[0].since_ms, Some(NOW_MS));
    let connected = |is_connected| Heartbeat { is_connected, ..Heartbeat::default() };
    assert_eq!(codes(&served(connected(Some(false)))), ["no_connection"]);
    assert_eq!(codes(&served(connected(Some(true)))), [""; 0]);
}

#[test]
fn a_missing_replica_is_told_sooner_than_a_redis_that_is_far() {
    let status = |is_unreplicated: bool, idle_ms: u64| Status {
        now_ms: 1_000_000,
        waiting: [0, 1, 0],
        oldest_ready_us: (1_000_000 - idle_ms) * 1_000,
        unused: Some(UnusedGrant { at_ms: 999_500, is_unreplicated }),
        ..Status::default()
    };
    assert!(status(true, 3_500).unused_for_long().is_some());
    assert!(status(true, 2_500).unused_for_long().is_none());
    assert!(status(false, 3_500).unused_for_long().is_none());
    assert!(status(false, 31_000).unused_for_long().is_some());
}

#[test]
fn a_quota_that_is_used_up_for_a_moment_is_no_reason() {
    let limited = |wait_reason: WaitReason, wait_ms: u64| {
        let wait = Duration::from_millis(wait_ms);
        let status = Status { wait, wait_reason, ..Status::default() };
        status.obstacles().iter().any(|it| it.code == wait_reason.as_str())
    };
    assert!(!limited(WaitReason::Quota, 1_900) && limited(WaitReason::Quota, 2_100));
    assert!(limited(WaitReason::Limited, 100));
}

/// Returns which of two workers with HTTP report, whose last signs of life are so long ago.
fn reporters(ago_ms: [u64; 2]) -> Vec<&'static str> {
    let names = ["billing-1", "billing-2"];
    let beat = |ago_ms| seen(ago_ms, Heartbeat { has_http: true, ..Heartbeat::default() });
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

fn fields(list: &[(&str, &str)]) -> HashMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_a_worker_says_is_what_others_read_and_redis_adds_when() {
    let said = Heartbeat {
        version: Some("0.1.0".into()),
        running: Some(2),
        concurrency: Some(5),
        uptime_s: Some(90),
        answer_awaited_ms: 3_000,
        is_connected: Some(false),
        has_http: true,
        trouble: Some("redis is full".to_owned()),
    };
    let json = serde_json::to_string(&said).unwrap();
    let stored = format!(r#"{{"seen_ms":{NOW_MS},{}"#, json.trim_start_matches('{'));
    let read =
        workers::decode(fields(&[("w", &stored), ("x", r#"{"seen_ms":7,"new":1}"#), ("y", "?")]));
    assert_eq!(read["w"], WorkerSeen { seen_ms: NOW_MS, said });
    assert_eq!(read["x"], WorkerSeen { seen_ms: 7, said: Heartbeat::default() }, "another version");
    assert_eq!(read["y"], WorkerSeen::default(), "another program");
}

#[test]
fn a_worker_is_silent_after_fifteen_seconds() {
    assert!(seen(15_000, Heartbeat::default()).is_live(NOW_MS));
    assert!(!seen(15_001, Heartbeat::default()).is_live(NOW_MS));
    assert!(!WorkerSeen::default().is_live(NOW_MS));
}

#[test]
fn counters_have_names_and_what_this_version_does_not_know_is_kept_beside_them() {
    let totals =
        Totals::decode(fields(&[("done", "7"), ("ready_us", "9"), ("dead", "x"), ("new", "1")]));
    assert_eq!((totals.done, totals.dead, totals.accepted), (7, 0, 0));
    assert_eq!(totals.others, BTreeMap::from([("new".to_owned(), 1), ("ready_us".to_owned(), 9)]));
    let named: Vec<&str> = totals.iter().map(|(name, _count)| name).collect();
    assert_eq!(named, Totals::NAMES);
}

#[test]
fn the_limits_in_force_are_those_that_a_worker_wrote() {
    assert_eq!(reply::in_force(&fields(&[])), None, "nobody ever served it");
    let in_force = |limits| reply::in_force(&fields(&[("limits", limits)])).unwrap();
    assert_eq!(in_force("2:1000000,60:60000000").limits, Some("2/1s,60/1m".parse().unwrap()));
    for unreadable in ["", "2", "0:1000000", "2:1000000,x", "2:1"] {
        assert_eq!(in_force(unreadable).limits, None, "{unreadable}");
    }
    assert!(!in_force("2:1000000").is_replicated);
    assert!(reply::in_force(&fields(&[("replicated", "1")])).unwrap().is_replicated);
}

#[test]
fn an_account_is_read_from_its_figures_and_its_pacer() {
    let figures =
        fields(&[("now_ms", "5000"), ("wait_us", "20"), ("wait_reason", "quota"), ("high", "1")]);
    let pacer = fields(&[
        ("unused_reason", "unreplicated"),
        ("unused_at_ms", "4"),
        ("breaker", "http_502"),
    ]);
    let status = reply::account(&figures, &pacer);
    assert_eq!((status.wait_reason, status.waiting), (WaitReason::Quota, [1, 0, 0]));
    assert_eq!(status.unused, Some(UnusedGrant { at_ms: 4, is_unreplicated: true }));
    assert_eq!(status.breaker.unwrap().reason, "http_502");
    let strange = fields(&[("wait_reason", "of another version")]);
    assert_eq!(reply::account(&strange, &fields(&[])).wait_reason, WaitReason::Pause);
    let owner =
        reply::owner(&fields(&[("mode", "test"), ("key:b", "1"), ("key:a", "1"), ("sent", "")]));
    assert_eq!((owner.mode, owner.may_have_sent), (Some(Mode::Test), false));
    assert_eq!(owner.keys, ["a", "b"]);
}
