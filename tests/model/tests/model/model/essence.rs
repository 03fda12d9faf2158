//! What of a queue decides its future, in a form that is equal where the future is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use antre_model::machine::{Job, breaker::Open};

use super::{Model, place};

/// Instants further back than this decide nothing any more: the longest time that counts from one is shorter.
const LONG_AGO_MS: i64 = -20_000;
/// Before an instant further ahead than this all else has ended, so how far it is decides nothing.
const FAR_AHEAD_MS: i64 = 60_000;

impl Model {
    /// Returns a text that is equal for two queues that will behave in the same way. Instants are counted from now,
    /// counters by their order, ids by their age. Left out: counts for people, and what the pacer logs, as limits
    /// that are never reached decide nothing.
    pub(crate) fn essence(&self) -> String {
        let mut text = String::with_capacity(1024);
        let answered = self.answered_ranks();
        self.write_jobs(&mut text, &answered);
        self.write_bills(&mut text);
        self.write_follow_ups(&mut text, &answered);
        self.write_breakers(&mut text, &answered);
        self.write_pacer(&mut text);
        for (id, command) in &self.commands {
            let later = self.records.keys().filter(|job| place(job) > place(id)).count();
            let _written = writeln!(text, "X{later} {:?}", command.counts);
        }
        text
    }

    fn write_jobs(&self, text: &mut String, answered: &BTreeSet<u64>) {
        let now = self.clock.unix_ms();
        let succeeded = self.succeeded_ranks();
        for (number, record) in self.records.values().enumerate() {
            let job = &record.job;
            let _counts = write!(
                text,
                "J{number} {} {} a{} t{} n{} c{} l{} {} o{} {:?}{:?}{:?}",
                job.state,
                job.request,
                job.attempts,
                job.tries,
                job.creates.min(2),
                job.crashes,
                job.limited,
                u8::from(job.is_touched),
                job.own_failures,
                job.lookup_failed_at.map(|at| rank(answered, at)),
                job.create_failed_at.map(|at| rank(answered, at)),
                job.refused_at.map(|at| rank(&succeeded, at)),
            );
            let _instants = writeln!(
                text,
                " {:?} {:?} due{} until{:?} before{:?} claimed{} {:?} {:?} {} f{} dup{} c{}",
                job.last_create,
                job.is_charge_pending,
                ahead(job.due_ms, now),
                job.effective_until_ms.map(|at| ahead(at, now)),
                job.effective_until_before_ms.map(|at| ahead(at, now)),
                ahead(job.claimed_at_ms, now),
                job.error_code,
                job.invoice_id,
                u8::from(job.is_check_first),
                record.claim_token.as_deref().unwrap_or_default(),
                u8::from(record.duplicate_of.is_some()),
                record.cancelled_by.len(),
            );
        }
    }

    fn write_bills(&self, text: &mut String) {
        let now = self.clock.unix_ms();
        for bill in self.bills.values() {
            let _written = writeln!(
                text,
                "B{} {} {} {} {:?} {} {} {:?} {:?}",
                self.number_of(&bill.job),
                bill.amount,
                bill.state,
                u8::from(bill.is_sent),
                bill.effective_until_ms.map(|at| ahead(at, now)),
                bill.closed_invoices,
                bill.invoice_id,
                bill.former.as_ref().map(|it| (self.number_of(&it.job), &it.invoice_id)),
                bill.expires_at.parse::<u64>().is_ok_and(|at| at <= now),
            );
        }
    }

    fn write_follow_ups(&self, text: &mut String, answered: &BTreeSet<u64>) {
        for follow_up in self.follow_ups.values() {
            let _written = writeln!(
                text,
                "C{} {} {} due{} a{} {:?} f{} c{}",
                follow_up.kind,
                self.number_of(&follow_up.job),
                follow_up.invoice_id,
                ahead(follow_up.due_ms, self.clock.unix_ms()),
                follow_up.attempts,
                follow_up.failed_at.map(|at| rank(answered, at)),
                follow_up.claim_token.as_deref().unwrap_or_default(),
                follow_up.cancelled_by.len(),
            );
        }
    }

