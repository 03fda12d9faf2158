//! No window holds more requests than the limit, measured where requests arrive.

use std::collections::BTreeSet;

use xendit_sim::{Arrival, most_in_any_window};

use super::{Promise, Rules, Violation};

pub(super) fn check(rules: &Rules, arrivals: &[Arrival]) -> Vec<Violation> {
    let accounts: BTreeSet<&str> = arrivals.iter().filter_map(|it| it.account.as_deref()).collect();
    let of_account = |account| of_account(rules, arrivals, account);
    accounts.into_iter().flat_map(of_account).collect()
}

/// Each account of the simulator has limits of its own.
fn of_account(rules: &Rules, arrivals: &[Arrival], account: &str) -> Vec<Violation> {
    let is_blurred = |us: u64| rules.blurs.iter().any(|blur| blur.contains(&us));
    let mut instants: Vec<u64> = arrivals
        .iter()
        .filter(|arrival| arrival.account.as_deref() == Some(account))
        .map(|arrival| arrival.arrived_us)
        .filter(|us| !is_blurred(*us))
        .collect();
    instants.sort_unstable();
    let mut found = Vec::new();
    for limit in &rules.limits {
        let window_us = u64::try_from(limit.window.as_micros()).unwrap_or(u64::MAX);
        if most_in_any_window(&instants, window_us) > u64::from(limit.requests) {
            found.extend(full_windows(&instants, window_us, u64::from(limit.requests)));
        }
    }
    found
}

/// Returns the windows that hold too many; of those that overlap, the first.
fn full_windows(instants: &[u64], window_us: u64, limit: u64) -> Vec<Violation> {
    let mut found = Vec::new();
    let (mut first, mut reported_us) = (0, 0);
    for (last, &at_us) in instants.iter().enumerate() {
        while instants.get(first).is_some_and(|us| us + window_us <= at_us) {
            first += 1;
        }
        let held = u64::try_from(last + 1 - first).unwrap_or(u64::MAX);
        if held > limit && at_us >= reported_us {
            let detail = format!("{held} requests in {} ms, at most {limit}", window_us / 1_000);
            found.push(Violation::new(Promise::WithinLimits, detail, Some(at_us)));
            reported_us = at_us + window_us;
        }
    }
    found
}
