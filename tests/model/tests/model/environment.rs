//! How many runs, and from which seed.

/// What a run has that is part of the ordinary tests.
const SEQUENCES: u64 = 250;

/// The seed of the first run and the number of runs; each further one has the next seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) seed: u64,
    pub(crate) sequences: u64,
}

impl Bounds {
    /// Returns what `ANTRE_MODEL_SEED` and `ANTRE_MODEL_SEQUENCES` say, else a fixed bounded bounds.
    pub(crate) fn from_environment() -> Self {
        Self {
            seed: number("ANTRE_MODEL_SEED").unwrap_or(1),
            sequences: number("ANTRE_MODEL_SEQUENCES").unwrap_or(SEQUENCES),
        }
    }

    /// Returns whether a person wants more than the ordinary tests.
    pub(crate) fn is_long(self) -> bool {
        self.sequences > SEQUENCES
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much a person wants to test is no configuration"
)]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a whole number, not {text}")))
}
