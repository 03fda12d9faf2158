//! Reads: what programs ask the provider through Antre, besides jobs. They wait in a lane of their own, and share the
//! account's limit with its jobs.

use std::{str::FromStr, time::Duration};

use antre_core::read::{ReadAnswer, ReadRequest};
use serde::Deserialize;

use crate::{Queue, StoreError, decode::unexpected, script::SUBMIT_READ};

/// What became of a read that was to be submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmittedRead {
    /// It waits; [`Queue::read_end`] tells its end.
    Submitted,
    /// As many wait as may.
    Full,
    /// The provider does not answer now: the account's breaker is open.
    Closed,
    /// No worker has ever served the account.
    Unserved,
}

impl FromStr for SubmittedRead {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "submitted" => Self::Submitted,
            "full" => Self::Full,
            "closed" => Self::Closed,
            "unserved" => Self::Unserved,
            _ => return Err(()),
        })
    }
}

/// How a read ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadEnd {
    /// The provider's answer.
    Answer(ReadAnswer),
    /// There is none: the code of what happened. It was sent once, or not at all.
    Failed(String),
}

impl Queue {
    /// Puts a read into the lane. Nothing is sent later than `wait` from now.
    ///
    /// `id`: fresh and unguessable, at most 64 letters and digits.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn submit_read(
        &self,
        id: &str,
        read: &ReadRequest,
        wait: Duration,
    ) -> Result<SubmittedRead, StoreError> {
        let wait_ms = wait.as_millis().to_string();
        let arguments = [id, read.kind.as_str(), &read.target, &wait_ms];
        let word: String = self.run(&SUBMIT_READ, &arguments).await?;
        word.parse().map_err(|()| StoreError::reply("submit_read", unexpected(&word)))
    }

    /// Returns whether a read has not ended: it waits, or is under way.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn is_read_known(&self, id: &str) -> Result<bool, StoreError> {
        let mut connection = self.redis().calls();
        let record = self.keys().named(&format!("read:{id}"));
        Ok(redis::cmd("EXISTS").arg(record).query_async(&mut connection).await?)
    }

    /// Returns how a read ended, if it has; for a minute after that.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn read_end(&self, id: &str) -> Result<Option<ReadEnd>, StoreError> {
        let list = self.keys().named(&format!("answer:{id}"));
        let mut connection = self.redis().calls();
        let text: Option<String> =
            redis::cmd("LINDEX").arg(list).arg(0).query_async(&mut connection).await?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_error| StoreError::reply("LINDEX", "it is no end of a read"))
    }
}
