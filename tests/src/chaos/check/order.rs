//! Important first, then in order of acceptance; jobs that had to be tried again are left out.

use std::collections::HashMap;

use xendit_sim::{Arrival, RequestKind};

use super::records::{Record, Records};
use super::{Promise, Rules, Violation};

/// What workers were started with.
const HEAD_START_US: [(&str, i64); 3] =
    [("high", 48 * 3600 * 1_000_000), ("normal", 24 * 3600 * 1_000_000), ("low", 0)];
const FOUND_MAX: usize = 100;

struct Claimed<'a> {
    external_id: &'a str,
    /// When it became ready.
    ready_us: i64,
    /// Its place: what is smaller goes first.
    effective_us: i64,
    /// When a worker took it.
    taken_us: i64,
}

pub(super) fn check(rules: &Rules, records: &Records, arrivals: &[Arrival]) -> Vec<Violation> {
    let mut requests: HashMap<&str, Vec<RequestKind>> = HashMap::new();
    for arrival in arrivals {
        if let Some(external_id) = arrival.external_id.as_deref() {
            requests.entry(external_id).or_default().push(arrival.kind);
        }
    }
    let is_smooth = |record: &Record| {
        let kinds = requests.get(record.text("external_id")).map(Vec::as_slice);
        kinds == Some(&[RequestKind::Create])
            && ["tries", "limited"].iter().all(|field| record.number(field) == 0)
            && record.number("creates") == 1
    };
    let mut jobs: Vec<Claimed<'_>> = records
        .present()
        .filter(|(_, record)| record.is("done") && !record.is_duplicate() && is_smooth(record))
        .map(|(_, record)| claimed(record))
        .collect();
    jobs.sort_unstable_by_key(|job| job.taken_us);
    inversions(&jobs, i64::try_from(rules.overtaking_max.as_micros()).unwrap_or(i64::MAX))
}

fn claimed(record: &Record) -> Claimed<'_> {
    let number = |field: &str| i64::try_from(record.number(field)).unwrap_or(i64::MAX);
    let priority = record.text("priority");
    let head_start = HEAD_START_US.iter().find(|(name, _)| *name == priority);
    // A job that was lifted or wished for a later time is ready when that was so.
    let ready_us = number("ready_us").max(number("accepted_at") * 1_000);
    Claimed {
        external_id: record.text("external_id"),
        ready_us,
        effective_us: number("ready_us") - head_start.map_or(0, |(_, us)| *us),
        taken_us: number("claimed_at") * 1_000,
    }
}

/// Returns jobs that were ready in time and more important, and yet claimed later by more than `slack_us`.
fn inversions(jobs: &[Claimed<'_>], slack_us: i64) -> Vec<Violation> {
    let mut found = Vec::new();
    for (place, late) in jobs.iter().enumerate() {
        let earlier = jobs.iter().take(place).rev();
        let overtaker = earlier
            .skip_while(|job| job.taken_us > late.taken_us - slack_us)
            .take_while(|job| job.taken_us > late.ready_us + slack_us)
            .find(|job| job.effective_us > late.effective_us);
        if let Some(overtaker) = overtaker {
            let by_ms = (late.taken_us - overtaker.taken_us) / 1_000;
            let detail = format!(
                "{} went {by_ms} ms before {}, which was ready and more important",
                overtaker.external_id, late.external_id
            );
            found.push(Violation::new(Promise::InOrder, detail, None));
        }
        if found.len() >= FOUND_MAX {
            break;
        }
    }
    found
}
