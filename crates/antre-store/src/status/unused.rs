//! Why a grant came back unused.

/// Why a claim is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// The send deadline passed; where many do, it is widened.
    TooLate,
    /// No replica confirmed the claim in time.
    Unreplicated,
    /// The worker stops, or had no connection.
    Stopping,
}

impl Unused {
    /// Returns the word that scripts use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLate => "too_late",
            Self::Unreplicated => "unreplicated",
            Self::Stopping => "stopping",
        }
    }
}
