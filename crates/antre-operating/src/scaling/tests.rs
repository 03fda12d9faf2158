use antre_store::status::{InForce, WorkerSeen};

use super::*;

fn limited_to(limits: &str) -> Status {
    let in_force = InForce { limits: Some(limits.parse().unwrap()), ..InForce::default() };
    Status { in_force: Some(in_force), ..Status::default() }
}

fn useful(limits: &str, request_time: Option<(u64, usize)>) -> u64 {
    let request_time =
        request_time.map(|(p95_ms, concurrency)| RequestTime { p95_ms, concurrency });
    let status = limited_to(limits);
    Scaling::of_all([AccountLoad { status: &status, request_time }]).useful_workers
}

#[test]
fn two_workers_are_of_use_where_one_would_do() {
    assert_eq!(useful("2/1s", Some((300, 5))), 2);
    assert_eq!(useful("2/1s", Some((0, 5))), 2);
    assert_eq!(Scaling::of_all([]).useful_workers, 2);
}

#[test]
fn so_many_are_of_use_as_have_places_for_all_requests_under_way() {
    // 20 a second for 2 s each: 40 under way, 5 a worker.
    assert_eq!(useful("20/1s", Some((2_000, 5))), 8);
    assert_eq!(useful("20/1s", Some((2_001, 5))), 9);
    assert_eq!(useful("20/1s", Some((2_000, 40))), 2);
    assert_eq!(useful("600/1m", Some((2_000, 5))), 4);
}

#[test]
fn the_first_limit_sets_the_pace() {
    assert_eq!(useful("20/1s,60/1m", Some((2_000, 5))), 8);
}

#[test]
fn without_a_measurement_a_request_takes_a_second_in_five_places() {
    assert_eq!(useful("20/1s", None), 4);
}

#[test]
fn an_account_that_no_worker_ever_served_can_use_two() {
    let status = Status::default();
    let scaling = Scaling::of_all([AccountLoad { status: &status, request_time: None }]);
    assert_eq!((scaling.useful_workers, scaling.estimated_wait_s), (2, None));
}

#[test]
fn values_that_no_worker_writes_are_no_fault() {
    assert_eq!(useful("2/1s", Some((u64::MAX, 0))), 36_893_488_147_419_104);
}

#[test]
fn the_backlog_makes_no_more_workers_useful() {
    let status = Status { inbox: 1_000_000, waiting: [5, 6, 7], ..limited_to("2/1s") };
    let scaling = Scaling::of_all([AccountLoad { status: &status, request_time: None }]);
    assert_eq!((scaling.useful_workers, scaling.waiting), (2, 1_000_018));
}

#[test]
fn a_worker_is_needed_for_more_than_what_waits() {
    let of = |status: Status| {
        let scaling = Scaling::of_all([AccountLoad { status: &status, request_time: None }]);
        (scaling.waiting, scaling.unfinished)
    };
    assert_eq!(of(Status { inbox: 1, ..Status::default() }), (1, 1));
    assert_eq!(of(Status { running: 2, ..Status::default() }), (0, 2));
    assert_eq!(of(Status { scheduled_soon: 3, scheduled: 9, ..Status::default() }), (0, 3));
    assert_eq!(of(Status { follow_ups: 4, ..Status::default() }), (0, 4));
    assert_eq!(of(Status { done: 5, dead: 6, ..Status::default() }), (0, 0));
}

#[test]
fn of_several_accounts_the_largest_number_counts_and_what_waits_adds_up() {
    let live = WorkerSeen { seen_ms: 1_000_000, ..WorkerSeen::default() };
    let status = |limits: &str, waiting| Status {
        now_ms: 1_000_000,
        sent_us: 1_000_000_000,
        waiting: [0, waiting, 0],
        interval: Duration::from_secs(1),
        workers: [("w".to_owned(), live.clone())].into(),
        ..limited_to(limits)
    };
    let slow = Some(RequestTime { p95_ms: 2_000, concurrency: 5 });
    let (one, other) = (status("20/1s", 3), status("10/1s", 4));
    let loads = [&one, &other].map(|status| AccountLoad { status, request_time: slow });
    let expected =
        Scaling { useful_workers: 8, waiting: 7, unfinished: 7, estimated_wait_s: Some(4) };
    assert_eq!(Scaling::of_all(loads), expected);
    let unknown = Status { workers: [].into(), ..other.clone() };
    let loads = [&one, &unknown].map(|status| AccountLoad { status, request_time: slow });
    assert_eq!(Scaling::of_all(loads).estimated_wait_s, None);
}
