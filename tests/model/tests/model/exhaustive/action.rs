//! What can happen next.

/// What becomes of a request that a worker sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is done and its answer comes back.
    Good,
    /// A create: answered with the invoice, which lists show late.
    ListedLate,
    /// It is done, and no answer is read.
    DoneUnanswered,
    /// Not done yet, and no answer is read: it may still be done.
    LateUnanswered,
    /// Never done, and no answer is read.
    LostUnanswered,
    /// It is done, and the answer is an error that says nothing.
    DoneFailed,
    /// The same, and it may still be done.
    LateFailed,
    /// The same, and it never is.
    LostFailed,
    /// A 429, although it is done.
    LimitedDone,
    /// A 429.
    Limited,
    /// Refused without a reason that concerns the job, although it is done.
    RefusedDone,
    /// The same, and it is not done.
    Refused,
    /// Refused for good.
    Rejected,
    /// It could not be written.
    NotSent,
}

impl Fate {
    pub(super) const OF_CREATES: [Self; 14] = [
        Self::Good,
        Self::ListedLate,
        Self::DoneUnanswered,
        Self::LateUnanswered,
        Self::LostUnanswered,
        Self::DoneFailed,
        Self::LateFailed,
        Self::LostFailed,
        Self::LimitedDone,
        Self::Limited,
        Self::RefusedDone,
        Self::Refused,
        Self::Rejected,
        Self::NotSent,
    ];
    pub(super) const OF_EXPIRIES: [Self; 3] = [Self::Good, Self::DoneFailed, Self::LostFailed];
    pub(super) const OF_LOOK_UPS: [Self; 2] = [Self::Good, Self::LostFailed];
    pub(super) const OF_PROBES: [Self; 1] = [Self::Good];

    /// Returns whether a create makes its invoice at once.
    pub(super) fn is_done(self) -> bool {
        matches!(
            self,
            Self::Good
                | Self::ListedLate
                | Self::DoneUnanswered
                | Self::DoneFailed
                | Self::LimitedDone
                | Self::RefusedDone
        )
    }
}

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To cancel the bill if nothing was sent.
    Cancel,
    /// To leave no open invoice of the bill.
    Expire,
    /// The same, by the id of the first job.
    ExpireFirst,
}

impl Asked {
    pub(super) const ALL: [Self; 3] = [Self::Cancel, Self::Expire, Self::ExpireFirst];
}

/// One thing that happens. Workers are 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A free worker asks for work.
    Claim(usize),
    /// It sends what it was granted.
    Send(usize, Fate),
    /// It gives that back: too late to be sent.
    GiveBack(usize),
    /// The answer reaches it, and the queue hears of it.
    Answer(usize),
    /// It has waited for an answer long enough.
    TimeOut(usize),
    /// It stops for long: its leases are not renewed, and its answer waits.
    Freeze(usize),
    /// It ends without a word.
    Crash(usize),
    /// The create that is longest on its way has its effect.
    Arrive,
    /// It never has.
    Vanish,
    /// Lists show all there is.
    Reveal,
    /// The bill is submitted again.
    Submit,
    /// A person cancels the last job.
    Cancel,
    /// A person retries the first dead job.
    Retry,
    /// A program submits a cancel.
    Ask(Asked),
    /// A worker takes it in.
    Take,
    /// The customer pays the oldest invoice that can be paid.
    Pay,
    /// Another server takes over that has never heard of the last claim or answer.
    FailOver,
    /// Nothing happens until something is due.
    Pass,
}
