//! Claims: what time does first, then the token and the best job.

use std::time::Duration;

use antre_core::state::{NextRequest, State};
use antre_model::{
    machine::{Event, TokenShown, breaker::Scope},
    pacer::{Moment, Returned},
};

use super::{Granted, Model, ms, order::Candidate};

const CANDIDATES_MAX: usize = 20;
const REBASE_HORIZON_MS: u64 = 10 * 60 * 1000;
const RESUBMITTED_MS: u64 = 10 * 60 * 1000;
const TOLERATED_US: u64 = 1_000_000;
const OTHERS_FIRST: Duration = Duration::from_millis(250);
const AHEAD_MAX: Duration = Duration::from_secs(4);
const ALONE: Duration = Duration::from_secs(1);

/// What a claim brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    Granted { id: String, request: NextRequest, send_within: Duration },
    Wait { wait: Duration, reason: String },
    Idle { due: Option<Duration> },
    Again,
    Stranger { wait: Duration, reason: String },
}

/// Who claims.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimer<'a> {
    pub(crate) claim_token: &'a str,
    pub(crate) worker: &'a str,
    pub(crate) fingerprint: &'a str,
    pub(crate) mode: &'a str,
    pub(crate) held: usize,
}

/// A grant of a request that no job pays for.
pub(super) fn probe(send_within: Duration) -> Claimed {
    Claimed::Granted { id: "probe".to_owned(), request: NextRequest::LookUp, send_within }
}

impl Model {
    pub(crate) fn claim(&mut self, claimer: &Claimer<'_>) -> Claimed {
        let now = self.follow_clock();
        if !self.identity.keys.contains_key(claimer.fingerprint) {
            return self.identify(now, claimer);
        }
        self.identity.note_shown(now.unix_ms(), claimer.fingerprint);
        self.rebase_jobs(now);
        self.promote_due(now);
        self.reads.drop_overdue(now);
        if self.is_idle(now, claimer.worker) {
            return Claimed::Idle { due: self.next_due(now) };
        }
        if let Some(left) = self.paused(now) {
            return wait(left, "paused");
        }
        self.breaker.rebase_worker(now, claimer.worker);
        let (creates_at, all_at) = self.breaker_instants(claimer.worker);
        let (at, reason) = self.pacer.earliest(now);
        if all_at > at && all_at > now {
            return wait(all_at.since(now), "breaker");
        }
        if at > now {
            let turn = self.next_turn(now, claimer.worker, at);
            return wait(turn.since(now), reason.as_str());
        }
        let candidate = match self.next_candidate(now, claimer.worker, creates_at) {
            Picked::Again => return Claimed::Again,
            Picked::Nothing => {
                let left = creates_at.since(now).max(Duration::from_micros(1));
                return wait(left, "breaker");
            }
            Picked::Candidate(candidate) => candidate,
        };
        if let Candidate::Job(id) = &candidate
            && self.records[id].job.crashes > 0
            && claimer.held > 0
        {
            return wait(ALONE, "alone");
        }
        let send_within = self.pacer.grant(now, claimer.claim_token);
        self.turns.remove(claimer.worker);
        if matches!(candidate, Candidate::Job(_) | Candidate::FollowUp(_)) {
            self.note_other_than_read();
        }
        let (id, request) = match candidate {
            Candidate::Probe => {
                self.breaker.granted(now, claimer.worker, "");
                return probe(send_within);
            }
            Candidate::Read(id) => self.claim_read(now, id, claimer),
            Candidate::FollowUp(id) => self.claim_follow_up(now, id, claimer),
            Candidate::Job(id) => self.claim_job(now, id, claimer),
        };
        Claimed::Granted { id, request, send_within }
    }

