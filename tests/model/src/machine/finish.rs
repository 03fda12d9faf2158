//! What an outcome does to the job whose request it was.

use super::{
    Circumstances, Effect, Job, LastCreate, OWN_FAILURES_MAX, Observation, Outcome, Reading, Reply,
    Standing, TokenShown, Transition, ms, operate,
};
use antre_core::state::{NextRequest, State};

/// The longest wait after a failure that is the job's own.
const OWN_DELAY_MAX_MS: u64 = 60_000;

pub(super) fn finish(
    job: Job,
    outcome: &Outcome,
    claim_token: TokenShown,
    at: Circumstances<'_>,
) -> Transition {
    // A look-up that ends the job may be answered before the absence of its last create can be trusted.
    let is_seen =
        matches!(outcome, Outcome::Created(..) | Outcome::Adopted(..) | Outcome::Rejected(_));
    let effective_until_ms = job.effective_until_ms.filter(|_| !is_seen);
    let (request, is_own) = (job.request, is_own_failure(&job, outcome, at));
    let transition = match outcome {
        Outcome::Created(invoice, standing) => {
            exists(job, (invoice, *standing), true, claim_token, at)
        }
        Outcome::Adopted(invoice, standing) => {
            exists(job, (invoice, *standing), false, claim_token, at)
        }
        _ if !job.is_held_by(claim_token) => Transition::unchanged(job, Reply::LeaseLost),
        Outcome::Rejected(code) => rejected(job, code),
        Outcome::FoundDead(code) => found_dead(job, code),
        Outcome::Ambiguous(_)
        | Outcome::NotSent
        | Outcome::LookUpFailed
        | Outcome::Refused
        | Outcome::KeyRefused
        | Outcome::Limited
        | Outcome::Absent
        | Outcome::ExpireFirst
        | Outcome::Expired
        | Outcome::Abandoned => goes_on(job, outcome, is_own, at),
    };
    let transition = operate::settle(transition.effective_until(effective_until_ms));
    let sent = outcome.was_sent().then_some(Effect::Sent);
    let observation = if is_own { Observation::Nothing } else { outcome.observation(request) };
    transition.after(sent.into_iter().chain([Effect::Observe(observation)]))
}

/// A request of this job failed before, and its worker got answers since: the failure is the job's own.
fn is_own_failure(job: &Job, outcome: &Outcome, at: Circumstances<'_>) -> bool {
    let is_failure =
        matches!(outcome, Outcome::LookUpFailed | Outcome::Ambiguous(_) | Outcome::Refused);
    let (failed_at, answered_at) = if job.request == NextRequest::Create {
        (job.create_failed_at, at.created_at)
    } else {
        (job.lookup_failed_at, at.answered_at)
    };
    is_failure && failed_at.is_some_and(|failed_at| answered_at > failed_at)
}

/// An invoice that exists counts, whoever made it. Where it is not wanted any more, the one who made it has it expired.
fn exists(
    job: Job,
    (invoice, standing): (&str, Standing),
    is_created: bool,
    claim_token: TokenShown,
    at: Circumstances<'_>,
) -> Transition {
    if is_same(&job, invoice) {
        return Transition::unchanged(job, Reply::Same);
    }
    if is_wanted(&job, at) {
        return found(job, invoice, standing, claim_token, at);
    }
    if !is_created {
        return Transition::unchanged(job, Reply::LeaseLost);
    }
    let surplus = Effect::Expire(invoice.to_owned());
    Transition::unchanged(job, Reply::Surplus).then(Some(surplus))
}

/// An invoice that is being expired must not be delivered: look again.
fn found(
    job: Job,
    invoice: &str,
    standing: Standing,
    claim_token: TokenShown,
    at: Circumstances<'_>,
) -> Transition {
    match standing {
        Standing::Good | Standing::Closed if job.is_being_cancelled => expire_own(job, invoice),
        Standing::Good | Standing::Paid => delivered(job, invoice),
        Standing::Closed if !job.is_held_by(claim_token) => {
            Transition::unchanged(job, Reply::Raced)
        }
        Standing::Closed => {
            let due_ms = at.now_ms + ms(at.rules.retry_delays.delay(job.attempts + 1));
            let job = Job { request: NextRequest::LookUp, ..job };
            Transition::to(job.schedule(due_ms), Reply::Raced)
        }
    }
}

