//! `GET /metrics`: the process's own metrics, then the fleet's as Redis has them.

use antre_operating::{estimated_wait, is_reporter, recent_strangers, unused_for_long};
use antre_store::{Queue, status::Status};
use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::{
    AdminState,
    chosen::{Choice, read},
    error::ApiError,
    exposition::Family,
};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Kept in the same hash as the counters, but none.
const NO_COUNTERS: [&str; 1] = ["ready_us"];

/// The process's own metrics, and those of the fleet in the one worker that reports them.
pub(crate) async fn show(State(state): State<AdminState>) -> Result<Response, ApiError> {
    let mut text = (state.render_metrics)();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let queues = state.chosen(&Choice::default())?;
    let mut up = Family::gauge("antre_redis_up", "1 if Redis answers this worker.");
    match read(&queues).await {
        Ok(statuses) => {
            up.add(&[], 1);
            up.write(&mut text);
            let accounts = queues.iter().zip(&statuses);
            let accounts: Vec<_> =
                accounts.map(|(queue, status)| (queue, status, reports(&state, status))).collect();
            write_reporters(&accounts, &mut text);
            let reported = accounts.into_iter().filter(|(_, _, is_reporter)| *is_reporter);
            write_accounts(
                &reported.map(|(queue, status, _)| (queue, status)).collect::<Vec<_>>(),
                &mut text,
            );
        }
        Err(error) => {
            tracing::debug!(error = %error, "the fleet's metrics are left out");
            up.add(&[], 0);
            up.write(&mut text);
        }
    }
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

/// The fleet's metrics, whoever is asked: for a scraper that asks one address only.
pub(crate) async fn show_fleet(State(state): State<AdminState>) -> Result<Response, ApiError> {
    let queues = state.chosen(&Choice::default())?;
    let statuses = read(&queues).await?;
    let mut text = String::new();
    write_accounts(&queues.iter().zip(&statuses).collect::<Vec<_>>(), &mut text);
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

fn reports(state: &AdminState, status: &Status) -> bool {
    state.worker.as_deref().is_none_or(|worker| is_reporter(status, worker))
}

fn write_reporters(accounts: &[(&Queue, &Status, bool)], out: &mut String) {
    let mut reporter = Family::gauge(
        "antre_fleet_reporter",
        "1 in the one worker whose /metrics has the figures of the whole fleet, 0 in the others.",
    );
    for (queue, _, is_reporter) in accounts {
        reporter.add(&[("account", queue.account().as_str())], u64::from(*is_reporter));
    }
    reporter.write(out);
}

fn write_accounts(statuses: &[(&Queue, &Status)], out: &mut String) {
    let accounts = || statuses.iter().map(|(queue, status)| (queue.account().as_str(), *status));
    let mut jobs =
        Family::gauge("antre_jobs", "Jobs by state; ended ones as long as they are kept.");
    for (account, status) in accounts() {
        let states = [
            ("waiting", status.waiting_total()),
            ("scheduled", status.scheduled),
            ("running", status.running),
            ("done", status.done),
            ("dead", status.dead),
        ];
        for (state, count) in states {
            jobs.add(&[("account", account), ("state", state)], count);
        }
    }
    jobs.write(out);
    for (name, help, value) in GAUGES {
        let mut family = Family::gauge(name, help);
        for (account, status) in accounts() {
            family.add(&[("account", account)], value(status));
        }
        family.write(out);
    }
    let mut waits = Family::gauge(
        "antre_estimated_wait_seconds",
        "Until a normal job submitted now is sent; absent while nobody knows.",
    );
    for (account, status) in accounts() {
        if let Some(wait_s) = estimated_wait(status) {
            waits.add(&[("account", account)], wait_s);
        }
    }
    waits.write(out);
    write_events(accounts(), out);
}

fn write_events<'a>(accounts: impl Iterator<Item = (&'a str, &'a Status)>, out: &mut String) {
    let mut events = Family::counter("antre_events_total", "What happened, since the beginning.");
    for (account, status) in accounts {
        let others = status.totals.others.iter().map(|(name, count)| (name.as_str(), *count));
        let others = others.filter(|(name, _count)| !NO_COUNTERS.contains(name));
        for (event, count) in status.totals.iter().chain(others) {
            events.add(&[("account", account), ("event", event)], count);
        }
    }
    events.write(out);
}

type Gauge = (&'static str, &'static str, fn(&Status) -> u64);

const GAUGES: [Gauge; 8] = [
    ("antre_inbox", "Submitted jobs that are not accepted yet.", |status| status.inbox),
    ("antre_follow_ups", "Expiries and audits that are left.", |status| status.follow_ups),
    (
        "antre_paused",
        "1 while nothing is sent until somebody resumes or a set time is over.",
        |status| u64::from(status.pause.is_some()),
    ),
    ("antre_breaker_open", "1 while Xendit, the network or the key does not work.", |status| {
        u64::from(status.breaker.is_some())
    }),
    ("antre_workers_closed", "Workers that alone have trouble.", |status| {
        let closed =
            status.live_workers().filter(|(name, _)| status.closed_workers.contains_key(*name));
        count(closed)
    }),
    (
        "antre_strangers",
        "Keys shown within the last minute that were not shown to be the account's.",
        |status| count(recent_strangers(status)),
    ),
    (
        "antre_unused_grants",
        "1 while grants come back unused and nothing is sent: for 30 s, or 3 s where no replica confirms.",
        |status| u64::from(unused_for_long(status).is_some()),
    ),
    ("antre_served", "1 if a worker gave a sign of life in the last 15 s.", |status| {
        u64::from(status.is_served())
    }),
];

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}