    /// Returns when the worker asks again, if no request may leave before `at`: workers wait one interval apart.
    fn next_turn(&mut self, now: Moment, worker: &str, at: Moment) -> Moment {
        if let Some(own) = self.turns.get(worker)
            && (at..=at + AHEAD_MAX).contains(own)
        {
            return *own;
        }
        let interval = self.pacer.interval(now);
        let spacing = interval + interval_300th(interval);
        let mut behind: Vec<(Moment, String)> =
            self.turns.iter().map(|(worker, turn)| (*turn, worker.clone())).collect();
        behind.retain(|(turn, _)| *turn >= at);
        behind.sort();
        let is_too_early = |own: &Moment| *own <= now && now.since(*own) < interval;
        if self.turns.get(worker).is_some_and(is_too_early) {
            self.turns.insert(worker.to_owned(), at);
            let mut last = at;
            for (turn, worker) in behind {
                if turn.since(last) >= spacing {
                    break;
                }
                last = last + spacing;
                self.turns.insert(worker, last);
            }
            return at;
        }
        let mut free = at;
        for (turn, _) in behind {
            if turn.since(free) >= spacing {
                break;
            }
            free = turn + spacing;
        }
        if free > at + AHEAD_MAX {
            self.turns.remove(worker);
            return at + AHEAD_MAX;
        }
        self.turns.insert(worker.to_owned(), free);
        free
    }

    /// Returns how long a person's pause or the pacer makes a claim wait.
    pub(super) fn held_back(&mut self, now: Moment) -> Option<Duration> {
        let (at, _) = self.pacer.earliest(now);
        self.paused(now).or_else(|| (at > now).then(|| at.since(now)))
    }

    fn paused(&mut self, now: Moment) -> Option<Duration> {
        let pause = self.breaker.pause_in_force(now.unix_ms())?;
        let left_ms = pause.until_ms.map_or(60_000, |until_ms| until_ms - now.unix_ms());
        Some(Duration::from_millis(left_ms))
    }

    /// Returns whether there is nothing to do; then an account whose look-ups work is not in doubt any more.
    fn is_idle(&mut self, now: Moment, worker: &str) -> bool {
        let open = self.breaker.worker(worker).and_then(|seen| seen.open_state());
        let is_closed_worker = open.is_some_and(|open| open.scope == Scope::All);
        if self.best(now).is_some() || is_closed_worker {
            return false;
        }
        let is_drained =
            self.due(State::Scheduled).is_empty() && self.due(State::Running).is_empty();
        let scope = self.breaker.open_state().map(|open| open.scope);
        if scope == Some(Scope::Creates) && is_drained {
            self.breaker.close();
        }
        true
    }

    /// Returns until when creates, and all requests, wait for a breaker's next probe.
    fn breaker_instants(&self, worker: &str) -> (Moment, Moment) {
        let (mut creates, mut all) = (Moment::default(), Moment::default());
        if let Some(open) = self.breaker.open_state() {
            let is_last = self.breaker.prober() == Some(worker);
            let later = if is_last && self.breaker.has_others(worker) {
                OTHERS_FIRST
            } else {
                Duration::ZERO
            };
            creates = open.probe_at + later;
            if open.scope != Scope::Creates {
                all = creates;
            }
        }
        if let Some(open) = self.breaker.worker(worker).and_then(|seen| seen.open_state()) {
            creates = creates.max(open.probe_at);
            if open.scope != Scope::Creates {
                all = all.max(open.probe_at);
            }
        }
        (creates, all)
    }

    fn follow_clock(&mut self) -> Moment {
        let last_ms = self.pacer.clock().map_or(0, Moment::unix_ms);
        let last_us = self.pacer.clock().map_or(0, Moment::unix_us);
        let followed = self.pacer.follow_clock(self.clock, &self.server);
        let now = followed.now;
        if followed.stepped_back.is_some() {
            self.breaker.rebase(now);
            self.turns.clear();
            self.rebase =
                Some((last_ms + REBASE_HORIZON_MS, last_ms - now.unix_ms(), now.unix_ms()));
            self.last_ready_us = now.unix_us();
            self.count("clock_rebased", 1);
        }
        if followed.is_other_server {
            self.count("server_changed", 1);
            self.identity.may_have_sent = true;
            let gap_us = now.unix_us().checked_sub(last_us);
            let left = gap_us.map(|gap_us| self.forgotten_requests(gap_us));
            self.recheck_from(
                now,
                left,
                now.unix_ms() + gap_us.unwrap_or(0) / 1000 + RESUBMITTED_MS,
            );
        }
        now
    }

