//! Where a job is and which request it needs next.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A job's state, as field `state` of its record spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Ready; in the set of its priority.
    Waiting,
    /// Not before an instant: a retry, a settling look-up or a wished time.
    Scheduled,
    /// A worker holds its lease.
    Running,
    /// It has its invoice.
    Done,
    /// It ended without an invoice to deliver and says why.
    Dead,
    /// Somebody took it back before a request could have had an effect.
    Cancelled,
}

impl State {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Scheduled, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Returns the word that records and results use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns whether the job has ended; a dead one may be revived.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is none of the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownWord)
    }
}

/// The request that a job needs next: one claim is one grant is one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NextRequest {
    /// Make the invoice. Claimed only while no earlier create may still have an effect.
    Create,
    /// List the bill's invoices.
    #[serde(rename = "lookup")]
    LookUp,
    /// Make an invoice unpayable.
    Expire,
}

impl NextRequest {
    /// Every request.
    pub const ALL: [Self; 3] = [Self::Create, Self::LookUp, Self::Expire];

    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::LookUp => "lookup",
            Self::Expire => "expire",
        }
    }
}

impl fmt::Display for NextRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for NextRequest {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|request| request.as_str() == text).ok_or(UnknownWord)
    }
}