    fn write_breakers(&self, text: &mut String, answered: &BTreeSet<u64>) {
        let breaker = &self.breaker;
        let open = |open: Option<&Open>| {
            open.map(|open| {
                let probe_at = ahead(open.probe_at.unix_ms(), self.clock.unix_ms());
                format!("{} {} {:?} {probe_at}", open.reason, open.scope.as_str(), open.probe_each)
            })
        };
        let suspects = breaker.suspects().keys().map(|id| self.number_of(id)).collect::<Vec<_>>();
        let _written = writeln!(
            text,
            "K{:?} {:?} {} {} {suspects:?} now{}",
            open(breaker.open_state()),
            breaker.prober(),
            breaker.failures(),
            breaker.create_failures(),
            rank(answered, breaker.answered()),
        );
        for (name, worker) in breaker.workers() {
            let suspects =
                worker.suspects().iter().map(|id| self.number_of(id)).collect::<Vec<_>>();
            let _written = writeln!(
                text,
                "W{name} {:?} {} {suspects:?} {} {} {:?} {}",
                open(worker.open_state()),
                worker.failures(),
                rank(answered, worker.answered_at()),
                rank(answered, worker.created_at()),
                worker.limited_in_a_row(),
                worker.reopened(),
            );
        }
    }

    fn write_pacer(&self, text: &mut String) {
        let now = self.clock;
        let recheck = &self.recheck;
        let _written = write!(
            text,
            "P{} {} {} {} {} {} {}{} R{} {} {} {}",
            ahead(self.pacer.next_at().unwrap_or_default().unix_ms(), now.unix_ms()).max(0),
            ahead(self.pacer.paused_until().unwrap_or_default().unix_ms(), now.unix_ms()),
            self.pacer.factor(now),
            self.pacer.send_within(now).as_micros(),
            self.server,
            u8::from(self.pacer.clock().is_some()),
            u8::from(self.identity.has_sent),
            u8::from(self.identity.may_have_sent),
            recheck.left.min(2),
            ahead(recheck.before_ms, now.unix_ms()),
            ahead(recheck.all_before_ms, now.unix_ms()),
            ahead(recheck.new_until_ms, now.unix_ms()),
        );
    }

    fn answered_ranks(&self) -> BTreeSet<u64> {
        let jobs = self.records.values().map(|record| &record.job);
        let of_job = |job: &Job| [job.lookup_failed_at, job.create_failed_at];
        let of_workers = self.breaker.workers().values();
        jobs.flat_map(of_job)
            .flatten()
            .chain(self.follow_ups.values().filter_map(|follow_up| follow_up.failed_at))
            .chain(of_workers.flat_map(|worker| [worker.answered_at(), worker.created_at()]))
            .chain([self.breaker.answered()])
            .collect()
    }

    fn succeeded_ranks(&self) -> BTreeSet<u64> {
        let jobs = self.records.values().map(|record| &record.job);
        jobs.filter_map(|job| job.refused_at).chain([self.breaker.successes()]).collect()
    }

    /// Returns the place of a job among all; ids grow with time.
    fn number_of(&self, id: &str) -> usize {
        self.records.keys().position(|known| known == id).unwrap_or(usize::MAX)
    }
}

/// Returns the place of a count among those that are compared with it.
fn rank(counts: &BTreeSet<u64>, count: u64) -> usize {
    counts.range(..count).count()
}

/// Returns how far an instant lies ahead, in milliseconds.
fn ahead(at_ms: u64, now_ms: u64) -> i64 {
    (i64::try_from(at_ms).unwrap() - i64::try_from(now_ms).unwrap())
        .clamp(LONG_AGO_MS, FAR_AHEAD_MS)
}
