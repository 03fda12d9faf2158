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

/// The caller knows that nothing of it was sent.
pub(super) fn cancel_dead(job: Job) -> Transition {
    if job.state != State::Dead {
        return Transition::unchanged(job, Reply::NotDead);
    }
    Transition::to(job.end(State::Cancelled, None, None), Reply::Cancelled)
}

/// What runs or may have had an effect is followed until no open invoice is left.
pub(super) fn resolve(mut job: Job) -> Transition {
    if job.state.is_ended() {
        return Transition::unchanged(job, Reply::Ended);
    }
    job.is_being_cancelled = true;
    if job.state != State::Running && job.request == NextRequest::Create {
        job = job.in_doubt();
    }
    Transition::unchanged(job, Reply::Resolving)
}

pub(super) fn want_again(mut job: Job) -> Transition {
    job.is_being_cancelled = false;
    Transition::unchanged(job, Reply::Waiting)
}

/// A request had no effect, nor one before it: what is being cancelled need not be looked up. A refusal may be wrong about that.
pub(super) fn settle(mut transition: Transition) -> Transition {
    let job = transition.job.clone();
    let is_living = matches!(job.state, State::Waiting | State::Scheduled);
    let is_create = job.request == NextRequest::Create;
    if !(is_living && is_create && job.is_being_cancelled) {
        return transition;
    }
    if job.is_ambiguous() || job.is_touched {
        transition.job = job.in_doubt();
        return transition;
    }
    let reply = transition.reply;
    let ended = Transition::to(job.end(State::Cancelled, None, None), Reply::Cancelled);
    let reply = if reply == Reply::GivenBack { reply } else { ended.reply };
    Transition { reply, ..ended.after(transition.effects) }
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