    fn forgotten_requests(&self, gap_us: u64) -> u64 {
        let first = self.settings.limits.first();
        let requests = u64::from(first.requests()) * 2 * (gap_us + 10_000_000);
        requests.div_ceil(u64::try_from(first.window().as_micros()).unwrap()) + 10
    }

    /// Jobs known before begin with a look-up: so many of them, or all.
    pub(super) fn recheck_from(&mut self, now: Moment, left: Option<u64>, new_until_ms: u64) {
        match left {
            Some(left) => self.recheck.left = self.recheck.left.max(left),
            None => self.recheck.all_before_ms = now.unix_ms(),
        }
        self.recheck.before_ms = now.unix_ms();
        self.recheck.new_until_ms = self.recheck.new_until_ms.max(new_until_ms);
    }

    /// Leases end one lease from now at the latest, waits counted from the old clock are over, follow-ups keep what
    /// was left of theirs, and jobs accepted while the clock was ahead are ready now.
    fn rebase_jobs(&mut self, now: Moment) {
        let Some((until_ms, step_ms, seen_ms)) = self.rebase.take() else { return };
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
        for follow_up in self.follow_ups.values_mut().filter(|follow_up| follow_up.due_ms > seen_ms)
        {
            follow_up.due_ms = now_ms.max(follow_up.due_ms - step_ms);
        }
        for priority in super::order::PRIORITIES {
            for (ready_us, id) in self.waiting(priority) {
                if ready_us > now.unix_us() + TOLERATED_US {
                    let ready_us = self.next_ready_us(now);
                    self.records.get_mut(&id).unwrap().ready_us = ready_us;
                }
            }
        }
    }

    fn promote_due(&mut self, now: Moment) {
        for (state, event) in [(State::Scheduled, Event::Promote), (State::Running, Event::Lapse)] {
            for (_, id) in self.due(state).into_iter().filter(|(due, _)| *due <= now.unix_ms()) {
                self.apply(now, &id, &event, ("", ""));
            }
        }
    }

    fn next_due(&self, now: Moment) -> Option<Duration> {
        let heads =
            [self.due(State::Scheduled), self.due(State::Running), self.follow_ups_by_due()];
        let due_ms = heads.into_iter().filter_map(|set| set.first().map(|(due, _)| *due)).min()?;
        Some(Duration::from_millis(due_ms.saturating_sub(now.unix_ms())))
    }

    fn next_candidate(&mut self, now: Moment, worker: &str, creates_at: Moment) -> Picked {
        for _ in 0..CANDIDATES_MAX {
            let Some(candidate) = self.pick(now, worker, creates_at) else {
                return Picked::Nothing;
            };
            let Candidate::Job(id) = &candidate else { return Picked::Candidate(candidate) };
            self.apply(now, id, &Event::Charge, (worker, ""));
            if self.records[id].job.state == State::Waiting {
                return Picked::Candidate(candidate);
            }
        }
        Picked::Again
    }

    fn pick(&self, now: Moment, worker: &str, creates_at: Moment) -> Option<Candidate> {
        let open = self.breaker.worker(worker).and_then(|seen| seen.open_state());
        if open.is_some_and(|open| open.scope == Scope::All) {
            return Some(Candidate::Probe);
        }
        match self.breaker.open_state().map(|open| open.scope) {
            Some(scope) if scope != Scope::Creates => Some(Candidate::Probe),
            _ if creates_at > now => self.best_look_up(now),
            Some(_) => self.best_non_suspect().or_else(|| self.best(now)),
            None => self.best(now),
        }
    }

