//! Reads: asking, and what becomes of them.

use std::time::Duration;

use antre_core::{
    job_outcome::{ExpiredInvoice, Limited, Outcome, ReadOutcome},
    read::{ReadAnswer, ReadKind, ReadRequest},
};
use antre_store::{
    finish::Finished,
    reads::{ReadEnd, SubmittedRead},
};

use super::{Fault, Held, Run, answering::granted, same};
use crate::{
    answers::quota,
    model::{AfterRead, READ_CODE, ReadWord},
    operation::Roll,
};

impl Run {
    /// Programs ask so many things at once.
    pub(super) async fn ask(
        &mut self,
        count: usize,
        number: usize,
        wait: Duration,
    ) -> Result<(), Fault> {
        for _ in 0..count {
            let id = format!("read-{:04}", self.names.reads.len());
            self.names.reads.insert(id.clone());
            let kind = ReadKind::ALL[number % ReadKind::ALL.len()];
            let read = ReadRequest { kind, target: "target".to_owned() };
            let submitted = self.queue.submit_read(&id, &read, wait).await;
            let submitted = submitted.map_err(|error| error.to_string())?;
            self.coverage.count(&format!("read {submitted:?}"));
            if submitted == SubmittedRead::Submitted {
                let wait_ms = u64::try_from(wait.as_millis()).unwrap();
                self.guarantees.asked(&id, self.model.clock.unix_ms() + wait_ms);
            }
            same("submit read", &submitted, &self.model.submit_read(&id, kind, wait))?;
        }
        Ok(())
    }

    pub(super) async fn finish_read(&mut self, held: &Held, roll: Roll) -> Result<(), Fault> {
        let grant = &held.grant;
        let asked = grant.read.as_ref().map(|read| read.kind);
        let outcome =
            if roll.is_good { ReadWord::Answered } else { ReadWord::ALL[roll.choice % 5] };
        let expired = (outcome == ReadWord::Answered && asked == Some(ReadKind::Expire))
            .then(|| self.expired(roll))
            .flatten();
        let wait = Duration::from_millis(u64::from(roll.detail % 30_000));
        let answer = AfterRead { outcome, wait, quota: quota(roll.detail), expired };
        let for_store = for_store(&answer);
        let outcome = Outcome::Read(for_store);
        let finished = self.queue.finish(grant, &outcome, answer.quota).await;
        let finished = finished.map_err(|error| format!("{answer:?}: {error}"))?;
        self.coverage.count(&format!("read {}", outcome.word()));
        self.guarantees.read_ended(&grant.id);
        if self.model.finish_read(&granted(grant), &answer) {
            self.coverage.count("read expired a bill's invoice");
        }
        same("read", &finished, &Finished::Done)?;
        let told = self.queue.read_end(&grant.id).await.map_err(|error| error.to_string())?;
        let expected = match answer.outcome {
            ReadWord::Answered => ReadEnd::Answer(ReadAnswer::default()),
            _ => ReadEnd::Failed(READ_CODE.to_owned()),
        };
        same("the end of a read", &told, &Some(expected))
    }

    /// Returns a bill and an invoice that was expired, mostly the one that it has.
    fn expired(&self, roll: Roll) -> Option<(String, String)> {
        let bills = &self.model.bills;
        let (external_id, bill) = bills.iter().nth(roll.choice % bills.len().max(1))?;
        let other = format!("foreign-{external_id}");
        let is_own = !roll.detail.is_multiple_of(4) && !bill.invoice_id.is_empty();
        Some((external_id.clone(), if is_own { bill.invoice_id.clone() } else { other }))
    }
}

fn for_store(answer: &AfterRead) -> ReadOutcome {
    let code = || READ_CODE.to_owned();
    match answer.outcome {
        ReadWord::Answered => {
            let expired = answer.expired.clone();
            let expired = expired.map(|(external_id, id)| ExpiredInvoice { id, external_id });
            ReadOutcome::Answered { answer: ReadAnswer::default(), expired }
        }
        ReadWord::NotSent => ReadOutcome::NotSent { code: code() },
        ReadWord::LookUpFailed => ReadOutcome::LookUpFailed { code: code(), answer: None },
        ReadWord::KeyRefused => ReadOutcome::KeyRefused { code: code(), answer: None },
        ReadWord::Limited => ReadOutcome::Limited {
            limited: Limited { code: code(), wait: answer.wait },
            answer: None,
        },
    }
}
