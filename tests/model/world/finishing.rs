//! What answers do beside moving the job.

use std::time::Duration;

use antre_protocol::{
    machine::{Event, Observation, Outcome, Reply},
    outcome::Quota,
};

use super::World;

/// An answer to a job's request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    /// The failure's code.
    pub(crate) code: String,
    /// What a 429 asks for.
    pub(crate) wait: Duration,
    pub(crate) quota: Quota,
    /// When the invoice expires, Unix milliseconds as a text.
    pub(crate) expires_at: String,
    /// Other invoices of the bill to expire.
    pub(crate) surplus: Vec<String>,
}

impl World {
    pub(crate) fn finish(
        &mut self,
        id: &str,
        fence: &str,
        external_id: &str,
        answer: &Answer,
    ) -> Reply {
        let now = self.clock;
        self.pacer.observe_quota(now, fence, answer.quota);
        if answer.outcome == Outcome::Limited {
            self.note_limited(answer.wait);
        }
        if !self.records.contains_key(id) {
            return self.finish_unknown(id, external_id, &answer.outcome, &answer.code);
        }
        let event = Event::Finish(answer.outcome.clone(), self.fence_shown(id, fence));
        let reply = self.apply(now, id, &event, &answer.code);
        if reply == Reply::Done {
            if let Some(bill) = self.bills.get_mut(external_id) {
                bill.expires_at.clone_from(&answer.expires_at);
            }
            for invoice in &answer.surplus {
                self.expire_surplus(now, id, external_id, invoice);
            }
        }
        reply
    }

    pub(super) fn note_limited(&mut self, wait: Duration) {
        if self.pacer.limited(self.clock, wait) {
            self.count("limited", 1);
        }
    }

    /// The job was discarded meanwhile.
    fn finish_unknown(
        &mut self,
        id: &str,
        external_id: &str,
        outcome: &Outcome,
        code: &str,
    ) -> Reply {
        let now = self.clock;
        if outcome.was_sent() {
            self.pacer.sent();
        }
        let change = self.breaker.observe(now, id, code, outcome.observation());
        self.note_change(change);
        if outcome.observation() != Observation::Created {
            return Reply::LeaseLost;
        }
        let Outcome::Created(invoice) = outcome else { unreachable!() };
        self.expire_surplus(now, id, external_id, invoice);
        Reply::Surplus
    }
}