    fn claim_job(
        &mut self,
        now: Moment,
        id: String,
        claimer: &Claimer<'_>,
    ) -> (String, NextRequest) {
        if self.may_be_forgotten(&id) {
            self.count("rechecked", 1);
            let before_ms = self.recheck.before_ms;
            self.apply(now, &id, &Event::Recheck { before_ms }, ("", ""));
        }
        self.apply(now, &id, &Event::Claim, (claimer.worker, ""));
        self.breaker.granted(now, claimer.worker, &id);
        let record = self.records.get_mut(&id).unwrap();
        record.claim_token = Some(claimer.claim_token.to_owned());
        let request = record.job.request;
        if request == NextRequest::Create {
            let bill = self.bills.get_mut(&record.external_id).unwrap();
            bill.first_sent_ms = bill.first_sent_ms.or(Some(now.unix_ms()));
            self.identity.note_first_create(claimer.fingerprint);
        }
        (id, request)
    }

    /// Returns whether a claim of this job, or of an earlier one of its bill, may have been forgotten.
    fn may_be_forgotten(&mut self, id: &str) -> bool {
        let accepted_ms: u64 = id.split('-').next().unwrap().parse().unwrap();
        let before_ms = self.recheck.before_ms;
        let job = &self.records[id].job;
        if job.request != NextRequest::Create || before_ms == 0 || job.claimed_at_ms >= before_ms {
            return false;
        }
        if accepted_ms >= before_ms {
            return accepted_ms < self.recheck.new_until_ms;
        }
        if accepted_ms.max(job.claimed_at_ms) < self.recheck.all_before_ms {
            return true;
        }
        if self.recheck.left == 0 {
            return false;
        }
        self.recheck.left -= 1;
        true
    }

    fn claim_follow_up(
        &mut self,
        now: Moment,
        id: String,
        claimer: &Claimer<'_>,
    ) -> (String, NextRequest) {
        self.breaker.granted(now, claimer.worker, "");
        let lease_ms = ms(self.rules.lease);
        let follow_up = self.follow_ups.get_mut(&id).unwrap();
        follow_up.due_ms = now.unix_ms() + lease_ms;
        follow_up.claim_token = Some(claimer.claim_token.to_owned());
        let request =
            if follow_up.kind == "expire" { NextRequest::Expire } else { NextRequest::LookUp };
        (id, request)
    }

    /// Returns whether it was the holder's.
    pub(crate) fn give_back(
        &mut self,
        grant: &Granted<'_>,
        fingerprint: &str,
        why: Returned,
    ) -> bool {
        let now = self.clock;
        let Granted { id, claim_token, worker, .. } = *grant;
        if self.pacer.give_back(now, claim_token, why) {
            self.breaker.unused(now);
            if why != Returned::Stopping {
                self.count("unused", 1);
            }
        }
        self.breaker.unused_by(now, worker);
        if id == "probe" {
            if let Some(stranger) = self.identity.strangers.get_mut(fingerprint) {
                stranger.ask_ms = now.unix_ms();
            }
            return true;
        }
        if let Some(follow_up) = self.follow_ups.get_mut(id) {
            let is_held = follow_up.claim_token.as_deref() == Some(claim_token);
            if is_held {
                follow_up.due_ms = now.unix_ms();
                follow_up.claim_token = None;
            }
            return is_held;
        }
        if id.starts_with("read-") {
            return self.put_read_back(id, claim_token);
        }
        let shown = self.token_shown(id, claim_token);
        self.apply(now, id, &Event::GiveBack(shown), (worker, ""));
        shown == TokenShown::Current
    }

    pub(super) fn token_shown(&self, id: &str, claim_token: &str) -> TokenShown {
        let known = self.records.get(id).and_then(|record| record.claim_token.as_deref());
        if known == Some(claim_token) { TokenShown::Current } else { TokenShown::Stale }
    }
}

/// Returns by how much the turns of waiting workers are further apart than the interval.
fn interval_300th(interval: Duration) -> Duration {
    Duration::from_micros(u64::try_from(interval.as_micros()).unwrap_or(u64::MAX) / 300)
}

enum Picked {
    Candidate(Candidate),
    /// Only creates are ready, and they must wait.
    Nothing,
    /// More had to be looked at than one claim may.
    Again,
}

fn wait(wait: Duration, reason: &str) -> Claimed {
    Claimed::Wait { wait, reason: reason.to_owned() }
}
