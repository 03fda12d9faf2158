//! Reads: what programs ask through the gateway, besides jobs.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use antre_core::{Quota, read::ReadKind, state::NextRequest};
use antre_model::{
    machine::{Observation, breaker::Scope},
    pacer::Moment,
};
use antre_store::reads::SubmittedRead;

use super::{Claimer, Granted, Model, follow_ups::remember_closed, order::Candidate};

const WAITING_MAX: usize = 16;
/// The code of whatever failed.
pub(crate) const READ_CODE: &str = "code";

/// The lane, and what is known of those in it or under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    /// When each came, Unix milliseconds.
    pub(super) lane: BTreeSet<(u64, String)>,
    pub(crate) known: BTreeMap<String, Read>,
    /// Requests for jobs since the last one, while they are fewer than it must leave to others.
    pub(super) others_since: Option<u32>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) kind: ReadKind,
    pub(super) came_ms: u64,
    pub(super) deadline_ms: u64,
    pub(super) claim_token: Option<String>,
}

/// What became of a read's request.
#[derive(Clone, Debug)]
pub(crate) struct AfterRead {
    pub(crate) outcome: ReadWord,
    pub(crate) wait: Duration,
    pub(crate) quota: Quota,
    /// A bill, and the invoice of that name that was expired.
    pub(crate) expired: Option<(String, String)>,
}

/// The outcomes of reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadWord {
    Answered,
    NotSent,
    LookUpFailed,
    KeyRefused,
    Limited,
}

impl ReadWord {
    pub(crate) const ALL: [Self; 5] =
        [Self::Answered, Self::NotSent, Self::LookUpFailed, Self::KeyRefused, Self::Limited];

    fn observation(self) -> Observation {
        match self {
            Self::Answered => Observation::Answered,
            Self::KeyRefused => Observation::KeyRefused,
            Self::Limited => Observation::Limited,
            // It may be at fault itself.
            Self::NotSent | Self::LookUpFailed => Observation::Nothing,
        }
    }
}

impl Reads {
    /// Forgets the first ones while nobody waits for them any more.
    pub(super) fn drop_overdue(&mut self, now: Moment) {
        for _ in 0..=WAITING_MAX {
            let Some((_, id)) = self.lane.first() else { return };
            if self.is_waited_for(now, id) {
                return;
            }
            self.forget(&id.clone());
        }
    }

    fn is_waited_for(&self, now: Moment, id: &str) -> bool {
        self.known.get(id).is_some_and(|read| read.deadline_ms > now.unix_ms())
    }

    fn forget(&mut self, id: &str) {
        self.lane.retain(|(_, other)| other != id);
        self.known.remove(id);
    }

    /// Returns the one that may leave now, given whether something else is ready.
    pub(super) fn due(&self, now: Moment, has_other: bool) -> Option<Candidate> {
        let (_, id) = self.lane.first()?;
        let is_due = self.is_waited_for(now, id) && !(has_other && self.others_since.is_some());
        is_due.then(|| Candidate::Read(id.clone()))
    }
}

impl Model {
    pub(crate) fn submit_read(
        &mut self,
        id: &str,
        kind: ReadKind,
        wait: Duration,
    ) -> SubmittedRead {
        if self.breaker.open_state().is_some_and(|open| open.scope != Scope::Creates) {
            return SubmittedRead::Closed;
        }
        let (now, now_ms) = (self.clock, self.clock.unix_ms());
        let first: Vec<_> = self.reads.lane.iter().take(WAITING_MAX).cloned().collect();
        for (_, other) in first {
            if !self.reads.is_waited_for(now, &other) {
                self.reads.forget(&other);
            }
        }
        if self.reads.lane.len() >= WAITING_MAX {
            return SubmittedRead::Full;
        }
        let read = Read {
            kind,
            came_ms: now_ms,
            deadline_ms: now_ms + super::ms(wait),
            claim_token: None,
        };
        self.reads.lane.insert((read.came_ms, id.to_owned()));
        self.reads.known.insert(id.to_owned(), read);
        SubmittedRead::Submitted
    }

    pub(super) fn claim_read(
        &mut self,
        now: Moment,
        id: String,
        claimer: &Claimer<'_>,
    ) -> (String, NextRequest) {
        self.breaker.granted(now, claimer.worker, "");
        self.reads.lane.pop_first();
        self.reads.others_since = (self.settings.read_share > 1).then_some(0);
        let read = self.reads.known.get_mut(&id).unwrap();
        read.claim_token = Some(claimer.claim_token.to_owned());
        let request = match read.kind {
            ReadKind::Expire => NextRequest::Expire,
            ReadKind::Get | ReadKind::List => NextRequest::LookUp,
        };
        if self.breaker.worker(claimer.worker).is_none_or(|seen| seen.open_state().is_none()) {
            // Whether there is more to do was looked at, too.
            self.reads.drop_overdue(now);
        }
        (id, request)
    }

    /// A request for a job was granted.
    pub(super) fn note_other_than_read(&mut self) {
        if let Some(others) = self.reads.others_since {
            let most = self.settings.read_share - 1;
            self.reads.others_since = Some(others + 1).filter(|others| *others < most);
        }
    }

    /// It was not sent: it waits again. Returns whether it was the holder's.
    pub(super) fn put_read_back(&mut self, id: &str, claim_token: &str) -> bool {
        let known = self.reads.known.get_mut(id);
        let held = known.filter(|read| read.claim_token.as_deref() == Some(claim_token));
        let Some(read) = held else { return false };
        read.claim_token = None;
        self.reads.lane.insert((read.came_ms, id.to_owned()));
        true
    }

    /// Returns whether the bill's invoice is known to be expired since this answer.
    pub(crate) fn finish_read(&mut self, grant: &Granted<'_>, answer: &AfterRead) -> bool {
        let now = self.clock;
        let Granted { id, claim_token, worker, .. } = *grant;
        self.pacer.observe_quota(now, claim_token, answer.quota);
        if answer.outcome != ReadWord::NotSent {
            self.pacer.sent();
        }
        let observation = answer.outcome.observation();
        let change = self.breaker.observe(now, worker, (id, READ_CODE), observation);
        self.note_change(change);
        self.note_limited(now, worker, observation, change);
        self.follow_limit(claim_token, answer.wait);
        self.reads.known.remove(id);
        let Some((external_id, invoice)) = &answer.expired else { return false };
        let bill = self.bills.get_mut(external_id).filter(|bill| bill.invoice_id == *invoice);
        let Some(bill) = bill else { return false };
        bill.expires_at = now.unix_ms().to_string();
        remember_closed(&mut bill.closed_invoices, invoice);
        true
    }
}
