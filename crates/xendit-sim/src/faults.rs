//! Scripted faults: which requests they strike, and what happens to those.

mod script;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::script::ScriptedFault;
pub(crate) use self::script::{Plan, Script, Target};
use crate::api::RequestKind;

/// No scripted wait is longer: 300 s.
const WAIT_MAX_MS: u64 = 300_000;

/// A fault, the requests it strikes, and how often.
///
/// Several may strike one request: every delay does, and of the others the first that was added. A
/// request that the rate limit refuses is struck by none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Strikes requests of this kind only. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<RequestKind>,
    /// Strikes this external id only. For get and expire it is that of the invoice. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Strikes external ids that begin so. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id_prefix: Option<String>,
    /// Strikes requests of this account only ([`account_of`](crate::account_of)). Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Strikes so often. Absent: until removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Strikes with this probability, 0 to 1. Absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Whether the request takes effect before `status`, `hang`, `reset`, `close` or `garbage`
    /// strikes. The other acts alter a real answer, and the request always takes effect.
    /// Defaults to false.
    #[serde(default)]
    pub after_creation: bool,
    /// What happens.
    pub act: Act,
}

/// What happens to a request that a fault strikes. In JSON an object with its name as `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// Answers with this status.
    Status {
        /// 200 to 599.
        status: u16,
        /// Absent: the error body that Xendit usually sends with this status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Answer>,
        /// Headers to set, or with null to leave out; rate headers may be named.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, Option<String>>,
    },
    /// Never answers; closes the connection after a while.
    Hang {
        /// When to close the connection; at most, and by default, 300,000.
        #[serde(default = "wait_max_ms")]
        max_ms: u64,
    },
    /// Resets the connection (RST) instead of answering.
    Reset,
    /// Closes the connection (FIN) instead of answering.
    Close,
    /// Waits before the request takes effect.
    Delay {
        /// How long; at most 300,000.
        ms: u64,
    },
    /// Waits after the request took effect.
    DelayAnswer {
        /// How long; at most 300,000.
        ms: u64,
    },
    /// Closes the connection in the middle of the answer's body.
    Truncate {
        /// How many bytes of the body are sent; the headers promise all.
        bytes: usize,
    },
    /// Answers 200 with a body that is no JSON.
    Garbage,
    /// Leaves `id` out of the answer, of each element in a list.
    NoId,
    /// Answers a `status` of the invoice that no documentation names.
    UnknownStatus,
    /// Answers an error now and makes the invoice later, as if Xendit finished after it gave up.
    LateCreation {
        /// How much later; at most 300,000.
        ms: u64,
        /// The status answered now. Defaults to 500.
        #[serde(default = "status_500")]
        status: u16,
    },
    /// Sends the body a few bytes at a time.
    SlowBody {
        /// How many bytes at a time; at least 1.
        bytes: usize,
        /// The wait before each of them; at most 300,000.
        interval_ms: u64,
    },
}

/// The body of a scripted answer. In JSON `"empty"`, `{"json":…}`, `{"html":"…"}` or `{"raw":"…"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// No body.
    Empty,
    /// A JSON body.
    Json(Value),
    /// A page, as gateways send.
    Html(String),
    /// Any text, without a content type.
    Raw(String),
}

/// Why a fault cannot be scripted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The status is none that an answer may have.
    #[error("status {0} is not between 200 and 599")]
    Status(u16),
    /// A header's name or value is malformed.
    #[error("header `{0}` is malformed")]
    Header(String),
    /// The probability is not between 0 and 1.
    #[error("probability is not between 0 and 1")]
    Probability,
    /// A wait is too long.
    #[error("{0} ms is longer than 300000 ms")]
    Wait(u64),
    /// A count of times or bytes is zero.
    #[error("`{0}` must be at least 1")]
    Zero(&'static str),
}

impl Fault {
    /// Returns a fault that strikes every request until it is removed.
    pub fn always(act: Act) -> Self {
        Self {
            on: None,
            external_id: None,
            external_id_prefix: None,
            account: None,
            times: None,
            probability: None,
            after_creation: false,
            act,
        }
    }

