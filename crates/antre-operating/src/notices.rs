//! Recent events that stop nothing by themselves, but explain the state that people see.

use std::time::Duration;

use antre_store::status::{RecordedEvent, Status};
use serde::Serialize;

use crate::words::ALREADY_PAID;

mod callers;

/// How long after it last happened a notice is shown.
const SHOWN_FOR_MS: u64 = 10 * 60 * 1000;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// Workers give a sign of life every two seconds: after this long one misses two of them.
const WORKER_MISSED_MS: u64 = 5_000;
/// How long a worker may wait for an answer before people are told.
const ANSWER_LATE: Duration = Duration::from_secs(2);

/// Something that happened lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `server_changed`, `clock_stepped_back`, `leases_lost`, `invalid_jobs`, `mixed_answers`, `look_ups_fail`,
    /// `billed_before`, `answers_late`, `worker_silent`, `already_paid`, `still_queued` or `misnamed`.
    pub code: String,
    /// When it last happened, Unix milliseconds.
    pub at_ms: u64,
    /// When it first happened in this row, Unix milliseconds.
    pub since_ms: u64,
    /// How often since then.
    pub times: u64,
    /// What it means and what to do, for a person.
    pub text: String,
    /// Whether something is wrong now; else it only explains.
    pub is_trouble: bool,
}

/// Returns what happened lately and explains itself nowhere else.
pub fn notices(status: &Status) -> Vec<Notice> {
    let now_ms = status.now_ms;
    let is_shown = |event: &&RecordedEvent| now_ms.saturating_sub(event.at_ms) < SHOWN_FOR_MS;
    let recorded = status.recorded.iter().filter(is_shown).map(of_event);
    recorded
        .chain(of_silence(status))
        .chain(of_killed(status))
        .chain(of_paid(status))
        .chain(callers::notices(status))
        .collect()
}

fn of_event(event: &RecordedEvent) -> Notice {
    let RecordedEvent { code, at_ms, since_ms, times, detail } = event;
    // One such bill may be a person's mistake; more are a habit, and each is a bill that is not billed.
    let is_trouble = matches!(code.as_str(), "leases_lost" | "mixed_answers" | "look_ups_fail")
        || (code == "billed_before" && *times > 1);
    Notice {
        code: code.clone(),
        at_ms: *at_ms,
        since_ms: *since_ms,
        times: *times,
        text: text(code, *times, detail),
        is_trouble,
    }
}

/// Returns since when bills get invoices that were paid before, if that happened more than once within the last
/// day: probably one `external_id` is used for several bills, and those are not billed.
pub fn already_paid_since_ms(status: &Status) -> Option<u64> {
    let [last_ms, before_ms] = status.already_paid_ms;
    let is_repeated = before_ms > 0 && before_ms + DAY_MS > last_ms;
    (is_repeated && last_ms + DAY_MS > status.now_ms).then_some(before_ms)
}

fn text(code: &str, times: u64, detail: &str) -> String {
    match code {
        "server_changed" => "redis was restarted, or another server or older data took over; bills that may have been \
            forgotten are looked up before they are created (after a restored backup: antre recheck)"
            .to_owned(),
        "clock_stepped_back" => {
            format!("redis' clock stepped back by {detail} ms: look at the time service of its machine")
        }
        "leases_lost" => format!(
            "{times} jobs lost their worker (the last one {detail}); each is looked up first: did a worker crash or stop answering?"
        ),
        "invalid_jobs" => format!(
            "{times} entries of the inbox were no valid jobs (the last one {detail}): antre dead list, and mend the program that enqueues"
        ),
        "mixed_answers" => format!(
            "{times} answers were those of another bill (the last one to worker {detail}); none was believed: look at the proxy between it and Xendit"
        ),
        "look_ups_fail" => format!(
            "{times} look-ups failed for their bill alone (the last one of job {detail}); others go on, and after 8 failures it is dead: antre job {detail}"
        ),
        "billed_before" => format!(
            "{times} jobs named bills that were done a day ago or longer (the last one {detail}) and got their old \
             invoices: give each new bill an external_id of its own"
        ),
        other => format!("{other}: {times} times, the last one {detail}"),
    }
}

/// Probably one `external_id` is used for several bills, and those are not billed.
fn of_paid(status: &Status) -> Option<Notice> {
    let since_ms = already_paid_since_ms(status)?;
    Some(Notice {
        code: "already_paid".to_owned(),
        at_ms: status.already_paid_ms[0],
        since_ms,
        times: status.totals.already_paid,
        text: ALREADY_PAID.to_owned(),
        is_trouble: true,
    })
}

/// A request without an answer tells nothing until its time is over; that it is waited for can be told before.
/// A worker that stops in order takes its heartbeat away. Where no other lives, that there is none is told already.
fn of_killed(status: &Status) -> Option<Notice> {
    if !status.is_served() {
        return None;
    }
    let silent_ms = |seen_ms: u64| status.now_ms.saturating_sub(seen_ms);
    let is_missed = |seen_ms: &u64| (WORKER_MISSED_MS..SHOWN_FOR_MS).contains(&silent_ms(*seen_ms));
    let missed: Vec<_> = status
        .workers
        .iter()
        .map(|(worker, seen)| (seen.seen_ms, worker))
        .filter(|(seen_ms, _)| is_missed(seen_ms))
        .collect();
    let (seen_ms, worker) = missed.iter().max().copied()?;
    Some(Notice {
        code: "worker_silent".to_owned(),
        at_ms: status.now_ms,
        since_ms: seen_ms,
        times: u64::try_from(missed.len()).unwrap_or(u64::MAX),
        text: format!(
            "worker {worker} has given no sign of life for {} s: it was killed, or its machine or network stands \
             still; what it held goes on elsewhere",
            silent_ms(seen_ms) / 1000
        ),
        is_trouble: false,
    })
}

fn of_silence(status: &Status) -> Option<Notice> {
    let late_ms = u64::try_from(ANSWER_LATE.as_millis()).unwrap_or(u64::MAX);
    let waiting: Vec<_> = status
        .live_workers()
        .map(|(worker, seen)| (seen.said.answer_awaited_ms, worker, seen.seen_ms))
        .filter(|(awaited_ms, ..)| *awaited_ms >= late_ms)
        .collect();
    let (awaited_ms, worker, seen_ms) = waiting.iter().max().copied()?;
    Some(Notice {
        code: "answers_late".to_owned(),
        at_ms: seen_ms,
        since_ms: seen_ms.saturating_sub(awaited_ms),
        times: u64::try_from(waiting.len()).unwrap_or(u64::MAX),
        text: format!(
            "worker {worker} has waited {} s for an answer of Xendit: look at Xendit and the network between",
            awaited_ms / 1000
        ),
        is_trouble: false,
    })
}

#[cfg(test)]
mod tests;
