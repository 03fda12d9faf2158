//! What the ledger proves: the most requests in any window, 429s, invoices per bill.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Instant, Instants, Ledger, Totals};
use crate::book::Payable;
use crate::clock::micros;

/// The findings over everything that arrived so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The length of the windows that were examined.
    pub window_ms: u64,
    /// The most requests that any half-open window `(t, t + W]` held, all accounts together.
    pub most_in_any_window: u64,
    /// What was counted since the start.
    #[serde(flatten)]
    pub totals: Totals,
    /// The same for each account.
    pub accounts: BTreeMap<Arc<str>, AccountSummary>,
    /// How many invoices were made.
    pub created: u64,
    /// Payable invoices per external id.
    pub payable: Payable,
    /// Whether the ledger has forgotten arrivals, so that windows were examined in part only.
    pub truncated: bool,
}

/// The findings for one account, over the arrivals that the ledger still holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// How many requests arrived.
    pub requests: u64,
    /// The most requests that any half-open window held.
    pub most_in_any_window: u64,
    /// How many of them were answered 429.
    pub count_429: u64,
}

impl Ledger {
    /// Sums up the arrivals. Takes time in proportion to their number, and does not hold the ledger
    /// meanwhile.
    pub(crate) fn summarize(&self, window: Duration, created: u64, payable: Payable) -> Summary {
        let Instants { of_arrivals: mut instants, totals, truncated } = self.instants();
        instants.sort_unstable_by_key(|instant| instant.arrived_us);
        let window_us = micros(window);
        let mut accounts: BTreeMap<Arc<str>, (AccountSummary, Vec<u64>)> = BTreeMap::new();
        let mut all_us = Vec::with_capacity(instants.len());
        for Instant { arrived_us, account, is_429 } in instants {
            all_us.push(arrived_us);
            if let Some(account) = account {
                let (summary, times) = accounts.entry(account).or_default();
                summary.requests += 1;
                summary.count_429 += u64::from(is_429);
                times.push(arrived_us);
            }
        }
        let accounts = accounts
            .into_iter()
            .map(|(account, (summary, times))| {
                let most_in_any_window = most_in_any_window(&times, window_us);
                (account, AccountSummary { most_in_any_window, ..summary })
            })
            .collect();
        Summary {
            window_ms: window_us / 1_000,
            most_in_any_window: most_in_any_window(&all_us, window_us),
            totals,
            accounts,
            created,
            payable,
            truncated,
        }
    }
}

/// Returns the most arrivals that any half-open window `(t, t + W]` holds. `sorted_us` must ascend.
///
/// Two arrivals exactly one window apart never share a window.
pub fn most_in_any_window(sorted_us: &[u64], window_us: u64) -> u64 {
    let mut most = 0;
    let mut first = 0;
    for (last, at_us) in sorted_us.iter().enumerate() {
        while sorted_us.get(first).is_some_and(|us| us.saturating_add(window_us) <= *at_us) {
            first += 1;
        }
        most = most.max((last + 1).saturating_sub(first));
    }
    u64::try_from(most).unwrap_or(u64::MAX)
}
