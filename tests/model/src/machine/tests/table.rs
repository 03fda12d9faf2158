//! Every state × event as a text, so that a changed move is seen in review.

use std::fmt::Write as _;

use super::{NOW_MS, at, finish, rules};
use crate::machine::{
    Circumstances, Event, Job, LastCreate, Outcome, Reading, Rules, Standing, TokenShown,
};
use antre_core::state::{NextRequest, State};

/// The jobs of the table: a name and the job. 100 s before now a create of the ambiguous ones was sent.
fn jobs() -> Vec<(&'static str, Job)> {
    let new = Job::new(2, false, None);
    let waiting = |request, effective_until_ms| Job {
        request,
        effective_until_ms,
        creates: u32::from(effective_until_ms.is_some()),
        is_charge_pending: effective_until_ms.is_some(),
        last_create: effective_until_ms.map(|_| LastCreate::Unanswered),
        ..new.clone()
    };
    let late_enough = waiting(NextRequest::LookUp, Some(NOW_MS - 85_000));
    let too_early = waiting(NextRequest::LookUp, Some(NOW_MS - 5_000));
    let running = |job: &Job| Job {
        state: State::Running,
        claimed_at_ms: NOW_MS - 300,
        due_ms: NOW_MS + 8_700,
        effective_until_before_ms: job.effective_until_ms,
        ..job.clone()
    };
    let creating = Job { effective_until_ms: Some(NOW_MS + 14_705), creates: 1, ..running(&new) };
    let creating_once = creating.clone();
    let ended = |state, code: Option<&str>, invoice: Option<&str>| Job {
        state,
        creates: 1,
        error_code: code.map(str::to_owned),
        invoice_id: invoice.map(str::to_owned),
        ..new.clone()
    };
    let scheduled = Job { state: State::Scheduled, due_ms: NOW_MS, ..too_early.clone() };
    vec![
        ("waiting to create", new.clone()),
        ("waiting to create, refused", Job { refused_at: Some(6), ..new.clone() }),
        ("waiting to look up", late_enough.clone()),
        ("waiting to expire", waiting(NextRequest::Expire, Some(NOW_MS - 85_000))),
        ("scheduled to create", Job { state: State::Scheduled, due_ms: NOW_MS, ..new.clone() }),
        ("scheduled to look up", scheduled),
        ("creating", creating.clone()),
        ("creating the second time", Job { attempts: 1, creates: 2, ..creating }),
        ("looking up, too early", running(&too_early)),
        ("looking up, late enough", running(&late_enough)),
        ("looking up the last time", Job { attempts: 1, crashes: 2, ..running(&late_enough) }),
        (
            "looking up after its own failures",
            Job { own_failures: 7, lookup_failed_at: Some(1), ..running(&late_enough) },
        ),
        ("expiring", running(&waiting(NextRequest::Expire, Some(NOW_MS - 85_000)))),
        ("creating, being cancelled", Job { is_being_cancelled: true, ..creating_once.clone() }),
        (
            "creating after a refusal, being cancelled",
            Job { is_being_cancelled: true, is_touched: true, ..creating_once },
        ),
        ("looking up, being cancelled", Job { is_being_cancelled: true, ..running(&late_enough) }),
        ("done", ended(State::Done, None, Some("i1"))),
        ("dead", ended(State::Dead, Some("REFUSED"), None)),
        ("dead, invalid", ended(State::Dead, Some("invalid"), None)),
        ("cancelled", Job { creates: 0, ..ended(State::Cancelled, None, None) }),
    ]
}

