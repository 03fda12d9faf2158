//! Request limits as people write them: `2/1s,60/1m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::span::{SpanError, format_span, parse_span};

/// At most `requests` in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many requests one window may hold; at least 1.
    pub requests: u32,
    /// The length of the window.
    pub window: Duration,
}

/// The limits of an account, all in force at once. None at all lifts the limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Limits(pub Vec<Limit>);

/// Why a text is no list of limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// Not of the form `requests/window`.
    #[error("`{0}` is not of the form 2/1s")]
    Form(String),
    /// The number of requests is no whole number above 0.
    #[error("`{0}` must allow a whole number of requests, at least 1")]
    Requests(String),
    /// The window is no span of time.
    #[error("the window of `{text}` is no span of time")]
    Window {
        /// The limit as written.
        text: String,
        /// What is wrong with its window.
        #[source]
        source: SpanError,
    },
    /// The window has no length.
    #[error("the window of `{0}` has no length")]
    NoWindow(String),
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let text = text.trim();
        let (requests, window) =
            text.split_once('/').ok_or_else(|| LimitError::Form(text.to_owned()))?;
        let requests: u32 = requests
            .trim()
            .parse()
            .ok()
            .filter(|requests| *requests > 0)
            .ok_or_else(|| LimitError::Requests(text.to_owned()))?;
        let window = parse_span(window)
            .map_err(|source| LimitError::Window { text: text.to_owned(), source })?;
        if window.is_zero() {
            return Err(LimitError::NoWindow(text.to_owned()));
        }
        Ok(Self { requests, window })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, format_span(self.window))
    }
}

impl FromStr for Limits {
    type Err = LimitError;

    /// `none` and the empty text lift the limit.
    fn from_str(text: &str) -> Result<Self, LimitError> {
        if text.trim().is_empty() || text.trim() == "none" {
            return Ok(Self(Vec::new()));
        }
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let limits: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&limits.join(","))
    }
}

impl From<Limits> for String {
    fn from(limits: Limits) -> Self {
        limits.to_string()
    }
}

impl TryFrom<String> for Limits {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Self, LimitError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
