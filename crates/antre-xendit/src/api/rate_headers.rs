//! The rate headers of an answer: how much is left, and how long to wait.

use std::time::{Duration, UNIX_EPOCH};

use antre_core::Quota;
use antre_core::job_outcome::Limited;

/// The longest wait that is believed.
const WAIT_SECONDS_MAX: u32 = 120;

/// The wait when a 429 does not say, or says something unbelievable.
const WAIT_UNKNOWN: Duration = Duration::from_secs(10);

/// The headers of an answer that matter here, as far as they are text.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerHeaders<'a> {
    /// `Rate-Limit-Limit`.
    pub limit: Option<&'a str>,
    /// `Rate-Limit-Remaining`.
    pub remaining: Option<&'a str>,
    /// `Rate-Limit-Reset`: Xendit sends the seconds left in the window, with decimals.
    pub reset: Option<&'a str>,
    /// `Retry-After`; Xendit does not document it, gateways send it.
    pub retry_after: Option<&'a str>,
    /// `Date`, the server's clock, against which dates in the others count.
    pub date: Option<&'a str>,
}

/// Xendit's word for a limit that was reached.
const CODE: &str = "RATE_LIMIT_EXCEEDED";

impl AnswerHeaders<'_> {
    /// Returns what they say about the quota; `now_ms`, in Unix milliseconds, stands in for a missing `Date`.
    pub fn quota(&self, now_ms: Option<i64>) -> Quota {
        Quota {
            limit: self.limit.and_then(count),
            remaining: self.remaining.and_then(count),
            reset: self.reset.and_then(|text| wait(text, server_ms(self, now_ms))),
        }
    }

    /// Returns what a 429 with these headers asks for: the longer of the waits that `Rate-Limit-Reset` and
    /// `Retry-After` name, 0 to 120 s; 10 s if neither can be believed.
    ///
    /// Each counts as seconds if from 0 to 120 (decimals allowed), and as an HTTP date if it is one
    /// (one in the past is no wait, one far ahead is 120 s).
    pub fn limited(&self, now_ms: Option<i64>) -> Limited {
        let now_ms = server_ms(self, now_ms);
        let waits = [self.reset, self.retry_after];
        let longest = waits.into_iter().flatten().filter_map(|text| wait(text, now_ms)).max();
        Limited { code: CODE.to_owned(), wait: longest.unwrap_or(WAIT_UNKNOWN) }
    }
}

fn server_ms(headers: &AnswerHeaders<'_>, now_ms: Option<i64>) -> Option<i64> {
    headers.date.and_then(http_date_ms).or(now_ms)
}

/// Returns the leading digits as a number; `600, 600;w=60` is 600.
fn count(text: &str) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

fn wait(text: &str, now_ms: Option<i64>) -> Option<Duration> {
    seconds(text.trim()).or_else(|| {
        let ahead_ms = http_date_ms(text.trim())?.saturating_sub(now_ms?);
        let ahead = Duration::from_millis(u64::try_from(ahead_ms).unwrap_or(0));
        Some(ahead.min(Duration::from_secs(u64::from(WAIT_SECONDS_MAX))))
    })
}

fn seconds(text: &str) -> Option<Duration> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds: f64 = text.parse().ok().filter(|_| is_plain)?;
    let is_believable = (0.0..=f64::from(WAIT_SECONDS_MAX)).contains(&seconds);
    Duration::try_from_secs_f64(seconds).ok().filter(|_| is_believable)
}

/// Returns the instant of an HTTP date in any of its three forms (RFC 9110, section 5.6.7).
fn http_date_ms(text: &str) -> Option<i64> {
    let instant = httpdate::parse_http_date(text).ok()?;
    i64::try_from(instant.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

#[cfg(test)]
mod tests;
