//! What people and heartbeats do.

use antre_core::state::{NextRequest, State};
use antre_model::machine::{CRASHES_MAX, Event, OWN_FAILURES_MAX, Reply};

use super::{Model, ms};

/// What a heartbeat does to one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    Renewed,
    Lost,
}

impl Model {
    pub(crate) fn cancel(&mut self, id: &str) -> Reply {
        let Some(state) = self.records.get(id).map(|record| record.job.state) else {
            return Reply::Impossible;
        };
        // A person's is the last word.
        let is_cancelled = state != State::Cancelled
            && self.cancel_for(id, "18446744073709551615-0", false) == "cancelled";
        match state {
            _ if is_cancelled => Reply::Cancelled,
            state if state.is_ended() => Reply::Ended,
            _ => Reply::TooLate,
        }
    }

    pub(crate) fn retry(&mut self, id: &str) -> Reply {
        match self.records.get(id) {
            None => Reply::Impossible,
            Some(record) if record.duplicate_of.is_some() => Reply::NotDead,
            // It never became a job of its own.
            Some(record) if record.origin.is_none() && record.job.state == State::Dead => {
                Reply::Unchangeable
            }
            Some(_) => self.apply(self.clock, id, &Event::Retry, ("", "")),
        }
    }

    pub(crate) fn recheck_all(&mut self, new_for_ms: u64) {
        let now = self.clock;
        self.recheck_from(now, None, now.unix_ms() + new_for_ms);
    }

    /// Leaves every look-up that is not running one try, and the first of them one loss. Returns the jobs.
    pub(crate) fn tire_look_ups(&mut self) -> Vec<String> {
        let mut tired = Vec::new();
        for (id, record) in &mut self.records {
            let job = &mut record.job;
            let is_living = matches!(job.state, State::Waiting | State::Scheduled);
            if is_living && job.request == NextRequest::LookUp && record.duplicate_of.is_none() {
                job.own_failures = OWN_FAILURES_MAX - 1;
                job.lookup_failed_at = Some(0);
                if tired.is_empty() {
                    job.crashes = CRASHES_MAX;
                }
                tired.push(id.clone());
            }
        }
        tired
    }

    /// Returns whether it was dead.
    pub(crate) fn discard(&mut self, id: &str) -> bool {
        let is_dead = self
            .records
            .get(id)
            .is_some_and(|record| record.job.state == State::Dead && record.duplicate_of.is_none());
        if is_dead {
            self.records.remove(id);
        }
        is_dead
    }

    pub(crate) fn renew(&mut self, id: &str, claim_token: &str) -> Renewed {
        let lease_end_ms = self.clock.unix_ms() + ms(self.rules.lease);
        if let Some(follow_up) = self.follow_ups.get_mut(id) {
            if follow_up.claim_token.as_deref() == Some(claim_token) {
                follow_up.due_ms = lease_end_ms;
                return Renewed::Renewed;
            }
            return Renewed::Lost;
        }
        match self.records.get_mut(id) {
            Some(record) if record.claim_token.as_deref() == Some(claim_token) => {
                record.job.due_ms = lease_end_ms;
                Renewed::Renewed
            }
            _ => Renewed::Lost,
        }
    }
}
