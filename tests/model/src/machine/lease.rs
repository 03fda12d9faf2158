//! Claiming, giving back, and what time does.

use super::{
    CRASHES_MAX, Circumstances, Effect, Job, LIMITED_MAX, LastCreate, Reply, TokenShown,
    Transition, ms, operate,
};
use crate::pacer::SEND_WITHIN_MAX;
use antre_core::state::{NextRequest, State};

pub(super) fn claim(mut job: Job, at: Circumstances<'_>) -> Transition {
    if job.state != State::Waiting {
        return Transition::unchanged(job, Reply::Impossible);
    }
    let send_within_ms =
        u64::try_from(at.send_within.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
    let latest_ms = at.now_ms + send_within_ms + ms(at.rules.request_timeout);
    job.effective_until_before_ms = job.effective_until_ms;
    // A clock that stepped back cannot make an effect later than one time-out from now.
    job.effective_until_ms = job.effective_until_ms.map(|until_ms| until_ms.min(latest_ms));
    if job.request == NextRequest::Create {
        job.effective_until_ms = Some(latest_ms);
        job.creates += 1;
    }
    job.claimed_at_ms = at.now_ms;
    job.due_ms = at.now_ms + ms(at.rules.lease);
    job.state = State::Running;
    Transition::to(job, Reply::Claimed)
}

pub(super) fn give_back(job: Job, claim_token: TokenShown) -> Transition {
    if !job.is_held_by(claim_token) {
        return Transition::unchanged(job, Reply::LeaseLost);
    }
    operate::settle(Transition::to(job.restored().wait(), Reply::GivenBack))
}

/// Whatever the worker did last is unknown, so the next request is a look-up. From the second loss on the job ran alone.
pub(super) fn lapse(mut job: Job, at: Circumstances<'_>) -> Transition {
    if job.state != State::Running {
        return Transition::unchanged(job, Reply::Impossible);
    }
    job.crashes += 1;
    if job.crashes > CRASHES_MAX && job.request != NextRequest::Create {
        let dead = job.end(State::Dead, Some("crash_loop".to_owned()), None);
        return Transition::to(dead, Reply::Dead).after([Effect::Lapsed]);
    }
    job.request = NextRequest::LookUp;
    job.last_create = Some(LastCreate::Unanswered);
    if job.crashes == 1 {
        return Transition::to(job.wait(), Reply::Waiting).after([Effect::Lapsed]);
    }
    let due_ms = at.now_ms + ms(at.rules.retry_delays.delay(job.crashes - 1));
    Transition::to(job.schedule(due_ms), Reply::Scheduled).after([Effect::Lapsed])
}

pub(super) fn promote(job: Job) -> Transition {
    if job.state != State::Scheduled {
        return Transition::unchanged(job, Reply::Impossible);
    }
    Transition::to(job.wait(), Reply::Waiting)
}

/// A job that alone is refused while others get through uses attempts without a request.
pub(super) fn charge(mut job: Job, at: Circumstances<'_>) -> Transition {
    let is_refused = job.refused_at.is_some_and(|successes| at.successes > successes);
    let is_limited = job.limited >= LIMITED_MAX && at.successes > job.limited_at;
    // Only creates use attempts, and a job that may have an invoice must be looked up first.
    let may_be_charged =
        job.state == State::Waiting && job.request == NextRequest::Create && !job.is_ambiguous();
    if !may_be_charged || !(is_refused || is_limited) {
        return Transition::unchanged(job, Reply::Impossible);
    }
    job.refused_at = None;
    job.limited = 0;
    let mut job = job.use_attempt();
    let is_dead = job.state == State::Dead;
    if is_dead && !is_refused {
        job.error_code = Some("limited".to_owned());
    }
    let reply = if is_dead { Reply::Dead } else { Reply::Waiting };
    Transition::to(job, reply).after([Effect::Charge])
}

/// The claim that the server forgot may have sent a create, with the widest deadline.
pub(super) fn recheck(mut job: Job, before_ms: u64, at: Circumstances<'_>) -> Transition {
    if job.state != State::Waiting || job.request != NextRequest::Create {
        return Transition::unchanged(job, Reply::Impossible);
    }
    job.request = NextRequest::LookUp;
    job.last_create = Some(LastCreate::Unanswered);
    job.effective_until_ms = Some(before_ms + ms(SEND_WITHIN_MAX) + ms(at.rules.request_timeout));
    Transition::to(job, Reply::Waiting)
}
