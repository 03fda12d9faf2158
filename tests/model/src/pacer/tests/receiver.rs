//! What the receiver of the requests sees, in time that never steps.

use std::time::Duration;

use crate::pacer::Moment;
use antre_core::limit::Limits;

/// The arrivals of all requests so far.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    arrivals: Vec<Moment>,
}

impl Receiver {
    pub(super) fn arrive(&mut self, at: Moment) {
        let place = self.arrivals.partition_point(|known| *known <= at);
        self.arrivals.insert(place, at);
    }

    /// Returns how many more requests than allowed the fullest half-open window held, over all limits.
    pub(super) fn excess(&self, limits: &Limits) -> usize {
        limits
            .iter()
            .map(|limit| self.most_within(limit.window()).saturating_sub(count(limit.requests())))
            .max()
            .unwrap_or_default()
    }

    fn most_within(&self, window: Duration) -> usize {
        let windows = self.arrivals.iter().enumerate().map(|(first, start)| {
            self.arrivals.partition_point(|at| *at < *start + window) - first
        });
        windows.max().unwrap_or_default()
    }
}

fn count(requests: u32) -> usize {
    usize::try_from(requests).unwrap()
}