    /// Returns a fault that strikes every request of one kind until it is removed.
    pub fn on(kind: RequestKind, act: Act) -> Self {
        Self { on: Some(kind), ..Self::always(act) }
    }

    /// Strikes so often only.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Strikes this external id only.
    #[must_use]
    pub fn for_external_id(self, external_id: impl Into<String>) -> Self {
        Self { external_id: Some(external_id.into()), ..self }
    }

    /// Strikes requests of this secret key only.
    #[must_use]
    pub fn for_secret_key(self, secret_key: &str) -> Self {
        Self { account: Some(crate::account_of(secret_key)), ..self }
    }

    /// Strikes with this probability, 0 to 1.
    #[must_use]
    pub fn with_probability(self, probability: f64) -> Self {
        Self { probability: Some(probability), ..self }
    }

    /// Strikes after the request took effect.
    #[must_use]
    pub fn after_creation(self) -> Self {
        Self { after_creation: true, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err(FaultError::Probability);
        }
        if self.times == Some(0) {
            return Err(FaultError::Zero("times"));
        }
        self.act.check()
    }
}

impl Act {
    /// Returns the act that answers with a status and the body that usually comes with it.
    pub fn status(status: u16) -> Self {
        Self::Status { status, body: None, headers: BTreeMap::new() }
    }

    /// Returns the name of the act, as in JSON and in the ledger.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Hang { .. } => "hang",
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Delay { .. } => "delay",
            Self::DelayAnswer { .. } => "delay_answer",
            Self::Truncate { .. } => "truncate",
            Self::Garbage => "garbage",
            Self::NoId => "no_id",
            Self::UnknownStatus => "unknown_status",
            Self::LateCreation { .. } => "late_creation",
            Self::SlowBody { .. } => "slow_body",
        }
    }

    fn check(&self) -> Result<(), FaultError> {
        let check_status = |status: u16| {
            (200..=599).contains(&status).then_some(()).ok_or(FaultError::Status(status))
        };
        let check_wait = |ms: u64| (ms <= WAIT_MAX_MS).then_some(()).ok_or(FaultError::Wait(ms));
        match self {
            Self::Status { status, headers, .. } => {
                check_status(*status)?;
                headers.iter().try_for_each(|(name, value)| check_header(name, value.as_deref()))
            }
            Self::LateCreation { ms, status } => check_status(*status).and(check_wait(*ms)),
            Self::Hang { max_ms: ms } | Self::Delay { ms } | Self::DelayAnswer { ms } => {
                check_wait(*ms)
            }
            Self::SlowBody { bytes: 0, .. } => Err(FaultError::Zero("bytes")),
            Self::SlowBody { interval_ms, .. } => check_wait(*interval_ms),
            Self::Reset
            | Self::Close
            | Self::Truncate { .. }
            | Self::Garbage
            | Self::NoId
            | Self::UnknownStatus => Ok(()),
        }
    }

    /// Returns the wait of an act that is nothing but a wait: before and after the effect.
    fn delay(&self) -> Option<(Duration, Duration)> {
        match self {
            Self::Delay { ms } => Some((Duration::from_millis(*ms), Duration::ZERO)),
            Self::DelayAnswer { ms } => Some((Duration::ZERO, Duration::from_millis(*ms))),
            Self::Status { .. }
            | Self::Hang { .. }
            | Self::Reset
            | Self::Close
            | Self::Truncate { .. }
            | Self::Garbage
            | Self::NoId
            | Self::UnknownStatus
            | Self::LateCreation { .. }
            | Self::SlowBody { .. } => None,
        }
    }
}

fn check_header(name: &str, value: Option<&str>) -> Result<(), FaultError> {
    let is_wellformed = HeaderName::try_from(name).is_ok()
        && value.is_none_or(|value| HeaderValue::try_from(value).is_ok());
    is_wellformed.then_some(()).ok_or_else(|| FaultError::Header(name.to_owned()))
}

fn wait_max_ms() -> u64 {
    WAIT_MAX_MS
}

fn status_500() -> u16 {
    500
}

#[cfg(test)]
mod tests;
