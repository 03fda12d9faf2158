//! What can happen to a job.

use antre_core::state::NextRequest;

/// One thing that happens to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A worker takes it, to send one request.
    Claim,
    /// The worker brings it back: the request did not leave.
    GiveBack(TokenShown),
    /// The request has this outcome.
    Finish(Outcome, TokenShown),
    /// Its lease ran out.
    Lapse,
    /// Its time has come.
    Promote,
    /// Before a claim: what it owes for refusals while others got through.
    Charge,
    /// Before a claim: the server may have forgotten an earlier one.
    Recheck {
        /// When the server changed, Unix milliseconds.
        before_ms: u64,
    },
    /// Somebody takes it back.
    Cancel,
    /// Somebody takes it back after it died, and nothing of it was ever sent.
    CancelDead,
    /// Somebody takes it back and wants no open invoice of it left.
    Resolve,
    /// It is submitted again while it is being cancelled.
    WantAgain,
    /// Somebody wants it tried again.
    Retry,
}

/// Whether a call shows the claim token in force. An ended or waiting job has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShown {
    /// It does.
    Current,
    /// It shows that of an earlier claim.
    Stale,
}

/// Whether anything of an answer was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// So much that nothing of the request is on its way.
    Answered,
    /// Nothing.
    Unanswered,
}

/// What the queue knows of an invoice that a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks against it.
    Good,
    /// It is paid.
    Paid,
    /// It is being expired, and nobody has paid it.
    Closed,
}

/// What became of a job's request, in the words of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A create made this invoice.
    Created(String, Standing),
    /// A look-up found this invoice of the job.
    Adopted(String, Standing),
    /// Xendit refused the create for good, with this code.
    Rejected(String),
    /// A look-up showed that there will be no invoice to deliver.
    FoundDead(String),
    /// A create may have had an effect.
    Ambiguous(Reading),
    /// Nothing was sent.
    NotSent,
    /// A look-up or expire gave no answer to the question.
    LookUpFailed,
    /// Refused without a reason that concerns the job.
    Refused,
    /// Xendit refused the key.
    KeyRefused,
    /// 429.
    Limited,
    /// A look-up showed no invoice of the job.
    Absent,
    /// A look-up showed an invoice that must be expired before creating.
    ExpireFirst,
    /// That invoice is expired.
    Expired,
    /// The worker stopped while the request ran.
    Abandoned,
}

/// What an outcome says about Xendit, the network and the key, whoever holds the job by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Nothing.
    Nothing,
    /// A create succeeded.
    Created,
    /// A create was refused on its merits: everything works.
    Rejected,
    /// Something was answered.
    Answered,
    /// A create failed in a way that may be the job's own fault.
    CreateSuspect,
    /// Another request failed in a way that may be the job's own fault.
    Suspect,
    /// A request failed that says nothing about the job.
    Failure,
    /// The key does not work.
    KeyRefused,
    /// A create was answered with 429.
    CreateLimited,
    /// Another request was answered with 429.
    Limited,
}

impl Observation {
    /// Returns whether it was a 429.
    pub fn is_limited(self) -> bool {
        matches!(self, Self::CreateLimited | Self::Limited)
    }
}

impl Outcome {
    /// Returns what this says about everything but the job, whose request was `request`.
    pub fn observation(&self, request: NextRequest) -> Observation {
        match self {
            Self::Created(..) => Observation::Created,
            Self::Rejected(_) => Observation::Rejected,
            Self::NotSent | Self::LookUpFailed => Observation::Failure,
            Self::Ambiguous(_) | Self::Refused if request == NextRequest::Create => {
                Observation::CreateSuspect
            }
            Self::Ambiguous(_) | Self::Refused => Observation::Suspect,
            Self::KeyRefused => Observation::KeyRefused,
            Self::Limited if request == NextRequest::Create => Observation::CreateLimited,
            Self::Limited => Observation::Limited,
            Self::Abandoned => Observation::Nothing,
            Self::Adopted(..)
            | Self::FoundDead(_)
            | Self::Absent
            | Self::ExpireFirst
            | Self::Expired => Observation::Answered,
        }
    }

    /// Returns whether the request left within its deadline.
    pub fn was_sent(&self) -> bool {
        !matches!(self, Self::NotSent | Self::Abandoned)
    }
}