fn events() -> Vec<Event> {
    let invoice = || "i2".to_owned();
    let stale = |outcome| Event::Finish(outcome, TokenShown::Stale);
    vec![
        Event::Claim,
        Event::GiveBack(TokenShown::Current),
        Event::GiveBack(TokenShown::Stale),
        finish(Outcome::Created(invoice(), Standing::Good)),
        finish(Outcome::Created(invoice(), Standing::Closed)),
        stale(Outcome::Created(invoice(), Standing::Good)),
        finish(Outcome::Adopted(invoice(), Standing::Good)),
        finish(Outcome::Adopted(invoice(), Standing::Paid)),
        stale(Outcome::Adopted(invoice(), Standing::Good)),
        finish(Outcome::Adopted(invoice(), Standing::Closed)),
        stale(Outcome::Adopted(invoice(), Standing::Closed)),
        finish(Outcome::Rejected("REFUSED".to_owned())),
        stale(Outcome::Rejected("REFUSED".to_owned())),
        finish(Outcome::FoundDead("paid_other_amount".to_owned())),
        finish(Outcome::Ambiguous(Reading::Unanswered)),
        finish(Outcome::Ambiguous(Reading::Answered)),
        finish(Outcome::NotSent),
        finish(Outcome::LookUpFailed),
        finish(Outcome::Refused),
        finish(Outcome::KeyRefused),
        finish(Outcome::Limited),
        finish(Outcome::Absent),
        stale(Outcome::Absent),
        stale(Outcome::Ambiguous(Reading::Unanswered)),
        stale(Outcome::NotSent),
        stale(Outcome::KeyRefused),
        stale(Outcome::Limited),
        finish(Outcome::ExpireFirst),
        finish(Outcome::Expired),
        finish(Outcome::Abandoned),
        Event::Lapse,
        Event::Promote,
        Event::Charge,
        Event::Recheck { before_ms: NOW_MS - 1000 },
        Event::Cancel,
        Event::CancelDead,
        Event::Resolve,
        Event::WantAgain,
        Event::Retry,
    ]
}

/// Returns what of the job is worth saying; instants count from now, in milliseconds.
fn shown(job: &Job) -> String {
    let mut text = format!("{} {}", job.state, job.request);
    let ago = |instant_ms: u64| i64::try_from(instant_ms).unwrap() - i64::try_from(NOW_MS).unwrap();
    let numbers = [
        ("attempts", job.attempts),
        ("tries", job.tries),
        ("creates", job.creates),
        ("crashes", job.crashes),
        ("limited", job.limited),
        ("own_failures", job.own_failures),
    ];
    for (name, number) in numbers.into_iter().filter(|(_, number)| *number > 0) {
        write!(text, " {name}={number}").unwrap();
    }
    if matches!(job.state, State::Scheduled | State::Running) {
        write!(text, " due{:+}", ago(job.due_ms)).unwrap();
    }
    if let Some(until_ms) = job.effective_until_ms {
        write!(text, " effective_until{:+}", ago(until_ms)).unwrap();
    }
    if let Some(last_create) = job.last_create {
        write!(text, " {}", last_create.as_str()).unwrap();
    }
    if job.is_charge_pending {
        text.push_str(" charge_pending");
    }
    if job.is_touched {
        text.push_str(" touched");
    }
    if job.is_being_cancelled {
        text.push_str(" being_cancelled");
    }
    if job.refused_at.is_some() {
        text.push_str(" refused");
    }
    for word in [&job.error_code, &job.invoice_id].into_iter().flatten() {
        write!(text, " {word}").unwrap();
    }
    text
}

/// What a move brings, as a text.
fn move_shown(job: &Job, event: &Event, at: Circumstances<'_>) -> String {
    let transition = job.clone().apply(event, at);
    let change =
        if transition.job == *job { "unchanged".to_owned() } else { shown(&transition.job) };
    let mut text = format!("{:?}: {change}", transition.reply);
    if !transition.effects.is_empty() {
        write!(text, " {:?}", transition.effects).unwrap();
    }
    text
}

/// Only a running job has a claim token that can be shown.
fn is_possible(job: &Job, event: &Event) -> bool {
    let (Event::GiveBack(claim_token) | Event::Finish(_, claim_token)) = event else { return true };
    *claim_token == TokenShown::Stale || job.state == State::Running
}

fn table(rules: &Rules) -> String {
    let mut text = String::new();
    for (name, job) in jobs() {
        writeln!(text, "{name}: {}", shown(&job)).unwrap();
        // Events that do the same share a row.
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for event in events().into_iter().filter(|event| is_possible(&job, event)) {
            let (shown, event) =
                (move_shown(&job, &event, at(rules, NOW_MS)), format!("{event:?}"));
            match rows.iter_mut().find(|(known, _)| *known == shown) {
                Some((_, events)) => events.push(event),
                None => rows.push((shown, vec![event])),
            }
        }
        for (shown, events) in rows {
            writeln!(text, "  {} → {shown}", events.join(", ")).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_move_is_as_reviewed() {
    let (found, reviewed) = (table(&rules()), include_str!("../transitions.txt"));
    if found != reviewed {
        let changed = found.lines().filter(|line| !reviewed.lines().any(|known| known == *line));
        let changed: Vec<_> = changed.take(20).collect();
        panic!(
            "other moves than machine/transitions.txt has, for example:\n{}\n\nthe whole:\n{found}",
            changed.join("\n"),
        );
    }
}
