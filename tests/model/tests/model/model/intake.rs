//! What an inbox entry becomes.

use antre_core::{priority::Priority, state::State};
use antre_model::{machine::Job, pacer::Moment};

use super::{Bill, Former, Model, Record, follow_ups::with_closed};

const DUPLICATES_MAX: usize = 100;

/// An inbox entry, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) external_id: String,
    pub(crate) amount: String,
    pub(crate) priority: Priority,
    pub(crate) run_at_ms: Option<u64>,
    pub(crate) batch: String,
    pub(crate) is_check_first: bool,
    pub(crate) attempts_max: u32,
    /// Why it is no job.
    pub(crate) error_code: String,
}

impl Model {
    /// Returns whether a job of its own, ready now, came of it.
    pub(crate) fn accept(&mut self, entry: &Entry) -> bool {
        self.count("accepted", 1);
        self.count_batch(&entry.batch, "total", 1);
        self.leave_inbox(&entry.id);
        if !entry.batch.is_empty() {
            self.batch_jobs.entry(entry.batch.clone()).or_default().push(entry.id.clone());
        }
        let is_job = self.take_in(entry);
        self.forget_early_cancels();
        is_job
    }

    fn take_in(&mut self, entry: &Entry) -> bool {
        if !entry.error_code.is_empty() {
            self.kill(entry, &entry.error_code);
            return false;
        }
        if let Some(command) = self.early_cancel_of(entry) {
            self.found_by_early_cancel(&command);
            self.end_at_once(entry, "", State::Cancelled);
            return false;
        }
        let bill = self.bills.get(&entry.external_id).filter(|bill| !bill.job.is_empty()).cloned();
        let Some(bill) = bill else {
            self.admit(entry, Bill::default());
            return true;
        };
        let is_expired = !bill.expires_at.is_empty()
            && bill.expires_at.parse::<u64>().unwrap() <= self.clock.unix_ms();
        let is_payable = bill.state == "done" && !is_expired;
        if bill.state != "open" && !is_payable {
            self.admit(entry, inherited(bill));
            return true;
        }
        if is_payable && entry.is_check_first {
            self.admit(entry, looked_at_again(bill));
            return true;
        }
        if bill.amount == entry.amount {
            self.join_first(entry, &bill);
        } else {
            self.kill(entry, "conflict");
        }
        false
    }

    fn admit(&mut self, entry: &Entry, kept: Bill) {
        let origin = if kept.origin.is_empty() { entry.id.clone() } else { kept.origin.clone() };
        let mut record =
            record(entry, Job::new(entry.attempts_max, entry.is_check_first, kept.sent_until_ms()));
        record.origin = Some(origin.clone());
        record.ready_us = self.next_ready_us(self.clock);
        record.run_at_ms = entry.run_at_ms;
        if let Some(run_at_ms) = entry.run_at_ms.filter(|at| *at > self.clock.unix_ms()) {
            record.ready_us = self.scheduled_ready_us(run_at_ms);
            record.job.state = State::Scheduled;
            record.job.due_ms = run_at_ms;
        }
        let bill = Bill {
            job: entry.id.clone(),
            origin,
            amount: entry.amount.clone(),
            state: "open".to_owned(),
            invoice_id: if kept.former.is_some() { kept.invoice_id } else { String::new() },
            expires_at: String::new(),
            effective_until_ms: None,
            closed_before_ms: self.clock.unix_ms(),
            is_sent: kept.is_sent,
            closed_invoices: kept.closed_invoices,
            first_sent_ms: kept.first_sent_ms,
            former: kept.former,
        };
        self.bills.insert(entry.external_id.clone(), bill);
        self.records.insert(entry.id.clone(), record);
    }

    fn kill(&mut self, entry: &Entry, code: &str) {
        self.end_at_once(entry, code, State::Dead);
    }

    fn end_at_once(&mut self, entry: &Entry, code: &str, state: State) {
        let mut record = record(entry, Job::new(entry.attempts_max, false, None));
        record.job.error_code = Some(code.to_owned()).filter(|code| !code.is_empty());
        let before = record.job.state;
        record.job.state = state;
        self.records.insert(entry.id.clone(), record);
        self.end(self.clock, &entry.id, before, state);
    }

    fn join_first(&mut self, entry: &Entry, bill: &Bill) {
        let list = self.duplicates.entry(bill.job.clone()).or_default();
        if bill.state == "open" && list.len() >= DUPLICATES_MAX {
            return self.kill(entry, "too_many_duplicates");
        }
        let mut record = record(entry, Job::new(entry.attempts_max, false, None));
        record.duplicate_of = Some(bill.job.clone());
        list.push(entry.id.clone());
        if bill.state == "open" {
            let first = self.records.get_mut(&bill.job).unwrap();
            first.priority = more_important(first.priority, entry.priority);
            self.want_again(&bill.job, &entry.id);
        } else {
            list.drain(..list.len().saturating_sub(DUPLICATES_MAX));
            record.job.state = State::Done;
            record.job.invoice_id = Some(bill.invoice_id.clone());
            record.result = Some(State::Done);
            self.ends += 1;
        }
        self.records.insert(entry.id.clone(), record);
        self.count("duplicates", 1);
        self.count_batch(&entry.batch, "duplicates", 1);
    }

    pub(super) fn next_ready_us(&mut self, now: Moment) -> u64 {
        self.last_ready_us = now.unix_us().max(self.last_ready_us + 1);
        self.last_ready_us
    }

    fn scheduled_ready_us(&mut self, run_at_ms: u64) -> u64 {
        let count = self.run_at_counts.entry(run_at_ms).or_default();
        *count += 1;
        run_at_ms * 1000 + *count - 1
    }
}

fn record(entry: &Entry, job: Job) -> Record {
    Record {
        job,
        external_id: entry.external_id.clone(),
        batch: entry.batch.clone(),
        priority: entry.priority,
        ready_us: 0,
        run_at_ms: None,
        origin: None,
        duplicate_of: None,
        claim_token: None,
        ended_at_ms: 0,
        cancelled_by: Vec::new(),
        result: None,
    }
}

/// Returns what a job inherits that looks at a done bill again.
fn looked_at_again(bill: Bill) -> Bill {
    let former = Former {
        job: bill.job.clone(),
        amount: bill.amount.clone(),
        invoice_id: bill.invoice_id.clone(),
        expires_at: bill.expires_at.clone(),
    };
    Bill { former: Some(Box::new(former)), ..bill }
}

/// Returns what a replacement inherits of the bill.
fn inherited(mut bill: Bill) -> Bill {
    if !bill.invoice_id.is_empty() {
        bill.closed_invoices = with_closed(&bill.closed_invoices, &bill.invoice_id);
    }
    bill
}

fn more_important(one: Priority, other: Priority) -> Priority {
    let rank = |priority| match priority {
        Priority::High => 3,
        Priority::Normal => 2,
        Priority::Low => 1,
    };
    if rank(other) > rank(one) { other } else { one }
}
