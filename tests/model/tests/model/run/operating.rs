//! What people do.

use std::time::Duration;

use antre_model::machine::{CRASHES_MAX, OWN_FAILURES_MAX, Reply};
use antre_store::operate::{Cancelled, KeyAccepted, KeyWord, Retried};

use super::{Fault, Run, same};

impl Run {
    fn any_job(&self, number: usize) -> String {
        let jobs = self.names.jobs.len();
        // One id that does not exist is among them.
        self.names.jobs.iter().nth(number % (jobs + 1)).cloned().unwrap_or_else(|| "1-7".to_owned())
    }

    pub(super) async fn cancel(&mut self, number: usize) -> Result<(), Fault> {
        let id = self.any_job(number);
        let cancelled = self.queue.cancel(&id).await.map_err(|error| error.to_string())?;
        let found = match cancelled {
            Cancelled::Cancelled => Reply::Cancelled,
            Cancelled::Unknown => Reply::Impossible,
            Cancelled::TooLate(_) => Reply::TooLate,
            Cancelled::Ended(_) => Reply::Ended,
        };
        self.coverage.count(&format!("cancel {found:?}"));
        same(&format!("cancel of {id}"), &found, &self.model.cancel(&id))
    }

    pub(super) async fn retry(&mut self, number: usize) -> Result<(), Fault> {
        let id = self.any_job(number);
        let retried =
            self.queue.retry(std::slice::from_ref(&id)).await.map_err(|error| error.to_string())?;
        let found = match retried[0] {
            Retried::Revived => Reply::Revived,
            Retried::Unknown => Reply::Impossible,
            Retried::NotDead => Reply::NotDead,
            Retried::Unchangeable => Reply::Unchangeable,
            Retried::Replaced => Reply::Replaced,
        };
        self.coverage.count(&format!("retry {found:?}"));
        same(&format!("retry of {id}"), &found, &self.model.retry(&id))
    }

    pub(super) async fn discard(&mut self, number: usize) -> Result<(), Fault> {
        let id = self.any_job(number);
        let found = self
            .queue
            .discard(std::slice::from_ref(&id))
            .await
            .map_err(|error| error.to_string())?;
        let is_discarded = self.model.discard(&id);
        if is_discarded {
            self.names.jobs.remove(&id);
        }
        same(&format!("discard of {id}"), &found, &usize::from(is_discarded))
    }

    pub(super) async fn pause(&mut self, length: Option<Duration>) {
        self.queue.pause("tester", "a test", length).await.unwrap();
        let length_ms = length.map(|length| u64::try_from(length.as_millis()).unwrap());
        let now_ms = self.model.clock.unix_ms();
        self.model.breaker.pause(length_ms.map(|length_ms| now_ms + length_ms));
    }

    pub(super) async fn recheck(&mut self, new_for: Duration) -> Result<(), Fault> {
        self.queue.recheck(new_for, "tester").await.map_err(|error| error.to_string())?;
        self.model.recheck_all(u64::try_from(new_for.as_millis()).unwrap());
        Ok(())
    }

    pub(super) async fn accept_key(&mut self, is_other_account: bool) -> Result<(), Fault> {
        let Some(fingerprint) = self.model.identity.strangers.keys().next().cloned() else {
            return Ok(());
        };
        let word = KeyWord { fingerprint: &fingerprint, who: "tester", is_other_account };
        let found = self.queue.accept_key(word).await.map_err(|error| error.to_string())?;
        self.coverage.count(match &found {
            KeyAccepted::Accepted(_) => "key Accepted",
            KeyAccepted::Other(_) => "key Other",
            KeyAccepted::Unfinished(_) => "key Unfinished",
            _ => "key other",
        });
        let is_accepted = found == KeyAccepted::Accepted(fingerprint.clone());
        same("accept key", &is_accepted, &self.model.accept_key(&fingerprint, is_other_account))
    }

    /// Every follow-up, and every look-up that is not running, has one try left.
    pub(super) async fn tire(&mut self) {
        for (number, id) in self.model.tire_look_ups().into_iter().enumerate() {
            let mut command = redis::cmd("HSET");
            command.arg(self.queue.keys().meta(&id));
            command.arg("own_failures").arg(OWN_FAILURES_MAX - 1).arg("lookup_failed_at").arg(0);
            if number == 0 {
                command.arg("crashes").arg(CRASHES_MAX);
            }
            command.exec_async(&mut self.connection).await.unwrap();
        }
        let attempts = self.model.tire_follow_ups();
        for id in self.model.follow_ups.keys() {
            let mut command = redis::cmd("HSET");
            command.arg(self.queue.keys().named(&format!("follow_up:{id}")));
            command.arg("attempts").arg(attempts);
            command.exec_async(&mut self.connection).await.unwrap();
        }
    }

    pub(super) async fn resume(&mut self) -> Result<(), Fault> {
        let found = self.queue.resume("tester").await.map_err(|error| error.to_string())?;
        same("resume", &found, &self.model.breaker.resume())
    }
}
