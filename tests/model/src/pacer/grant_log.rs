//! The grants that windows are counted with.

use std::collections::BTreeSet;

use super::Moment;
use antre_core::limit::Limits;

const ENTRIES_MIN: usize = 1000;

/// The latest instants at which granted requests could leave, by time; bounded.
#[derive(Clone, Debug)]
pub(super) struct GrantLog {
    // Ties are ordered by name, as a sorted set orders them.
    entries: BTreeSet<(Moment, String)>,
    entries_max: usize,
}

impl GrantLog {
    /// Returns a log that never forgets a grant which a limit still counts.
    pub(super) fn new(limits: &Limits) -> Self {
        let largest = limits.iter().map(|limit| limit.requests()).max().unwrap_or_default();
        let entries_max = usize::try_from(largest).unwrap_or(usize::MAX).max(ENTRIES_MIN);
        Self { entries: BTreeSet::new(), entries_max }
    }

    pub(super) fn add(&mut self, latest_send: Moment, id: &str) {
        self.entries.insert((latest_send, id.to_owned()));
        while self.entries.len() > self.entries_max {
            self.entries.pop_first();
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<Moment> {
        self.entries.iter().rev().find(|(_, known)| known == id).map(|(instant, _)| *instant)
    }

    pub(super) fn remove(&mut self, latest_send: Moment, id: &str) {
        self.entries.remove(&(latest_send, id.to_owned()));
    }

    /// Returns the instant of the `nth` last grant, from 1.
    pub(super) fn nth_last(&self, nth: u32) -> Option<Moment> {
        let skipped = usize::try_from(nth).ok()?.checked_sub(1)?;
        self.entries.iter().rev().nth(skipped).map(|(instant, _)| *instant)
    }

    /// Returns how many grants lie in (`after`, `until`].
    pub(super) fn count(&self, after: Moment, until: Moment) -> usize {
        self.entries.iter().filter(|(instant, _)| *instant > after && *instant <= until).count()
    }

    /// Makes every instant after `latest_send` to that.
    pub(super) fn rebase(&mut self, latest_send: Moment) {
        self.entries = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|(instant, id)| (instant.min(latest_send), id))
            .collect();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Moment, &str)> {
        self.entries.iter().map(|(instant, id)| (*instant, id.as_str()))
    }
}
