//! A key's mode: does it move real money?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The mode of a provider's secret key; invoices of one mode are unknown in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nobody pays and nothing is sent.
    Test,
    /// Real money.
    Live,
    /// A key that does not say, as simulators take it.
    Unknown,
}

/// A word that is no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a mode; use test, live or unknown")]
pub struct UnknownMode;

impl Mode {
    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let modes = [Self::Test, Self::Live, Self::Unknown];
        modes.into_iter().find(|mode| mode.as_str() == text).ok_or(UnknownMode)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests;
