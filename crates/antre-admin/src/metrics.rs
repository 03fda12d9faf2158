//! `GET /metrics`: the process's own metrics, then the fleet's as Redis has them.

use antre_store::{Queue, status::Status};
use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::{
    AdminState, chosen::Choice, error::ApiError, estimate::estimated_wait, exposition::Family,
    figures, reasons,
};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Kept in the same hash as the counters, but none.
const NO_COUNTERS: [&str; 1] = ["ready_us"];

pub(crate) async fn show(State(state): State<AdminState>) -> Result<Response, ApiError> {
    let mut text = (state.render_metrics)();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let queues = state.chosen(&Choice::default())?;
    let mut up = Family::gauge("antre_redis_up", "1 if Redis answers.");
    match figures::read(&queues).await {
        Ok(statuses) => {
            up.add(&[], 1);
            up.write(&mut text);
            write_accounts(&queues, &statuses, &mut text);
        }
        Err(error) => {
            tracing::debug!(error = %error, "the fleet's metrics are left out");
            up.add(&[], 0);
            up.write(&mut text);
        }
    }
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

fn write_accounts(queues: &[Queue], statuses: &[Status], out: &mut String) {
    let accounts = || queues.iter().map(|queue| queue.account().as_str()).zip(statuses);
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
    let mut events = Family::counter("antre_events_total", "What happened, since the beginning.");
    for (account, status) in accounts() {
        let mut totals: Vec<_> = status.totals.iter().collect();
        totals.sort();
        for (event, count) in
            totals.into_iter().filter(|(name, _)| !NO_COUNTERS.contains(&name.as_str()))
        {
            let labels = [("account", account), ("event", event.as_str())];
            events.add(&labels, count.parse().unwrap_or_default());
        }
    }
    events.write(out);
}

type Gauge = (&'static str, &'static str, fn(&Status) -> u64);

const GAUGES: [Gauge; 8] = [
    ("antre_inbox", "Submitted jobs that are not accepted yet.", |status| status.inbox),
    ("antre_chores", "Expiries and audits that are left.", |status| status.chores),
    (
        "antre_paused",
        "1 while nothing is sent until somebody resumes or a set time is over.",
        |status| u64::from(status.pause.is_some()),
    ),
    ("antre_breaker_open", "1 while Xendit, the network or the key does not work.", |status| {
        u64::from(status.breaker.is_some())
    }),
    ("antre_workers_closed", "Workers that alone have trouble.", |status| {
        let closed = status.live_workers().filter(|name| status.closed_workers.contains_key(*name));
        count(closed)
    }),
    (
        "antre_strangers",
        "Keys shown within the last minute that were not shown to be the account's.",
        |status| count(status.recent_strangers()),
    ),
    (
        "antre_unused_grants",
        "1 while grants come back unused and nothing is sent for 30 s.",
        |status| u64::from(status.unused_for_long().is_some()),
    ),
    ("antre_served", "1 if a worker gave a sign of life in the last 15 s.", |status| {
        u64::from(reasons::has_live_worker(status))
    }),
];

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}
