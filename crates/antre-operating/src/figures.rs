//! The figures of one account or several, as billing applications read them.

use antre_store::status::Status;
use serde::Serialize;

use crate::estimate::estimated_wait;

/// The figures of one account or several, as JSON has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Submitted, waiting, or to be sent within the hour.
    pub pending: u64,
    /// Requests running now.
    pub processing: u64,
    /// Done jobs that are kept.
    pub completed: u64,
    /// Dead jobs that are kept.
    pub failed: u64,
    /// Done jobs since the beginning.
    pub total_processed: u64,
    /// Dead jobs since the beginning.
    pub total_failed: u64,
    /// Whether requests run, or would if the pace let them.
    pub is_processing: bool,
    /// Seconds, rounded up, until a normal job submitted now is sent; of several accounts the longest. Absent while
    /// that is unknown for one of them.
    pub estimated_wait_time: Option<u64>,
}

impl From<&Status> for Figures {
    fn from(status: &Status) -> Self {
        let ready = status.inbox + status.waiting_total();
        let is_held = status.pause.is_some() || status.breaker.is_some();
        Self {
            pending: ready + status.scheduled_soon,
            processing: status.running,
            completed: status.done,
            failed: status.dead,
            total_processed: status.totals.done,
            total_failed: status.totals.dead,
            is_processing: status.running > 0 || (ready > 0 && !is_held),
            estimated_wait_time: estimated_wait(status),
        }
    }
}

impl Figures {
    /// Returns the figures of all accounts together.
    pub fn of_all<'a>(statuses: impl IntoIterator<Item = &'a Status>) -> Self {
        let none = Self { estimated_wait_time: Some(0), ..Self::default() };
        statuses.into_iter().map(Self::from).fold(none, |sum, one| sum.plus(&one))
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            pending: self.pending + other.pending,
            processing: self.processing + other.processing,
            completed: self.completed + other.completed,
            failed: self.failed + other.failed,
            total_processed: self.total_processed + other.total_processed,
            total_failed: self.total_failed + other.total_failed,
            is_processing: self.is_processing || other.is_processing,
            estimated_wait_time: self
                .estimated_wait_time
                .zip(other.estimated_wait_time)
                .map(|(one, other)| one.max(other)),
        }
    }
}
