//! Submitting and accepting.

use antre_core::priority::Priority;
use antre_store::intake::Submission;

use super::{Fault, Run, same};
use crate::{
    model::{Entry, place},
    operation::Submitted,
};

impl Run {
    pub(super) async fn accept(&mut self, submitted: &Submitted) -> Result<(), Fault> {
        let entry = self.add(submitted).await;
        self.accept_entry(&entry).await
    }

    pub(super) async fn submit(&mut self, submitted: &Submitted) {
        let entry = self.add(submitted).await;
        self.inbox.push(super::Submitted::Job(entry));
    }

    async fn add(&mut self, submitted: &Submitted) -> Entry {
        let entry = self.entry(submitted);
        let mut add = redis::cmd("XADD");
        add.arg(self.queue.keys().inbox()).arg(&entry.id).arg("job").arg("{}");
        add.exec_async(&mut self.connection).await.unwrap();
        self.model.inbox.insert(place(&entry.id));
        entry
    }

    pub(super) async fn accept_entry(&mut self, entry: &Entry) -> Result<(), Fault> {
        let submission = submission(entry);
        // Parsing an entry twice is harmless.
        let both = [submission.clone(), submission];
        let accepted = self.queue.accept(&both).await.map_err(|error| error.to_string())?;
        self.names.jobs.insert(entry.id.clone());
        self.names.bills.insert(entry.external_id.clone());
        self.names.batches.insert(entry.batch.clone());
        if self.model.early_cancel_of(entry).is_some() {
            self.coverage.count("early cancel");
        }
        let is_job = self.model.accept(entry);
        same("accept", &(accepted.taken, accepted.jobs), &(1, u32::from(is_job)))
    }

    /// Ids follow the clock and never go back, as Redis makes them.
    pub(super) fn next_id(&mut self) -> String {
        let now_ms = self.model.clock.unix_ms();
        let (last_ms, last) = self.last_id;
        self.last_id = if now_ms > last_ms { (now_ms, 0) } else { (last_ms, last + 1) };
        format!("{}-{}", self.last_id.0, self.last_id.1)
    }

    fn entry(&mut self, submitted: &Submitted) -> Entry {
        let now_ms = self.model.clock.unix_ms();
        let id = self.next_id();
        let run_in_ms = submitted.run_in.map(|run_in| u64::try_from(run_in.as_millis()).unwrap());
        Entry {
            id,
            external_id: format!("INV-{}", submitted.bill),
            amount: if submitted.has_other_amount { "9" } else { "350000" }.to_owned(),
            priority: submitted.priority,
            run_at_ms: run_in_ms.map(|run_in_ms| now_ms + run_in_ms),
            batch: format!("batch-{}", submitted.batch),
            is_check_first: submitted.is_check_first,
            attempts_max: submitted.attempts_max,
            error_code: if submitted.is_valid { "" } else { "invalid" }.to_owned(),
        }
    }
}

fn submission(entry: &Entry) -> Submission {
    let priority = match entry.priority {
        Priority::High => "high",
        Priority::Normal => "normal",
        Priority::Low => "low",
    };
    Submission {
        id: entry.id.clone(),
        external_id: entry.external_id.clone(),
        amount: entry.amount.clone(),
        priority: priority.to_owned(),
        run_at: entry.run_at_ms.map(|run_at_ms| run_at_ms.to_string()).unwrap_or_default(),
        batch: entry.batch.clone(),
        check_first: if entry.is_check_first { "1" } else { "" }.to_owned(),
        max_attempts: entry.attempts_max.to_string(),
        error_code: entry.error_code.clone(),
        error_message: entry.error_code.clone(),
        data: b"{}".to_vec(),
        ..Submission::default()
    }
}
