//! Claims: what time does first, then the token and the best job.

use std::time::Duration;

use antre_protocol::{
    machine::{Event, FenceShown},
    pacer::{Moment, Returned},
    state::{State, Step},
};

use super::{Recheck, World, ms, order::Candidate};

const CANDIDATES_MAX: usize = 20;
const REBASE_HORIZON_MS: u64 = 10 * 60 * 1000;

/// What a claim brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    Granted { id: String, step: Step, send_within: Duration },
    Wait { wait: Duration, reason: String },
    Idle { due: Option<Duration> },
    Again,
}

impl World {
    pub(crate) fn claim(&mut self, fence: &str) -> Claimed {
        let now = self.follow_clock();
        self.rebase_jobs(now);
        self.promote_due(now);
        if self.best(now).is_none() {
            return Claimed::Idle { due: self.next_due(now) };
        }
        if let Some(hold) = self.breaker.held(now.unix_ms()) {
            let left_ms = hold.until_ms.map_or(60_000, |until_ms| until_ms - now.unix_ms());
            return wait(Duration::from_millis(left_ms), "paused");
        }
        let (at, reason) = self.pacer.earliest();
        match self.breaker.probe_at().filter(|probe_at| *probe_at > at) {
            Some(probe_at) if probe_at > now => return wait(probe_at.since(now), "breaker"),
            None if at > now => return wait(at.since(now), reason.as_str()),
            _ => {}
        }
        let Some(candidate) = self.next_candidate(now) else { return Claimed::Again };
        let send_within = self.pacer.grant(now, fence);
        let (id, step) = match candidate {
            Candidate::Chore(id) => self.claim_chore(now, id, fence),
            Candidate::Job(id) => self.claim_job(now, id, fence),
        };
        Claimed::Granted { id, step, send_within }
    }

    fn follow_clock(&mut self) -> Moment {
        let followed = self.pacer.follow_clock(self.clock, &self.server);
        let now = followed.now;
        if let Some(step) = followed.stepped_back {
            self.breaker.rebase(now);
            self.rebase_until_ms = Some((now + step).unix_ms() + REBASE_HORIZON_MS);
        }
        if followed.is_other_server {
            let first = self.settings.limits.first();
            let ten_seconds = Duration::from_secs(10).as_millis() * u128::from(first.requests());
            let replayed = ten_seconds.div_ceil(first.window().as_millis()).clamp(10, 1000);
            self.recheck =
                Recheck { left: u32::try_from(replayed).unwrap(), before_ms: now.unix_ms() };
        }
        now
    }

    /// Leases end one lease from now at the latest, and waits counted from the old clock are over.
    fn rebase_jobs(&mut self, now: Moment) {
        let Some(until_ms) = self.rebase_until_ms.take() else { return };
        let (now_ms, lease_end_ms) = (now.unix_ms(), now.unix_ms() + ms(self.rules.lease));
        for record in self.records.values_mut() {
            let job = &mut record.job;
            if job.state == State::Running {
                job.due_ms = job.due_ms.min(lease_end_ms);
            }
            let is_wished = record.run_at_ms.is_some_and(|run_at_ms| run_at_ms > now_ms);
            if job.state == State::Scheduled && job.due_ms <= until_ms && !is_wished {
                job.due_ms = job.due_ms.min(now_ms);
            }
        }
    }

    fn promote_due(&mut self, now: Moment) {
        for (state, event) in [(State::Scheduled, Event::Promote), (State::Running, Event::Lapse)] {
            for (_, id) in self.due(state).into_iter().filter(|(due, _)| *due <= now.unix_ms()) {
                self.apply(now, &id, &event, "");
            }
        }
    }

    fn next_due(&self, now: Moment) -> Option<Duration> {
        let heads = [self.due(State::Scheduled), self.due(State::Running), self.chores_by_due()];
        let due_ms = heads.into_iter().filter_map(|set| set.first().map(|(due, _)| *due)).min()?;
        Some(Duration::from_millis(due_ms.saturating_sub(now.unix_ms())))
    }

    fn next_candidate(&mut self, now: Moment) -> Option<Candidate> {
        for _ in 0..CANDIDATES_MAX {
            let candidate =
                if self.breaker.is_open() { self.best_probe(now) } else { self.best(now) }?;
            let Candidate::Job(id) = &candidate else { return Some(candidate) };
            self.apply(now, id, &Event::Charge, "");
            if self.records[id].job.state == State::Waiting {
                return Some(candidate);
            }
        }
        None
    }

    fn claim_job(&mut self, now: Moment, id: String, fence: &str) -> (String, Step) {
        let accepted_ms: u64 = id.split('-').next().unwrap().parse().unwrap();
        let Recheck { left, before_ms } = self.recheck;
        // What was claimed since then is known to this server.
        let known_since_ms = accepted_ms.max(self.records[&id].job.claimed_at_ms);
        if self.records[&id].job.step == Step::Create && left > 0 && known_since_ms < before_ms {
            self.recheck.left -= 1;
            self.apply(now, &id, &Event::Recheck { before_ms }, "");
        }
        self.apply(now, &id, &Event::Claim, "");
        self.breaker.granted(now, &id);
        let record = self.records.get_mut(&id).unwrap();
        record.fence = Some(fence.to_owned());
        let step = record.job.step;
        if step == Step::Create {
            let bill = self.bills.get_mut(&record.external_id).unwrap();
            bill.first_sent_ms = bill.first_sent_ms.or(Some(now.unix_ms()));
        }
        (id, step)
    }

    fn claim_chore(&mut self, now: Moment, id: String, fence: &str) -> (String, Step) {
        self.breaker.granted(now, "");
        let lease_ms = ms(self.rules.lease);
        let chore = self.chores.get_mut(&id).unwrap();
        chore.due_ms = now.unix_ms() + lease_ms;
        chore.fence = Some(fence.to_owned());
        let step = if chore.kind == "expire" { Step::Expire } else { Step::LookUp };
        (id, step)
    }

    /// Returns whether it was the holder's.
    pub(crate) fn give_back(&mut self, id: &str, fence: &str, why: Returned) -> bool {
        let now = self.clock;
        if self.pacer.give_back(now, fence, why) {
            self.breaker.unused(now);
            if why == Returned::Void {
                self.count("voided", 1);
            }
        }
        if let Some(chore) = self.chores.get_mut(id) {
            let is_held = chore.fence.as_deref() == Some(fence);
            if is_held {
                chore.due_ms = now.unix_ms();
                chore.fence = None;
            }
            return is_held;
        }
        let shown = self.fence_shown(id, fence);
        self.apply(now, id, &Event::GiveBack(shown), "");
        shown == FenceShown::Current
    }

    pub(super) fn fence_shown(&self, id: &str, fence: &str) -> FenceShown {
        let known = self.records.get(id).and_then(|record| record.fence.as_deref());
        if known == Some(fence) { FenceShown::Current } else { FenceShown::Stale }
    }
}

fn wait(wait: Duration, reason: &str) -> Claimed {
    Claimed::Wait { wait, reason: reason.to_owned() }
}
