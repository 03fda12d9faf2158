//! What people do to a job.

use super::{Circumstances, Effect, Job, Reply, Transition};
use antre_core::state::{NextRequest, State};

/// Only a job of which no request can have had an effect can be taken back.
pub(super) fn cancel(job: Job) -> Transition {
    match job.state {
        State::Running => Transition::unchanged(job, Reply::TooLate),
        State::Done | State::Dead | State::Cancelled => Transition::unchanged(job, Reply::Ended),
        State::Waiting | State::Scheduled
            if job.is_ambiguous() || job.request == NextRequest::Expire =>
        {
            Transition::unchanged(job, Reply::TooLate)
        }
        State::Waiting | State::Scheduled => {
            Transition::to(job.end(State::Cancelled, None, None), Reply::Cancelled)
        }
    }
}

/// A job that ever sent a create begins with a look-up.
pub(super) fn retry(mut job: Job, at: Circumstances<'_>) -> Transition {
    if job.state != State::Dead {
        return Transition::unchanged(job, Reply::NotDead);
    }
    if !at.is_bill_ours {
        return Transition::unchanged(job, Reply::Replaced);
    }
    let has_sent = job.creates > 0 || job.is_touched || at.bill_sent_until_ms.is_some();
    job.request =
        if has_sent || job.is_check_first { NextRequest::LookUp } else { NextRequest::Create };
    if has_sent {
        job.effective_until_ms = job.effective_until_ms.or(at.bill_sent_until_ms).or(Some(1));
    }
    (job.attempts, job.tries, job.crashes, job.limited) = (0, 0, 0, 0);
    job.own_failures = 0;
    (job.refused_at, job.lookup_failed_at, job.create_failed_at) = (None, None, None);
    job.is_charge_pending = false;
    job.error_code = None;
    Transition::to(job.wait(), Reply::Revived).after([Effect::Reopen])
}
