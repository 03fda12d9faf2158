//! A worker's words about itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a worker says of itself with every heartbeat; whoever looks at the account reads the same.
///
/// A worker of this version says all of it. What another version does not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Heartbeat {
    /// Version of the program.
    pub version: Option<Cow<'static, str>>,
    /// Requests running now.
    pub running: Option<usize>,
    /// Requests that may run at once.
    pub concurrency: Option<usize>,
    /// Seconds since it started. When it said this is added by Redis.
    pub uptime_s: Option<u64>,
    /// How long the oldest of them has waited for its answer, milliseconds.
    pub answer_awaited_ms: u64,
    /// Whether it can open connections to Xendit.
    pub is_connected: Option<bool>,
    /// Whether it answers over HTTP, so that it can report the metrics of the whole fleet.
    pub has_http: bool,
    /// What keeps it from serving the account, in plain words without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}