/// The job is being cancelled: its invoice must not stay open. It is in doubt until a look-up shows that.
fn expire_own(job: Job, invoice: &str) -> Transition {
    let job = Job {
        request: NextRequest::Expire,
        is_charge_pending: false,
        crashes: 0,
        ..job.in_doubt()
    };
    wait(job).then(Some(Effect::Close(invoice.to_owned())))
}

fn is_same(job: &Job, invoice: &str) -> bool {
    job.state == State::Done && job.invoice_id.as_deref() == Some(invoice)
}

fn is_wanted(job: &Job, at: Circumstances<'_>) -> bool {
    at.is_bill_ours && !matches!(job.state, State::Done | State::Cancelled)
}

fn delivered(mut job: Job, invoice: &str) -> Transition {
    job.attempts += 1;
    job.effective_until_ms = None;
    job.is_charge_pending = false;
    job.crashes = 0;
    // A refusal is taken to mean that nothing was made; an audit costs little where that should be wrong.
    let audit = (job.creates > 1 || job.is_touched).then_some(Effect::Audit);
    let job = job.end(State::Done, None, Some(invoice.to_owned()));
    Transition::to(job, Reply::Done).then(audit)
}

fn rejected(job: Job, code: &str) -> Transition {
    let mut job = job.refused();
    if job.is_being_cancelled {
        // The refusal may be wrong: a look-up tells.
        return wait(job);
    }
    job.attempts += 1;
    found_dead(job, code)
}

fn found_dead(mut job: Job, code: &str) -> Transition {
    job.effective_until_ms = None;
    job.crashes = 0;
    Transition::to(job.end(State::Dead, Some(code.to_owned()), None), Reply::Dead)
}

fn goes_on(mut job: Job, outcome: &Outcome, is_own: bool, at: Circumstances<'_>) -> Transition {
    job.crashes = 0;
    if *outcome != Outcome::Limited {
        job.limited = 0;
    }
    note_failure(&mut job, outcome, at);
    match outcome {
        Outcome::Ambiguous(reading) => ambiguous(job, *reading, at),
        Outcome::NotSent => {
            let request = job.request;
            again_after_delay(job.restored(), request, "not_sent", at)
        }
        Outcome::LookUpFailed => look_up_failed(job, "lookup_failed", is_own, at),
        // Nothing failed, so there is no code to tell.
        Outcome::Expired => again_after_delay(job, NextRequest::LookUp, "", at),
        Outcome::Refused if job.request != NextRequest::Create => {
            look_up_failed(job, "refused", is_own, at)
        }
        Outcome::Refused => {
            job.refused_at = Some(at.successes);
            again_after_delay(job.refused(), NextRequest::Create, "refused", at)
        }
        Outcome::Limited => limited(job, at),
        Outcome::Absent => absent(job, at),
        Outcome::ExpireFirst => wait(Job { request: NextRequest::Expire, ..job }),
        Outcome::Abandoned => abandoned(job),
        Outcome::KeyRefused => wait(job.refused()),
        // They end the job and were handled before.
        Outcome::Created(..)
        | Outcome::Adopted(..)
        | Outcome::Rejected(_)
        | Outcome::FoundDead(_) => Transition::unchanged(job, Reply::Impossible),
    }
}

/// Remembers how many had been answered when a request failed, until one of its kind is answered.
fn note_failure(job: &mut Job, outcome: &Outcome, at: Circumstances<'_>) {
    match outcome {
        Outcome::LookUpFailed | Outcome::Ambiguous(_) | Outcome::Refused => {
            let failed_at = if job.request == NextRequest::Create {
                &mut job.create_failed_at
            } else {
                &mut job.lookup_failed_at
            };
            *failed_at = Some(at.answered);
        }
        Outcome::Absent | Outcome::ExpireFirst => {
            job.lookup_failed_at = None;
            job.own_failures = 0;
        }
        Outcome::Created(..)
        | Outcome::Adopted(..)
        | Outcome::Rejected(_)
        | Outcome::FoundDead(_)
        | Outcome::NotSent
        | Outcome::KeyRefused
        | Outcome::Limited
        | Outcome::Expired
        | Outcome::Abandoned => {}
    }
}

