//! How jobs end, and how they come back.

use antre_protocol::{pacer::Moment, state::State};

use super::World;

impl World {
    pub(super) fn end(&mut self, now: Moment, id: &str, before: State, state: State) {
        let record = self.records.get_mut(id).unwrap();
        record.ended_at_ms = now.unix_ms();
        record.result = Some(state);
        let record = record.clone();
        if let Some(bill) = self.bills.get_mut(&record.external_id).filter(|bill| bill.job == id) {
            bill.state = state.to_string();
            bill.invoice_id = record.job.invoice_id.clone().unwrap_or_default();
            bill.expires_at = String::new();
            bill.is_sent |= record.job.creates > 0 || state == State::Done;
        }
        self.ends += 1;
        self.end_duplicates(id, state);
        self.breaker.forget(id);
        self.count(state.as_str(), 1);
        self.count_batch(&record.batch, state.as_str(), 1);
        if before == State::Dead {
            self.count_batch(&record.batch, "dead", -1);
        }
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
        let ready_us = self.next_ready_us();
        let record = self.records.get_mut(id).unwrap();
        record.ready_us = ready_us;
        record.result = None;
        let (external_id, batch) = (record.external_id.clone(), record.batch.clone());
        "open".clone_into(&mut self.bills.get_mut(&external_id).unwrap().state);
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
