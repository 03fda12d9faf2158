//! Scripted faults: which requests they strike, and what happens to those.

mod act;
mod script;

use serde::{Deserialize, Serialize};

pub use self::act::{Act, Answer};
pub use self::script::ScriptedFault;
pub(crate) use self::script::{Plan, Script, Target};
use crate::api::RequestKind;

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
    /// Strikes requests of this account only ([`Running::account_of`](crate::Running::account_of)).
    /// Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Strikes requests with the key of this name only ([`account_of`](crate::account_of)). Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Strikes requests that came by the listener of this number only. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<u32>,
    /// Strikes so often. Absent: until removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Strikes with this probability, 0 to 1. Absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Whether the request takes effect before `status`, `hang`, `reset`, `close` or `garbage`
    /// strikes: a 429 answered so is a lie. The other acts alter a real answer, and the request always
    /// takes effect. Defaults to false.
    #[serde(default)]
    pub after_creation: bool,
    /// What happens.
    pub act: Act,
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
    /// A count is zero.
    #[error("`{0}` must be at least 1")]
    Zero(&'static str),
    /// A body would be too long.
    #[error("{0} bytes are more than 67108864")]
    Long(usize),
}

impl Fault {
    /// Returns a fault that strikes every request until it is removed.
    pub fn always(act: Act) -> Self {
        Self {
            on: None,
            external_id: None,
            external_id_prefix: None,
            account: None,
            key: None,
            listener: None,
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
        Self { key: Some(crate::account_of(secret_key)), ..self }
    }

    /// Strikes requests of this account only ([`Running::account_of`](crate::Running::account_of)).
    #[must_use]
    pub fn for_account(self, account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    /// Strikes requests that came by the listener of this number only.
    #[must_use]
    pub fn at_listener(self, number: u32) -> Self {
        Self { listener: Some(number), ..self }
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

#[cfg(test)]
mod tests;
