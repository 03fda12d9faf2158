//! The reason why a request may not leave yet.

use std::{fmt, str::FromStr};

/// What a request that may not leave yet waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WaitReason {
    /// The pace: its turn comes by itself.
    #[default]
    Pace,
    /// A limit's window is full.
    Limit,
    /// Nothing is left of what Xendit said.
    Quota,
    /// Xendit said that requests must wait.
    Limited,
    /// A pause of the pacer whose reason is not recorded.
    Pause,
    /// The next probe of an open breaker.
    Breaker,
    /// A person's pause.
    Paused,
    /// A replica that confirms the claim.
    Replica,
    /// The next job runs alone, once this worker holds nothing else.
    Alone,
}

impl WaitReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Pace,
        Self::Limit,
        Self::Quota,
        Self::Limited,
        Self::Pause,
        Self::Breaker,
        Self::Paused,
        Self::Replica,
        Self::Alone,
    ];

    /// Returns the word that scripts and `antre status` use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pace => "pace",
            Self::Limit => "limit",
            Self::Quota => "quota",
            Self::Limited => "limited",
            Self::Pause => "pause",
            Self::Breaker => "breaker",
            Self::Paused => "paused",
            Self::Replica => "replica",
            Self::Alone => "alone",
        }
    }
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WaitReason {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word).ok_or(())
    }
}
