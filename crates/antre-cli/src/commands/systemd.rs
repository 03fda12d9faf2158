//! What systemd is told of the process (`Type=notify` and `WatchdogSec` in its unit). Without systemd nothing
//! happens. Source: systemd's manual, `sd_notify(3)` and `sd_watchdog_enabled(3)`.

use std::time::Duration;

use antre_store::Redis;
use sd_notify::NotifyState;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The configuration is right and the process serves. Redis need not be there yet: a worker waits for it.
pub(super) fn tell_ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is read again, until [`tell_ready`].
pub(super) fn tell_reloading() {
    let now = NotifyState::monotonic_usec_now().ok();
    tell(&[NotifyState::Reloading].into_iter().chain(now).collect::<Vec<_>>());
}

/// Running requests are finished, then the process ends.
pub(super) fn tell_stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(error = %error, "systemd could not be told");
    }
}

/// The signs of life that systemd waits for.
pub(super) struct Watchdog(Option<Interval>);

impl Watchdog {
    /// Returns the watchdog that the unit asks for, if it does.
    pub(super) fn of_unit() -> Self {
        let ticks = sd_notify::watchdog_enabled().map(|limit| {
            // Twice as often as it must be, as the manual says.
            let mut ticks = interval((limit / 2).max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        Self(ticks)
    }

    /// Gives a sign of life each time that one is due, for ever. There is none while `/healthz` would say that only a
    /// new process helps; systemd then starts one.
    pub(super) async fn signal(&mut self, redis: &Redis) {
        let Some(ticks) = &mut self.0 else { return std::future::pending().await };
        loop {
            ticks.tick().await;
            if !redis.is_stuck().await {
                tell(&[NotifyState::Watchdog]);
            }
        }
    }
}
