//! What workers under test are told: limits, and times so short that a test can wait for them.

use std::time::Duration;

use antre_core::{limit::Limits, retry::RetrySchedule};
use antre_store::settings::Settings;
use antre_testkit::queue::quick_settings;

/// Limits and times of one run.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// As `ANTRE_LIMITS` takes them; the simulator enforces the same.
    pub limits: &'static str,
    /// Waits between tries, as `ANTRE_RETRY_DELAYS` takes them.
    pub retry_delays: &'static str,
    /// How much one-way delays may differ. Generous: everything runs on the same few cores.
    pub jitter_allowance: Duration,
    /// How old a grant may be when its request leaves.
    pub send_within: Duration,
    /// How long a claim holds without renewal.
    pub lease: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How late Xendit may act after an answer.
    pub trust_absence_answered: Duration,
    /// How late a request without an answer may act.
    pub trust_absence_unanswered: Duration,
    /// The wait between probes.
    pub breaker_probe: Duration,
    /// `local` or `replicated`.
    pub durability: &'static str,
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Conditions {
    /// For one fault at a time: everything is over within seconds.
    pub const fn quick() -> Self {
        Self {
            // A short window: after its start a server counts it as full once.
            limits: "20/100ms",
            retry_delays: "50ms,100ms,200ms",
            jitter_allowance: ms(50),
            send_within: ms(250),
            lease: ms(600),
            request_timeout: ms(700),
            connect_timeout: ms(400),
            trust_absence_answered: ms(100),
            trust_absence_unanswered: ms(400),
            breaker_probe: ms(200),
            durability: "local",
        }
    }

    /// For faults that overlap: what lasts longer than a fault's longest time is still in order.
    pub const fn rough() -> Self {
        Self {
            limits: "100/1s",
            retry_delays: "200ms,400ms,800ms",
            jitter_allowance: ms(100),
            send_within: ms(20),
            lease: ms(1_500),
            request_timeout: ms(2_000),
            connect_timeout: ms(1_000),
            trust_absence_answered: ms(1_000),
            trust_absence_unanswered: ms(2_500),
            breaker_probe: ms(500),
            durability: "local",
        }
    }

    /// Returns what a worker's environment must hold for them.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let ms = |duration: Duration| format!("{}ms", duration.as_millis());
        vec![
            ("ANTRE_LIMITS", self.limits.to_owned()),
            ("ANTRE_RETRY_DELAYS", self.retry_delays.to_owned()),
            ("ANTRE_JITTER_ALLOWANCE", ms(self.jitter_allowance)),
            ("ANTRE_SEND_WITHIN", ms(self.send_within)),
            ("ANTRE_LEASE", ms(self.lease)),
            ("ANTRE_REQUEST_TIMEOUT", ms(self.request_timeout)),
            ("ANTRE_CONNECT_TIMEOUT", ms(self.connect_timeout)),
            ("ANTRE_TRUST_ABSENCE_ANSWERED", ms(self.trust_absence_answered)),
            ("ANTRE_TRUST_ABSENCE_UNANSWERED", ms(self.trust_absence_unanswered)),
            ("ANTRE_BREAKER_PROBE", ms(self.breaker_probe)),
            ("ANTRE_DURABILITY", self.durability.to_owned()),
        ]
    }

    /// Returns the same as a queue is configured with.
    ///
    /// # Errors
    /// When a text is none of limits or delays.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings {
            limits: self.limits.parse::<Limits>()?,
            jitter_allowance: self.jitter_allowance,
            send_within: self.send_within,
            lease: self.lease,
            request_timeout: self.request_timeout,
            trust_absence_answered: self.trust_absence_answered,
            trust_absence_unanswered: self.trust_absence_unanswered,
            retry_delays: self.retry_delays.parse::<RetrySchedule>()?,
            breaker_probe: self.breaker_probe,
            ..quick_settings()
        })
    }

    /// Returns how long a request may still act after its claim.
    pub fn effect_max(&self) -> Duration {
        self.send_within + self.request_timeout + self.trust_absence_unanswered
    }
}
