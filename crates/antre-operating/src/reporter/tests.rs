use antre_store::status::{Heartbeat, WorkerSeen};

use super::*;

const NOW_MS: u64 = 1_795_413_600_000;

fn seen(ago_ms: u64, said: Heartbeat) -> WorkerSeen {
    WorkerSeen { seen_ms: NOW_MS - ago_ms, said }
}

/// Returns which of two workers with HTTP report, whose last signs of life are so long ago.
fn reporters(ago_ms: [u64; 2]) -> Vec<&'static str> {
    let names = ["billing-1", "billing-2"];
    let beat = |ago_ms| seen(ago_ms, Heartbeat { has_http: true, ..Heartbeat::default() });
    let workers = names.into_iter().zip(ago_ms);
    let workers = workers.map(|(name, ago_ms)| (name.to_owned(), beat(ago_ms))).collect();
    let status = Status { now_ms: NOW_MS, workers, ..Status::default() };
    names.into_iter().filter(|name| is_reporter(&status, name)).collect()
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
