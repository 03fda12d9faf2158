//! The id of a job: the id that Redis gave its entry in the inbox.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A stream id, `<milliseconds>-<sequence>`; unique within its account, ordered by submission.
///
/// # Examples
/// ```
/// use antre_core::job_id::JobId;
///
/// let id: JobId = "1795413600000-0".parse()?;
/// assert_eq!(id.unix_ms(), 1_795_413_600_000);
/// # Ok::<(), antre_core::job_id::JobIdError>(())
/// ```
// The numbers come first, so that the derived order is that of the stream and not of the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct JobId {
    unix_ms: i64,
    sequence: u64,
    text: String,
}

/// A text that is no job id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a job id: XADD answers one such as 1795413600000-0, milliseconds-sequence")]
pub struct JobIdError;

impl JobId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns when Redis took the job, in Unix milliseconds of Redis' clock.
    pub const fn unix_ms(&self) -> i64 {
        self.unix_ms
    }
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('-').filter(|(ms, seq)| is_plain(ms) && is_plain(seq));
        let (milliseconds, sequence) = parts.ok_or(JobIdError)?;
        Ok(Self {
            unix_ms: milliseconds.parse().map_err(|_| JobIdError)?,
            sequence: sequence.parse().map_err(|_| JobIdError)?,
            text: text.to_owned(),
        })
    }
}

/// One id has one spelling: digits without sign or superfluous zeros, as Redis writes them.
fn is_plain(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit()) && (number == "0" || !number.starts_with('0'))
}

impl TryFrom<String> for JobId {
    type Error = JobIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.text
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JobId({})", self.text)
    }
}

#[cfg(test)]
mod tests;
