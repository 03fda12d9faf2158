//! How long the simulated Xendit takes to answer.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::span::{SpanError, format_span, parse_span};

/// No answer takes longer than this, however long the tail.
const LATENCY_MAX: Duration = Duration::from_mins(5);

/// The 99th percentile of the standard normal distribution.
const NORMAL_P99: f64 = 2.326_347_874;

/// A distribution of answer times. The invoice is made when half of the time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Latency {
    /// Always the same: `50ms`.
    Constant(Duration),
    /// Evenly spread between two bounds, both included: `20-300ms`.
    Uniform {
        /// The shortest answer time.
        least: Duration,
        /// The longest answer time.
        most: Duration,
    },
    /// Log-normal, half of the answers under `median`, one in a hundred over `p99`: `tail:80ms:2s`.
    LongTail {
        /// The middle answer time.
        median: Duration,
        /// The answer time that one in a hundred exceeds; never more than 300 s.
        p99: Duration,
    },
}

/// Why a text is no latency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LatencyError {
    /// A part is no span of time.
    #[error("latency `{text}` is not of the form 50ms, 20-300ms or tail:80ms:2s")]
    Span {
        /// The latency as written.
        text: String,
        /// What is wrong with that part.
        #[source]
        source: SpanError,
    },
    /// The second span is shorter than the first, or a median is zero.
    #[error("the spans of latency `{0}` are in the wrong order or zero")]
    Order(String),
    /// A tail with one span only.
    #[error("latency `{0}` is not of the form tail:80ms:2s")]
    Tail(String),
}

impl Latency {
    /// Answers at once.
    pub const NONE: Self = Self::Constant(Duration::ZERO);

    /// Draws one answer time.
    pub fn draw(&self, random: &mut impl Rng) -> Duration {
        match self {
            Self::Constant(latency) => *latency,
            Self::Uniform { least, most } => random.random_range(*least..=*most),
            Self::LongTail { median, p99 } => {
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / NORMAL_P99;
                let seconds = median.as_secs_f64() * (sigma * standard_normal(random)).exp();
                Duration::try_from_secs_f64(seconds).unwrap_or(LATENCY_MAX)
            }
        }
        .min(LATENCY_MAX)
    }
}

/// Draws from the standard normal distribution (Box and Muller, 1958).
fn standard_normal(random: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, LatencyError> {
        let text = text.trim();
        let span = |part: &str| {
            parse_span(part).map_err(|source| LatencyError::Span { text: text.to_owned(), source })
        };
        let ordered = |first: Duration, second: Duration| {
            let is_ordered = first <= second;
            is_ordered.then_some(()).ok_or_else(|| LatencyError::Order(text.to_owned()))
        };
        if let Some(tail) = text.strip_prefix("tail:") {
            let (median, p99) =
                tail.split_once(':').ok_or_else(|| LatencyError::Tail(text.to_owned()))?;
            let (median, p99) = (span(median)?, span(p99)?);
            ordered(median.max(Duration::from_nanos(1)), p99)?;
            ordered(Duration::from_micros(1), median)?;
            return Ok(Self::LongTail { median, p99 });
        }
        let Some((least, most)) = text.split_once('-') else {
            return span(text).map(Self::Constant);
        };
        // In `20-300ms` the first bound borrows the unit of the second.
        let unit = most.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let least = span(least).or_else(|_| span(&format!("{least}{unit}")))?;
        let most = span(most)?;
        ordered(least, most)?;
        Ok(Self::Uniform { least, most })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(latency) => f.write_str(&format_span(*latency)),
            Self::Uniform { least, most } => {
                write!(f, "{}-{}", format_span(*least), format_span(*most))
            }
            Self::LongTail { median, p99 } => {
                write!(f, "tail:{}:{}", format_span(*median), format_span(*p99))
            }
        }
    }
}

impl From<Latency> for String {
    fn from(latency: Latency) -> Self {
        latency.to_string()
    }
}

impl TryFrom<String> for Latency {
    type Error = LatencyError;

    fn try_from(text: String) -> Result<Self, LatencyError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
