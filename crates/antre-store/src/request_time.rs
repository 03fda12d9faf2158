//! How long an account's requests took lately, as workers remember it for times without any worker.

use std::time::Duration;

use redis::AsyncCommands as _;
use serde::{Deserialize, Serialize};

use crate::{Queue, StoreError};

/// How long the memory holds: bills are often sent once a month.
const KEPT: Duration = Duration::from_hours(40 * 24);

/// How long requests took lately, and how many a worker may have under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTime {
    /// 95 of 100 requests of the worker that wrote this took no longer, milliseconds.
    pub p95_ms: u64,
    /// Requests that it may have under way at once.
    pub concurrency: usize,
}

impl Queue {
    /// Remembers how long requests took; the last worker to write counts.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn note_request_time(&self, time: RequestTime) -> Result<(), StoreError> {
        let json = serde_json::to_string(&time)
            .map_err(|error| StoreError::reply("request_time", error.to_string()))?;
        let mut connection = self.redis().calls();
        let key = self.keys().named("request_time");
        Ok(connection.set_ex::<_, _, ()>(key, json, KEPT.as_secs()).await?)
    }

    /// Returns how long requests took lately; `None` if nobody wrote it within 40 days, or another program did.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn request_time(&self) -> Result<Option<RequestTime>, StoreError> {
        let mut connection = self.redis().calls();
        let json: Option<String> = connection.get(self.keys().named("request_time")).await?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }
}