/// While others get their answers, a look-up that fails is this job's own trouble: it waits longer each time and
/// then ends, with its doubt.
fn look_up_failed(mut job: Job, code: &str, is_own: bool, at: Circumstances<'_>) -> Transition {
    if !is_own {
        return again_after_delay(job, NextRequest::LookUp, code, at);
    }
    job.own_failures += 1;
    let own = job.own_failures;
    if own >= OWN_FAILURES_MAX {
        job.is_touched = true;
        job.request = NextRequest::LookUp;
        return Transition::to(
            job.end(State::Dead, Some("lookup_refused".to_owned()), None),
            Reply::Dead,
        );
    }
    let mut transition = again_after_delay(job, NextRequest::LookUp, code, at);
    transition.job.due_ms = at.now_ms + own_delay_ms(own, at);
    transition
}

/// The last delay, doubled for each further failure, at most a minute.
fn own_delay_ms(own: u32, at: Circumstances<'_>) -> u64 {
    let last_ms = ms(at.rules.retry_delays.delay(1000));
    let grown_ms = last_ms.saturating_mul(1 << (own - 1).min(20));
    last_ms.max(grown_ms.min(OWN_DELAY_MAX_MS))
}

fn wait(job: Job) -> Transition {
    Transition::to(job.wait(), Reply::Waiting)
}

/// Tries `request` again. Keeps a word for the failure, where the queue keeps the code that its caller gives:
/// what killed a job in the end is told by its last create, not by the look-ups after it.
fn again_after_delay(
    mut job: Job,
    request: NextRequest,
    code: &str,
    at: Circumstances<'_>,
) -> Transition {
    job.tries += 1;
    if job.request == NextRequest::Create || job.error_code.is_none() {
        job.error_code = Some(code.to_owned()).filter(|code| !code.is_empty());
    }
    job.request = request;
    let due_ms = at.now_ms + ms(at.rules.retry_delays.delay(job.attempts + job.tries));
    Transition::to(job.schedule(due_ms), Reply::Scheduled)
}

fn ambiguous(mut job: Job, reading: Reading, at: Circumstances<'_>) -> Transition {
    job.is_charge_pending = !at.is_breaker_open;
    job.last_create = Some(LastCreate::Unanswered);
    if reading == Reading::Answered {
        job.last_create = Some(LastCreate::Answered);
        job.effective_until_ms = Some(at.now_ms);
    }
    again_after_delay(job, NextRequest::LookUp, "ambiguous", at)
}

fn limited(mut job: Job, at: Circumstances<'_>) -> Transition {
    if job.limited == 0 {
        job.limited_at = at.successes;
    }
    job.limited += 1;
    wait(job.refused())
}

/// A worker stopped while its request ran: nobody's fault, so no attempt is used.
fn abandoned(mut job: Job) -> Transition {
    if job.request == NextRequest::Create {
        job.request = NextRequest::LookUp;
    }
    job.last_create = Some(LastCreate::Unanswered);
    wait(job)
}

/// Creating again needs a look-up that was claimed when nothing could have an effect any more.
fn absent(mut job: Job, at: Circumstances<'_>) -> Transition {
    let trust = match job.last_create {
        Some(LastCreate::Answered) => at.rules.trust_absence_answered,
        Some(LastCreate::Unanswered) | None => at.rules.trust_absence_unanswered,
    };
    let trusted_after_ms = job.effective_until_ms.map_or(0, |until_ms| until_ms + ms(trust));
    if job.claimed_at_ms <= trusted_after_ms {
        job.request = NextRequest::LookUp;
        return Transition::to(job.schedule(trusted_after_ms + 1), Reply::Scheduled);
    }
    if job.is_being_cancelled {
        job.is_touched = false;
        return Transition::to(job.end(State::Cancelled, None, None), Reply::Cancelled);
    }
    job.request = NextRequest::Create;
    job.effective_until_ms = None;
    job.last_create = None;
    job.tries = 0;
    if !job.is_charge_pending {
        return wait(job);
    }
    let job = job.use_attempt();
    let is_dead = job.state == State::Dead;
    let transition = if is_dead { Transition::to(job, Reply::Dead) } else { wait(job) };
    transition.after([Effect::Charge])
}
