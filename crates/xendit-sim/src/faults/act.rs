//! What may happen to a request.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FaultError;

/// No scripted wait is longer: 300 s.
const WAIT_MAX_MS: u64 = 300_000;

/// No body is padded to more: 64 MiB.
const PADDED_BYTES_MAX: usize = 64 * 1024 * 1024;

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
    /// Sets fields of the invoice in the answer, of each element in a list.
    Alter {
        /// The fields; one with null is left out.
        fields: BTreeMap<String, Option<Value>>,
    },
    /// Answers with another invoice of the account, as a proxy does that mixes up its connections; a
    /// list with nothing but that invoice. The request takes its own effect. Without another invoice,
    /// or when the request is refused, the answer stays the right one.
    OtherInvoice {
        /// The newest invoice with this external id. Absent: the newest with another external id than
        /// the right one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    /// Lists the newest invoices of the account whatever the filters of the list ask for.
    IgnoreFilters {
        /// How many; at least 1. Defaults to 20.
        #[serde(default = "limit_20")]
        limit: usize,
    },
    /// Serves the request as if its key belonged to another account: what it lists, gets, expires or
    /// creates is of that account.
    OtherAccount {
        /// That account ([`Running::account_of`](crate::Running::account_of)).
        account: String,
    },
    /// Adds a long field `padding` to the invoice, to each element in a list, so that the body gets
    /// longer than this. An empty list stays empty.
    Pad {
        /// How many bytes the body exceeds; at most 67,108,864.
        bytes: usize,
    },
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

impl Act {
    /// Returns the act that answers with a status and the body that usually comes with it.
    pub fn status(status: u16) -> Self {
        Self::Status { status, body: None, headers: BTreeMap::new() }
    }

    /// Returns the act that sets these fields of the invoice in the answer; null leaves a field out.
    pub fn alter<const N: usize>(fields: [(&str, Value); N]) -> Self {
        let set = |value: Value| (!value.is_null()).then_some(value);
        let fields = fields.map(|(name, value)| (name.to_owned(), set(value)));
        Self::Alter { fields: fields.into() }
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
            Self::Alter { .. } => "alter",
            Self::OtherInvoice { .. } => "other_invoice",
            Self::IgnoreFilters { .. } => "ignore_filters",
            Self::OtherAccount { .. } => "other_account",
            Self::Pad { .. } => "pad",
            Self::LateCreation { .. } => "late_creation",
            Self::SlowBody { .. } => "slow_body",
        }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
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
            Self::IgnoreFilters { limit: 0 } => Err(FaultError::Zero("limit")),
            Self::Pad { bytes } if *bytes > PADDED_BYTES_MAX => Err(FaultError::Long(*bytes)),
            Self::SlowBody { interval_ms, .. } => check_wait(*interval_ms),
            Self::Reset
            | Self::Close
            | Self::Truncate { .. }
            | Self::Garbage
            | Self::NoId
            | Self::UnknownStatus
            | Self::Alter { .. }
            | Self::OtherInvoice { .. }
            | Self::IgnoreFilters { .. }
            | Self::OtherAccount { .. }
            | Self::Pad { .. } => Ok(()),
        }
    }

    /// Returns the wait of an act that is nothing but a wait: before and after the effect.
    pub(super) fn delay(&self) -> Option<(Duration, Duration)> {
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
            | Self::Alter { .. }
            | Self::OtherInvoice { .. }
            | Self::IgnoreFilters { .. }
            | Self::OtherAccount { .. }
            | Self::Pad { .. }
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

fn limit_20() -> usize {
    20
}
