//! Intake: entries of the inbox become jobs. An entry that is still in the stream is not accepted yet.

use redis::Value;
use serde::Serialize;

use crate::{
    Queue, StoreError,
    decode::Reply,
    script::{ACCEPT, READ_INBOX},
};

/// Entries per [`Queue::accept`] at most: bounds the script's time.
pub const ACCEPT_MAX: usize = 64;

/// What one call reads at most, all values together.
const READ_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One entry of the inbox, cut: its names and values as bytes, in their order, at most four of each.
#[derive(Debug, Clone)]
pub struct InboxEntry {
    /// The stream's id: the job id.
    pub id: String,
    /// Fields and values in their order.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What an entry turned out to be. What is empty is not written: the script reads fewer fields.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Submission {
    /// The entry's id.
    pub id: String,
    /// The bill; of an entry that is no job the name that could be read, or empty.
    pub external_id: String,
    /// Canonical decimal.
    pub amount: String,
    /// ISO 4217, or empty for the account's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// Digest of the payer's e-mail address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payer_email: String,
    /// Digest of the payer's mobile number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payer_mobile: String,
    /// `high`, `normal`, `low`.
    pub priority: String,
    /// Unix milliseconds, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub run_at: String,
    /// Groups jobs for progress.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub batch: String,
    /// The caller's own name for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// `1` or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub check_first: String,
    /// Creates that may fail before the job is dead.
    pub max_attempts: String,
    /// W3C trace context.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub traceparent: String,
    /// Why it is no job; empty when it is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// The same in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_message: String,
    /// The job's JSON, or the raw text of what is none.
    #[serde(skip)]
    pub data: Vec<u8>,
}

/// What one [`Queue::accept`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Entries that this call took; the others were taken by another worker.
    pub taken: u32,
    /// Those of them that became jobs of their own.
    pub jobs: u32,
}

impl Queue {
    /// Reads up to `entries_max` entries of the inbox without taking them, each value cut after `value_bytes_max` bytes.
    /// Empty while another worker takes a bulk in.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn read_inbox(
        &self,
        entries_max: usize,
        value_bytes_max: usize,
        worker: &str,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        let numbers = [entries_max, value_bytes_max, READ_BYTES_MAX].map(|n| n.to_string());
        let [entries_max, value_bytes_max, total_bytes_max] = &numbers;
        let arguments = [entries_max, value_bytes_max, total_bytes_max, worker];
        let items: Vec<Value> = self.run(&READ_INBOX, &arguments).await?;
        let entries_read = items.len() / 2;
        let mut reply = Reply::new("read_inbox", items);
        let mut entries = Vec::with_capacity(entries_read);
        for _ in 0..entries_read {
            let id = reply.next()?;
            let mut fields = Vec::new();
            let mut values = reply.next::<Vec<Vec<u8>>>()?.into_iter();
            while let (Some(field), Some(value)) = (values.next(), values.next()) {
                fields.push((field, value));
            }
            entries.push(InboxEntry { id, fields });
        }
        Ok(entries)
    }

    /// Makes the inbox if somebody deleted it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn restore_inbox(&self) -> Result<(), StoreError> {
        self.accept(&[]).await.map(drop)
    }

    /// Takes entries out of the inbox: each becomes a job, a duplicate, or a dead job that says why.
    /// At most [`ACCEPT_MAX`] at once.
    ///
    /// # Errors
    /// Any [`StoreError`]; repeating the call is harmless.
    pub async fn accept(&self, submissions: &[Submission]) -> Result<Accepted, StoreError> {
        self.accept_as("", submissions).await
    }

    /// The same by `worker`, which looks for work itself when the reply names jobs: it is not woken.
    ///
    /// # Errors
    /// As [`Queue::accept`].
    pub async fn accept_as(
        &self,
        worker: &str,
        submissions: &[Submission],
    ) -> Result<Accepted, StoreError> {
        let mut arguments: Vec<Vec<u8>> = Vec::with_capacity(submissions.len() * 2 + 1);
        arguments.push(worker.as_bytes().to_vec());
        for submission in submissions {
            let header = serde_json::to_vec(submission)
                .map_err(|_error| StoreError::reply("accept", "a header that cannot be written"))?;
            arguments.push(header);
            arguments.push(submission.data.clone());
        }
        let (taken, jobs) = self.run(&ACCEPT, &arguments).await?;
        Ok(Accepted { taken, jobs })
    }
}
