//! What the gateway asks before it submits a job, and while it waits for one. Nothing here changes a job.

use std::time::Duration;

use antre_core::{priority::Priority, state::State};
use redis::Value;
use serde::Serialize;

use crate::{Queue, StoreError, decode::Reply, script::GATEWAY_JOIN};

/// Creates are counted for so long together; `status.lua` has the same.
const COUNTED_MS: u64 = 5 * 60 * 1000;
/// How long counts are kept: those of the last hour are shown.
const COUNTS_KEPT_S: u64 = 2 * 3600;

/// What became of a create, as `antre status` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Whatever its caller got.
    Create,
    /// Its caller was told that it is still queued.
    StillQueued,
    /// Its name is another bill's, or one that was paid long ago.
    Misnamed,
}

impl Counted {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "creates",
            Self::StillQueued => "still_queued",
            Self::Misnamed => "misnamed",
        }
    }
}

/// How long an idempotency key is remembered.
const CALLER_KEY_S: u64 = 24 * 3600;

/// A bill as a create names it: of [`Submission`](crate::intake::Submission) what tells one bill from another.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AskedBill {
    /// The bill's name.
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
}

/// What a create would be for its bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// Nobody serves the account.
    Unserved,
    /// A job of its own.
    New,
    /// The same bill as a job that has not ended.
    Join {
        /// That job.
        job: String,
        /// Its priority; `None` while it is in the inbox.
        priority: Option<Priority>,
        /// Its state; `None` while it is in the inbox.
        state: Option<State>,
    },
    /// The same bill as a done job, whose invoice is payable as far as Antre knows.
    Done {
        /// That job.
        job: String,
        /// Its invoice.
        invoice_id: String,
        /// How long ago it ended; `None` when its record is gone.
        age: Option<Duration>,
    },
    /// Another amount, currency or payer than this job's.
    Conflict {
        /// The job that the bill belongs to.
        job: String,
    },
    /// Word for word the same as a job that ended without an invoice.
    Refused {
        /// That job.
        job: String,
        /// How long ago it ended; `None` when that is not known.
        age: Option<Duration>,
    },
}

impl Queue {
    /// Returns what a create would be for its bill. `text` is the job's JSON up to the end of its invoice, and `submitted`
    /// the entry that was added for it before, if there was one.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn join(
        &self,
        bill: &AskedBill,
        text: &[u8],
        submitted: Option<&str>,
    ) -> Result<Joined, StoreError> {
        let bill = serde_json::to_vec(bill)
            .map_err(|_error| StoreError::reply("gateway_join", "a bill that cannot be written"))?;
        let submitted = submitted.unwrap_or_default().as_bytes();
        let items: Vec<Value> =
            self.run(&GATEWAY_JOIN, &[bill.as_slice(), text, submitted]).await?;
        let mut reply = Reply::new("gateway_join", items);
        let word: String = reply.next()?;
        Ok(match word.as_str() {
            "unserved" => Joined::Unserved,
            "new" => Joined::New,
            "conflict" => Joined::Conflict { job: reply.next()? },
            "join" => Joined::Join {
                job: reply.next()?,
                priority: reply.next::<String>()?.parse().ok(),
                state: reply.next::<String>()?.parse().ok(),
            },
            "done" => Joined::Done {
                job: reply.next()?,
                invoice_id: reply.next()?,
                age: age(reply.parse()?),
            },
            "refused" => Joined::Refused { job: reply.next()?, age: age(reply.parse()?) },
            word => return Err(reply.unexpected(word)),
        })
    }

    /// Remembers for a day which body came with an idempotency key. Returns the digest of the body that came with it
    /// first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn remember_caller_key(
        &self,
        key_digest: &str,
        body_digest: &str,
    ) -> Result<String, StoreError> {
        let mut connection = self.redis().calls();
        let mut set = redis::cmd("SET");
        set.arg(self.keys().caller_key(key_digest)).arg(body_digest);
        let before: Option<String> = set
            .arg("NX")
            .arg("GET")
            .arg("EX")
            .arg(CALLER_KEY_S)
            .query_async(&mut connection)
            .await?;
        Ok(before.unwrap_or_else(|| body_digest.to_owned()))
    }

    /// Counts what became of a create of this caller's.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn count_create(&self, caller: &str, counted: &[Counted]) -> Result<(), StoreError> {
        let now_ms = self.redis().time_us().await? / 1_000;
        let mut connection = self.redis().calls();
        let name = self.keys().gateway_counts(now_ms / COUNTED_MS);
        let mut pipeline = redis::pipe();
        for counted in counted {
            pipeline.hincr(&name, format!("{} {caller}", counted.as_str()), 1).ignore();
        }
        pipeline.cmd("EXPIRE").arg(&name).arg(COUNTS_KEPT_S).ignore();
        Ok(pipeline.exec_async(&mut connection).await?)
    }

    /// Returns how many jobs of its priority stand before a waiting one; `None` if it does not wait.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn place(&self, job: &str) -> Result<Option<(Priority, u64)>, StoreError> {
        let mut connection = self.redis().calls();
        let mut pipeline = redis::pipe();
        for priority in Priority::ALL {
            pipeline.cmd("ZSCORE").arg(self.keys().named(priority.as_str())).arg(job);
        }
        let scores: Vec<Option<String>> = pipeline.query_async(&mut connection).await?;
        let mut placed = Priority::ALL.into_iter().zip(scores);
        let found = placed.find_map(|(priority, score)| Some((priority, score?)));
        let Some((priority, score)) = found else { return Ok(None) };
        let mut count = redis::cmd("ZCOUNT");
        count.arg(self.keys().named(priority.as_str())).arg("-inf").arg(format!("({score}"));
        Ok(Some((priority, count.query_async(&mut connection).await?)))
    }
}

fn age(age_ms: i64) -> Option<Duration> {
    u64::try_from(age_ms).ok().map(Duration::from_millis)
}
