//! How jobs end, and how they come back.

use antre_core::state::State;
use antre_model::pacer::Moment;

use super::{Former, Model, READY_TOLERATED_US, follow_ups::is_closed};

impl Model {
    pub(super) fn end(&mut self, now: Moment, id: &str, before: State, state: State) {
        let record = self.records.get_mut(id).unwrap();
        record.ended_at_ms = now.unix_ms();
        record.result = Some(state);
        let record = record.clone();
        if let Some(code) = record.job.error_code.as_ref().filter(|_| state == State::Dead) {
            *self.deaths.entry(code.clone()).or_default() += 1;
        }
        self.end_bill(now, id, state);
        self.ends += 1;
        self.end_duplicates(id, state);
        self.breaker.forget(id);
        let waiting = std::mem::take(&mut self.records.get_mut(id).unwrap().cancelled_by);
        self.resolve(
            &waiting,
            match state {
                State::Done => "paid",
                State::Cancelled => "cancelled",
                _ => "too_late",
            },
        );
        self.count(state.as_str(), 1);
        self.count_batch(&record.batch, state.as_str(), 1);
        if before == State::Dead {
            self.count_batch(&record.batch, "dead", -1);
        }
    }

    fn end_bill(&mut self, now: Moment, id: &str, state: State) {
        let record = self.records[id].clone();
        let bill = self.bills.get_mut(&record.external_id).filter(|bill| bill.job == id);
        let Some(bill) = bill else { return };
        if let Some(former) = bill.former.take().filter(|_| state != State::Done) {
            let Former { job, amount, invoice_id, expires_at } = *former;
            (bill.job, bill.amount, bill.invoice_id, bill.expires_at) =
                (job, amount, invoice_id, expires_at);
            "done".clone_into(&mut bill.state);
            if is_closed(&bill.closed_invoices, &bill.invoice_id) {
                bill.expires_at = now.unix_ms().to_string();
            }
            return;
        }
        bill.state = state.to_string();
        bill.invoice_id = record.job.invoice_id.clone().unwrap_or_default();
        bill.expires_at = String::new();
        bill.is_sent |= record.job.creates > 0 || record.job.is_touched || state == State::Done;
    }

    pub(super) fn end_duplicates(&mut self, id: &str, state: State) {
        let first = self.records[id].job.clone();
        for duplicate in self.duplicates.get(id).cloned().unwrap_or_default() {
            let record = self.records.get_mut(&duplicate).unwrap();
            record.job.state = state;
            record.job.error_code.clone_from(&first.error_code);
            record.job.invoice_id.clone_from(&first.invoice_id);
            record.result = Some(state);
            self.ends += 1;
        }
    }

    pub(super) fn reopen(&mut self, id: &str) {
        let mut ready_us = self.next_ready_us(self.clock);
        // A ready time that a clock ahead of this one gave does not count.
        if self.records[id].ready_us > self.clock.unix_us() + READY_TOLERATED_US {
            ready_us = self.next_ready_us(self.clock);
        }
        let record = self.records.get_mut(id).unwrap();
        record.ready_us = ready_us;
        record.result = None;
        let (external_id, batch) = (record.external_id.clone(), record.batch.clone());
        let bill = self.bills.get_mut(&external_id).unwrap();
        "open".clone_into(&mut bill.state);
        bill.closed_before_ms = self.clock.unix_ms();
        for duplicate in self.duplicates.get(id).cloned().unwrap_or_default() {
            let record = self.records.get_mut(&duplicate).unwrap();
            record.job.state = State::Waiting;
            record.job.error_code = None;
            record.result = None;
        }
        self.count("revived", 1);
        self.count_batch(&batch, "dead", -1);
    }
}
