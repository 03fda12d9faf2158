//! What answers do beside moving the job.

use std::time::Duration;

use antre_core::{Quota, state::NextRequest};
use antre_model::machine::{Event, Outcome, Reply};

use super::Model;

/// A claim that is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted<'a> {
    pub(crate) id: &'a str,
    pub(crate) claim_token: &'a str,
    pub(crate) external_id: &'a str,
    pub(crate) worker: &'a str,
}

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

impl Model {
    pub(crate) fn finish(&mut self, grant: &Granted<'_>, answer: &Answer) -> Reply {
        let now = self.clock;
        let Granted { id, claim_token, external_id, worker } = *grant;
        self.pacer.observe_quota(now, claim_token, answer.quota);
        if !self.records.contains_key(id) {
            let reply = self.finish_unknown(grant, &answer.outcome, &answer.code);
            self.follow_limit(claim_token, answer.wait);
            return reply;
        }
        let event = Event::Finish(answer.outcome.clone(), self.token_shown(id, claim_token));
        let reply = self.apply(now, id, &event, (worker, &answer.code));
        self.follow_limit(claim_token, answer.wait);
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

    /// The fleet waits after a 429, unless only one worker gets them.
    pub(super) fn follow_limit(&mut self, claim_token: &str, wait: Duration) {
        let Some(worker) = self.limited.take() else { return };
        if self.pacer.limited(self.clock, (&worker, claim_token), wait) {
            self.count("limited", 1);
        }
    }

    /// The job was discarded meanwhile.
    fn finish_unknown(&mut self, grant: &Granted<'_>, outcome: &Outcome, code: &str) -> Reply {
        let now = self.clock;
        let Granted { id, external_id, worker, .. } = *grant;
        if outcome.was_sent() {
            self.pacer.sent();
        }
        let observation = outcome.observation(NextRequest::LookUp);
        let change = self.breaker.observe(now, worker, (id, code), observation);
        self.note_change(change);
        self.note_limited(now, worker, observation, change);
        let Outcome::Created(invoice, _) = outcome else { return Reply::LeaseLost };
        self.expire_surplus(now, id, external_id, invoice);
        Reply::Surplus
    }
}
