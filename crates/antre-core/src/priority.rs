//! How important a job is to its sender.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The three classes of jobs; a higher one is greater.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Bulk work that may wait.
    Low,
    /// The class of a job that says nothing.
    #[default]
    Normal,
    /// Important customers first.
    High,
}

/// A word that is no priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a priority; use high, normal or low")]
pub struct UnknownPriority;

impl Priority {
    /// All priorities, the most important first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// Returns the word for it, which is also the name of its key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

impl FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text).ok_or(UnknownPriority)
    }
}

impl AsRef<str> for Priority {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests;
