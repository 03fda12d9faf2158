//! Requests that went wrong, and who met them.

/// What went wrong with a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble<'a> {
    pub(super) id: &'a str,
    pub(super) code: &'a str,
    /// It says nothing about the job.
    pub(super) is_failure: bool,
    pub(super) is_create: bool,
}

/// Who met the account's trouble since its last success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum TroubleBy {
    #[default]
    Nobody,
    One(String),
    Many,
}

impl TroubleBy {
    pub(super) fn and(self, worker: &str) -> Self {
        match self {
            Self::Nobody => Self::One(worker.to_owned()),
            Self::One(known) if known == worker => Self::One(known),
            Self::One(_) | Self::Many => Self::Many,
        }
    }
}
