//! The check of Redis: its kind, its settings, its speed.

use std::time::{Duration, Instant};

use antre_core::{AccountName, Mode};
use antre_store::server::Server;
use antre_store::{Redis, StoreError};
use antre_worker::Durability;
use chrono::Utc;

use super::report::CheckReport;
use crate::config::Config;
use crate::output::length;

const ABOUT: &str = "redis";
/// Enough for a 99th percentile, and done in a second even over a slow line.
const SAMPLES: usize = 101;
const WARM_UP: usize = 5;
/// The log and the pages of people on this machine would confuse by more.
const CLOCK_DIFFERENCE_MAX: Duration = Duration::from_secs(2);

/// Looks at the server.
pub(super) async fn examine(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let server = redis.server().await?;
    judge(&server, config, report);
    look_at_rights(redis, config, &server, report).await?;
    look_at_clock(redis, report).await?;
    look_at_latency(redis, config, report).await
}

fn judge(server: &Server, config: &Config, report: &mut CheckReport) {
    let Server { name, version, role, eviction, replicas, .. } = server;
    let kept = if eviction.is_empty() { "unknown eviction" } else { eviction };
    report.fine(ABOUT, format!("{name} {version}, {role}, {replicas} replicas, {kept}"));
    judge_replicas(server.replicas, config.durability, report);
    let is_strict = config
        .accounts
        .iter()
        .any(|account| account.mode() == Mode::Live && !account.accept_volatile_redis);
    for fault in server.durability_faults() {
        if is_strict {
            report.fault(ABOUT, format!("{fault}; a live key is refused without it"));
        } else {
            report.note(ABOUT, fault.into_owned());
        }
    }
}

fn judge_replicas(replicas: u32, durability: Durability, report: &mut CheckReport) {
    match durability {
        Durability::Local if replicas > 0 => report.note(
            ABOUT,
            "a replica is connected, but durability = \"local\" is written down: after a fail-over, bills \
             whose last moments the replica has missed may be billed twice; remove that line"
                .to_owned(),
        ),
        Durability::Replicated if replicas == 0 => report.fault(
            ABOUT,
            "durability = \"replicated\", but no replica is connected, so nothing is sent: bring one \
             up, or remove that line"
                .to_owned(),
        ),
        Durability::Local | Durability::Replicated | Durability::Auto => {}
    }
}

/// Tells what the user lacks that can be done without, and whether this configuration can.
async fn look_at_rights(
    redis: &Redis,
    config: &Config,
    server: &Server,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let names: Vec<AccountName> = config.accounts.iter().map(|it| it.name.clone()).collect();
    if let Some(lacks) = redis.lacks_of_use(&names).await? {
        report.note(ABOUT, format!("{lacks}; docs/redis.md says what works without"));
    }
    let is_replicated = match config.durability {
        Durability::Replicated => true,
        Durability::Auto => server.replicas > 0,
        Durability::Local => false,
    };
    if is_replicated && let Err(refusal) = redis.can_ask_replicas().await {
        let text = format!(
            "no replica can be asked whether it has a claim, so nothing is sent: {refusal}, or set durability = \
             \"local\" and read what that costs after a fail-over"
        );
        report.fault(ABOUT, text);
    }
    Ok(())
}

async fn look_at_clock(redis: &Redis, report: &mut CheckReport) -> Result<(), StoreError> {
    let before = Utc::now().timestamp_micros();
    let theirs = redis.time_us().await?;
    let after = Utc::now().timestamp_micros();
    let ours = u64::try_from(before.midpoint(after)).unwrap_or_default();
    let difference = Duration::from_micros(ours.abs_diff(theirs));
    let text = format!("its clock differs from this machine's by {}", millis(difference));
    if difference > CLOCK_DIFFERENCE_MAX {
        report.note(ABOUT, format!("{text}; only redis' clock decides"));
    } else {
        report.fine(ABOUT, text);
    }
    Ok(())
}

async fn look_at_latency(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let queue = redis
        .queue(config.accounts.first().map_or_else(AccountName::default, |it| it.name.clone()));
    let ping = measure(async || redis.ping().await).await?;
    let script = measure(async || queue.status().await.map(drop)).await?;
    let deadline = config.accounts.first().map(|account| account.settings.send_within);
    let text = format!(
        "PING takes {} (99%: {}), a script {} (99%: {})",
        millis(ping.median),
        millis(ping.p99),
        millis(script.median),
        millis(script.p99)
    );
    match deadline {
        Some(deadline) if script.p99 > deadline => {
            let text = format!(
                "{text}; over the send deadline of {} grants are given back unused and the pace falls: \
                 run workers nearer to redis, or raise send_within",
                length(deadline)
            );
            report.note(ABOUT, text);
        }
        _ => report.fine(ABOUT, text),
    }
    Ok(())
}

struct Latency {
    median: Duration,
    p99: Duration,
}

async fn measure(call: impl AsyncFn() -> Result<(), StoreError>) -> Result<Latency, StoreError> {
    let mut samples = Vec::with_capacity(SAMPLES);
    for number in 0..WARM_UP + SAMPLES {
        let start = Instant::now();
        call().await?;
        if number >= WARM_UP {
            samples.push(start.elapsed());
        }
    }
    samples.sort_unstable();
    let at = |index: usize| samples.get(index).copied().unwrap_or_default();
    Ok(Latency { median: at(SAMPLES / 2), p99: at(SAMPLES * 99 / 100) })
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
