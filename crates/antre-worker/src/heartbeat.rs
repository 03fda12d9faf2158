//! The heartbeat: renews leases and tells the fleet that this worker lives.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antre_store::{StoreError, claim::Grant, lease::Heartbeat, request_time::RequestTime};

use crate::account::Account;

/// Renewals per lease: two may be lost before the lease is, or one for a job that an idle worker has just got.
const RENEWALS_PER_LEASE: u32 = 3;
/// The longest time between two: people hear of trouble by it.
const PERIOD_MAX: Duration = Duration::from_secs(2);

/// Beats until the last claim is released after the order to stop.
pub async fn beat(account: Arc<Account>) {
    let mut rhythm = Rhythm::default();
    let own = account.options.settings.lease;
    let mut lease = own;
    loop {
        match run_once(&account).await {
            // Another worker's settings may be in force: leases last as long as those say.
            Ok(in_force) if !in_force.is_zero() => lease = in_force.min(own),
            Ok(_) => {}
            Err(error) => account.redis_outage.failed(account.name(), &error),
        }
        remember_request_time(&account, Instant::now()).await;
        let is_idle = account.running.count() == 0 && account.trouble().is_none();
        tokio::time::sleep(rhythm.pause(lease, is_idle, rand::random)).await;
    }
}

/// How long after one beat the next one comes.
#[derive(Debug, Default)]
struct Rhythm {
    has_begun: bool,
}

impl Rhythm {
    /// Returns the pause before the next beat. `draw` gives a part of it, from 0 to 1, for the first one: the beats of
    /// many accounts begin together, and must not go on so.
    fn pause(&mut self, lease: Duration, is_idle: bool, draw: impl FnOnce() -> f64) -> Duration {
        let period = (lease / RENEWALS_PER_LEASE).min(PERIOD_MAX);
        let pause = if is_idle { period * 3 / 2 } else { period };
        if std::mem::replace(&mut self.has_begun, true) { pause } else { pause.mul_f64(draw()) }
    }
}

/// Beats once. Returns how long a lease lasts by the settings in force; zero when there are none.
///
/// # Errors
/// Any [`StoreError`]; the leases hold for two more periods.
pub async fn run_once(account: &Account) -> Result<Duration, StoreError> {
    // A stranger is no worker of this account. It shows itself as one, also while it has no connection to Xendit,
    // and hears when somebody has accepted its key.
    if !account.is_served() {
        account.configure(false).await?;
        return Ok(Duration::ZERO);
    }
    let held = account.running.all();
    let grants: Vec<Grant> = held.iter().map(|held| held.grant.clone()).collect();
    let renewed = account.queue.renew(&account.worker.name, &words(account), &grants).await?;
    account.note_closed(renewed.closed);
    // One that ends at this moment is not lost.
    let is_held = |id: &String| held.iter().any(|held| held.grant.id == *id && !held.is_ending());
    for id in renewed.lost.iter().filter(|id| is_held(id)) {
        // The answer still counts when it comes; only the right to decide is gone.
        tracing::warn!(account = account.name(), job.id = id, "lease lost");
    }
    Ok(renewed.lease)
}

/// Tells the fleet what keeps this worker from serving the account; its settings are not in force yet.
///
/// Where Redis takes no writes, only the log and `/readyz` of this process say it.
pub(crate) async fn tell_trouble(account: &Account) {
    if let Err(error) = account.queue.renew(&account.worker.name, &words(account), &[]).await {
        tracing::debug!(account = account.name(), %error, "the trouble cannot be told to the fleet");
    }
}

/// Remembers in Redis how long requests took lately, if that is due; failing is of no consequence.
async fn remember_request_time(account: &Account, now: Instant) {
    if let Some(p95) = account.request_times.due(now) {
        write_request_time(account, p95).await;
    }
}

/// Remembers how long requests took since it was last written, before the worker goes.
pub(crate) async fn remember_at_last(account: &Account) {
    if let Some(p95) = account.request_times.unwritten() {
        write_request_time(account, p95).await;
    }
}

async fn write_request_time(account: &Account, p95: Duration) {
    let p95_ms = u64::try_from(p95.as_millis()).unwrap_or(u64::MAX);
    let time = RequestTime { p95_ms, concurrency: account.options.concurrency };
    if let Err(error) = account.queue.note_request_time(time).await {
        tracing::debug!(account = account.name(), %error, "how long requests take is not remembered");
    }
}

fn words(account: &Account) -> Heartbeat {
    let awaited = account.running.all().iter().map(|held| held.answer_awaited()).max();
    let awaited_ms = awaited.unwrap_or_default().as_millis();
    Heartbeat {
        version: Some(env!("CARGO_PKG_VERSION").into()),
        running: Some(account.running.count()),
        concurrency: Some(account.options.concurrency),
        answer_awaited_ms: u64::try_from(awaited_ms).unwrap_or(u64::MAX),
        uptime_s: Some(account.started.elapsed().as_secs()),
        is_connected: Some(!account.xendit_outage.is_on()),
        has_http: account.has_http,
        trouble: account.trouble(),
    }
}

#[cfg(test)]
mod tests;
