//! What every event does to a job, as a function of values.
//!
//! The scripts in Redis make the same moves; the model test runs both and compares them. A job knows
//! here what it needs next and whether a create of it may have had an effect; where it stands in which
//! order, whom its result reaches and when the pacer lets it go is decided elsewhere.
//!
//! `effective_until_ms` is set while a create may have had an effect that nobody has seen yet. Such a
//! job creates again only after a look-up that was claimed after that instant and the time after which an absence is trusted.

use std::time::Duration;

use antre_core::retry::RetrySchedule;
use antre_core::state::{NextRequest, State};

pub mod breaker;
mod event;
mod finish;
mod lease;
mod operate;
mod transition;

pub use event::{Event, Observation, Outcome, Reading, Standing, TokenShown};
pub use transition::{Effect, Reply, Transition};

/// Lapsed leases in a row while a job ran alone after which it is dead, unless it was to create. The first loss
/// does not count: its neighbour may be why.
pub const CRASHES_MAX: u32 = 3;
/// Failures of a job's own look-ups in a row after which it is dead.
pub const OWN_FAILURES_MAX: u32 = 8;
/// 429s in a row after which a job uses an attempt if others got through.
pub const LIMITED_MAX: u32 = 20;
/// An instant that all there is can be seen after.
const LONG_AGO_MS: u64 = 1;

/// How long after its time-out a create may still have an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastCreate {
    /// An answer was read, so nothing of it is on its way.
    Answered,
    /// No answer was read.
    Unanswered,
}

impl LastCreate {
    /// Returns the word that records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Unanswered => "unanswered",
        }
    }
}

/// The times that decide about jobs; see the configuration for what each means.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a job may be held without a renewal.
    pub lease: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long after a read answer an absence is not trusted.
    pub trust_absence_answered: Duration,
    /// The same without one.
    pub trust_absence_unanswered: Duration,
    /// The waits between tries.
    pub retry_delays: RetrySchedule,
}

/// What a move depends on beside the job and the event.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The times in force.
    pub rules: &'a Rules,
    /// Redis' clock, Unix milliseconds.
    pub now_ms: u64,
    /// The send deadline in force.
    pub send_within: Duration,
    /// Whether the breaker was open before this event.
    pub is_breaker_open: bool,
    /// Creates that succeeded so far, of all jobs.
    pub successes: u64,
    /// Requests that were answered so far, of all jobs.
    pub answered: u64,
    /// The same when this worker was answered last, and when a create of it succeeded last.
    pub answered_at: u64,
    /// See `answered_at`.
    pub created_at: u64,
    /// Whether the bill names this job.
    pub is_bill_ours: bool,
    /// Set if a request of an earlier job of this bill may have had an effect: until when, Unix
    /// milliseconds, 1 for long ago.
    pub bill_sent_until_ms: Option<u64>,
}

/// A job's record, as far as moves depend on it or change it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the record")]
pub struct Job {
    /// Where it is.
    pub state: State,
    /// The request it needs next, or that runs.
    pub request: NextRequest,
    /// Attempts used.
    pub attempts: u32,
    /// Attempts after which it is dead.
    pub attempts_max: u32,
    /// Failures since an attempt was used.
    pub tries: u32,
    /// Creates that may have been sent.
    pub creates: u32,
    /// Leases lapsed in a row.
    pub crashes: u32,
    /// 429s in a row.
    pub limited: u32,
    /// The count of successes at the first of them.
    pub limited_at: u64,
    /// Whether Xendit ever refused a create of it: the refusal may be wrong about there being no invoice.
    pub is_touched: bool,
    /// Look-ups that failed in a row while others were answered.
    pub own_failures: u32,
    /// How many requests had been answered when its last look-up failed, if none was answered since.
    pub lookup_failed_at: Option<u64>,
    /// The same of its last create that failed.
    pub create_failed_at: Option<u64>,
    /// The count of successes when it was refused without a reason.
    pub refused_at: Option<u64>,
    /// Whether a create failed that uses an attempt once a look-up shows no invoice.
    pub is_charge_pending: bool,
    /// Until when a create may have an effect, Unix milliseconds.
    pub effective_until_ms: Option<u64>,
    /// The same as the running claim found it.
    pub effective_until_before_ms: Option<u64>,
    /// What counts after that.
    pub last_create: Option<LastCreate>,
    /// When it was claimed last, Unix milliseconds.
    pub claimed_at_ms: u64,
    /// Running: the end of its lease. Scheduled: when it is ready. Unix milliseconds.
    pub due_ms: u64,
    /// The last failure's code.
    pub error_code: Option<String>,
    /// The invoice that it ended with.
    pub invoice_id: Option<String>,
    /// Whether it begins with a look-up on its producer's wish.
    pub is_check_first: bool,
    /// Whether it is looked up, its invoice expired and the job cancelled then.
    pub is_being_cancelled: bool,
}

