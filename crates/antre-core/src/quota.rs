//! The words of an answer about the account's rate limit.

use std::time::Duration;

/// What a provider says about its rate limit in any answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// How many requests a window takes.
    pub limit: Option<u32>,
    /// How many of them are left.
    pub remaining: Option<u32>,
    /// How long until more are; nothing if unbelievable, at most 120 s.
    pub reset: Option<Duration>,
}
