//! What a move brings.

use super::{Job, Observation};
use antre_core::state::State;

/// A job after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Transition {
    /// The job.
    pub job: Job,
    /// What the caller is told.
    pub reply: Reply,
    /// What else must happen, in this order.
    pub effects: Vec<Effect>,
}

/// What the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The event cannot happen to a job in this state; nothing changed.
    Impossible,
    /// It is the caller's.
    Claimed,
    /// It is where it was.
    GivenBack,
    /// It is somebody else's by now, or nobody's.
    LeaseLost,
    /// It goes on now.
    Waiting,
    /// It goes on at its time.
    Scheduled,
    /// It has its invoice.
    Done,
    /// It is dead.
    Dead,
    /// It had this very invoice.
    Same,
    /// This invoice is one too many.
    Surplus,
    /// The invoice found is being expired: look again.
    Raced,
    /// It is cancelled.
    Cancelled,
    /// A request of it runs or may have had an effect.
    TooLate,
    /// It is being cancelled.
    Resolving,
    /// It has ended.
    Ended,
    /// It waits again with a full budget.
    Revived,
    /// It is not dead.
    NotDead,
    /// It would fail in the same way.
    Unchangeable,
    /// Its bill is another job's.
    Replaced,
}

/// What must happen beside the change of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The pacer and the breaker learn this.
    Observe(Observation),
    /// The request left within its deadline.
    Sent,
    /// One attempt was used without a delivered invoice.
    Charge,
    /// A lease ran out.
    Lapsed,
    /// Its result goes out, to its duplicates as well; it is counted; the bill learns of it.
    End {
        /// How it ended.
        state: State,
        /// Until when a create may have an effect, Unix milliseconds: the bill remembers it for the
        /// next job.
        effective_until_ms: Option<u64>,
    },
    /// Its bill is open again, and its duplicates wait again.
    Reopen,
    /// A follow-up expires this invoice.
    Expire(String),
    /// The job itself expires this invoice: it is never delivered.
    Close(String),
    /// Follow-ups look at the bill again: more than one create may have been sent.
    Audit,
}

impl Transition {
    pub(super) fn unchanged(job: Job, reply: Reply) -> Self {
        Self { job, reply, effects: Vec::new() }
    }

    pub(super) fn to(job: Job, reply: Reply) -> Self {
        let (state, effective_until_ms) = (job.state, job.effective_until_ms);
        let end = state.is_ended().then_some(Effect::End { state, effective_until_ms });
        Self { job, reply, effects: Vec::from_iter(end) }
    }

    /// Says until when a create may have an effect if the job has forgotten it by ending.
    pub(super) fn effective_until(mut self, until_ms: Option<u64>) -> Self {
        for effect in &mut self.effects {
            if let Effect::End { effective_until_ms, .. } = effect {
                *effective_until_ms = until_ms;
            }
        }
        self
    }

    /// Puts effects in front.
    pub(super) fn after(mut self, first: impl IntoIterator<Item = Effect>) -> Self {
        self.effects.splice(0..0, first);
        self
    }

    /// Adds an effect at the end.
    pub(super) fn then(mut self, last: Option<Effect>) -> Self {
        self.effects.extend(last);
        self
    }
}