impl Job {
    /// Returns a waiting job. `bill_sent_until_ms` is set if a request of an earlier job of its bill may
    /// have had an effect, and says until when; 1 for long ago.
    pub fn new(attempts_max: u32, is_check_first: bool, bill_sent_until_ms: Option<u64>) -> Self {
        let begins_with_look_up = is_check_first || bill_sent_until_ms.is_some();
        Self {
            state: State::Waiting,
            request: if begins_with_look_up { NextRequest::LookUp } else { NextRequest::Create },
            attempts: 0,
            attempts_max,
            tries: 0,
            creates: 0,
            crashes: 0,
            limited: 0,
            limited_at: 0,
            is_touched: false,
            own_failures: 0,
            lookup_failed_at: None,
            create_failed_at: None,
            refused_at: None,
            is_charge_pending: false,
            effective_until_ms: bill_sent_until_ms,
            effective_until_before_ms: None,
            last_create: None,
            claimed_at_ms: 0,
            due_ms: 0,
            error_code: None,
            invoice_id: None,
            is_check_first,
            is_being_cancelled: false,
        }
    }

    /// Returns the job after `event`, what is to be answered, and what else must happen.
    pub fn apply(self, event: &Event, at: Circumstances<'_>) -> Transition {
        match event {
            Event::Claim => lease::claim(self, at),
            Event::GiveBack(claim_token) => lease::give_back(self, *claim_token),
            Event::Finish(outcome, claim_token) => finish::finish(self, outcome, *claim_token, at),
            Event::Lapse => lease::lapse(self, at),
            Event::Promote => lease::promote(self),
            Event::Charge => lease::charge(self, at),
            Event::Recheck { before_ms } => lease::recheck(self, *before_ms, at),
            Event::Cancel => operate::cancel(self),
            Event::CancelDead => operate::cancel_dead(self),
            Event::Resolve => operate::resolve(self),
            Event::WantAgain => operate::want_again(self),
            Event::Retry => operate::retry(self, at),
        }
    }

    /// Returns whether a create of it may have had an effect that nobody has seen.
    pub fn is_ambiguous(&self) -> bool {
        self.effective_until_ms.is_some()
    }

    /// Returns whether a finish or give-back that shows `claim_token` is the running claim's.
    fn is_held_by(&self, claim_token: TokenShown) -> bool {
        self.state == State::Running && claim_token == TokenShown::Current
    }

    fn wait(mut self) -> Self {
        self.state = State::Waiting;
        self
    }

    fn schedule(mut self, due_ms: u64) -> Self {
        self.state = State::Scheduled;
        self.due_ms = due_ms;
        self
    }

    fn end(mut self, state: State, error_code: Option<String>, invoice_id: Option<String>) -> Self {
        self.state = state;
        self.error_code = error_code;
        self.invoice_id = invoice_id;
        self.is_being_cancelled = false;
        self
    }

    /// Returns the job with a look-up as its next request, in doubt until that is answered.
    fn in_doubt(mut self) -> Self {
        self.request = NextRequest::LookUp;
        self.effective_until_ms = Some(LONG_AGO_MS);
        self
    }

    /// Returns the job as its claim found it: the request certainly had no effect.
    fn restored(mut self) -> Self {
        self.effective_until_ms = self.effective_until_before_ms;
        if self.request == NextRequest::Create {
            self.creates = self.creates.saturating_sub(1);
        }
        self
    }

    /// Returns the same after a request that reached Xendit and was refused.
    fn refused(self) -> Self {
        let is_create = self.request == NextRequest::Create;
        let mut job = self.restored();
        job.is_touched |= is_create;
        job
    }

    /// Uses one attempt. The job is dead if that was the last, with the error of its last failure.
    fn use_attempt(mut self) -> Self {
        self.attempts += 1;
        self.tries = 0;
        self.is_charge_pending = false;
        if self.attempts < self.attempts_max {
            return self;
        }
        let error_code = self.error_code.take();
        self.end(State::Dead, error_code, None)
    }
}

/// Returns the whole milliseconds of `duration`.
fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
