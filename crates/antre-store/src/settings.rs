//! The limits and times in force for an account: the worker that started last with the account's key writes them, all
//! obey.

use std::{collections::BTreeMap, time::Duration};

use antre_core::limit::Limits;
use antre_core::mode::Mode;
use antre_core::retry::RetrySchedule;
use redis::Value;

use crate::{
    Queue, StoreError, claim::WorkerIdentity, decode::Reply, keys::ACCOUNTS, script::CONFIGURE,
    status::in_force::REPLICATED,
};

/// The number of the data format that this version writes.
pub const FORMAT: u32 = 2;

/// What holds for an account, whichever worker acts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account's request limits; the first sets the pace.
    pub limits: Limits,
    /// The mode of the account's key. A test key's bills are unknown once the account has a live one.
    pub mode: Mode,
    /// How much one-way delays to Xendit may differ.
    pub jitter_allowance: Duration,
    /// How long after its claim a request may leave at the latest.
    pub send_within: Duration,
    /// How long a job may be held without a renewal.
    pub lease: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long a create may have an effect after its answer was read.
    pub trust_absence_answered: Duration,
    /// How long a create without an answer may have an effect after its time-out.
    pub trust_absence_unanswered: Duration,
    /// The waits between tries.
    pub retry_delays: RetrySchedule,
    /// How much earlier than a low job a high one counts as ready.
    pub head_start_high: Duration,
    /// How much earlier than a low job a normal one counts as ready.
    pub head_start_normal: Duration,
    /// The wait between probes while the breaker is open.
    pub breaker_probe: Duration,
    /// While jobs wait, one request in so many may be a read.
    pub read_share: u32,
    /// How long done jobs are kept.
    pub retention_done: Duration,
    /// How long dead jobs are kept.
    pub retention_dead: Duration,
}

impl Settings {
    /// Returns the settings as the key `config` has them: a JSON object of texts.
    pub(crate) fn to_json(&self) -> Result<String, StoreError> {
        let fields: BTreeMap<&str, String> = self.to_fields().into_iter().collect();
        serde_json::to_string(&fields)
            .map_err(|error| StoreError::reply("configure", error.to_string()))
    }

    fn to_fields(&self) -> Vec<(&'static str, String)> {
        let ms = |duration: Duration| duration.as_millis().to_string();
        let us = |duration: Duration| duration.as_micros().to_string();
        let limits: Vec<String> = self
            .limits
            .iter()
            .map(|limit| format!("{}:{}", limit.requests(), limit.window().as_micros()))
            .collect();
        vec![
            ("limits", limits.join(",")),
            ("mode", self.mode.to_string()),
            ("jitter_us", us(self.jitter_allowance)),
            ("send_within_us", us(self.send_within)),
            ("lease_ms", ms(self.lease)),
            ("request_timeout_ms", ms(self.request_timeout)),
            ("trust_absence_answered_ms", ms(self.trust_absence_answered)),
            ("trust_absence_unanswered_ms", ms(self.trust_absence_unanswered)),
            ("retry_delays", retry_delays_ms(&self.retry_delays)),
            ("head_start_high_us", us(self.head_start_high)),
            ("head_start_normal_us", us(self.head_start_normal)),
            ("breaker_probe_ms", ms(self.breaker_probe)),
            ("read_share", self.read_share.to_string()),
            ("retention_done_ms", ms(self.retention_done)),
            ("retention_dead_ms", ms(self.retention_dead)),
        ]
    }
}

fn retry_delays_ms(schedule: &RetrySchedule) -> String {
    let delays: Vec<String> =
        schedule.delays().map(|delay| delay.as_millis().to_string()).collect();
    delays.join(",")
}

/// What became of a worker's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configured {
    /// They are in force.
    InForce {
        /// Whether the worker's key is known to be the account's.
        is_ours: bool,
    },
    /// The worker's key was not shown to be this account's, so nothing was changed.
    Unproven,
}

/// Whose settings they are.
#[derive(Debug, Clone, Copy)]
pub struct Configurator<'a> {
    /// The worker and its key.
    pub worker: &'a WorkerIdentity,
    /// Whether the worker has seen data of this account that is gone.
    pub has_lost_data: bool,
}

impl Queue {
    /// Returns whether the account's server has been seen with a replica, and remembers it once it has; with `None`
    /// it is forgotten: a person wants claims that one server alone keeps.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn note_replica(&self, has_replica: Option<bool>) -> Result<bool, StoreError> {
        let mut connection = self.redis().calls();
        let pacer = self.keys().named("pacer");
        let change = match has_replica {
            None => Some(redis::cmd("HDEL").arg(&pacer).arg(REPLICATED).clone()),
            Some(true) => Some(redis::cmd("HSET").arg(&pacer).arg(REPLICATED).arg("1").clone()),
            Some(false) => None,
        };
        if let Some(change) = change {
            change.exec_async(&mut connection).await?;
        }
        let found =
            redis::cmd("HEXISTS").arg(pacer).arg(REPLICATED).query_async(&mut connection).await?;
        Ok(found)
    }

    /// Puts `settings` in force, creates the inbox and makes the account known.
    ///
    /// # Errors
    /// [`StoreError::OtherFormat`] when a version with another data format wrote this account's data; else any other.
    pub async fn configure(
        &self,
        settings: &Settings,
        by: Configurator<'_>,
    ) -> Result<Configured, StoreError> {
        let lost = if by.has_lost_data { "1" } else { "" };
        let WorkerIdentity { name, fingerprint, mode } = by.worker;
        let arguments = [
            FORMAT.to_string(),
            fingerprint.clone(),
            name.clone(),
            mode.to_string(),
            lost.to_owned(),
            settings.to_json()?,
        ];
        let items: Vec<Value> = self.run(&CONFIGURE, &arguments).await?;
        let mut reply = Reply::new("configure", items);
        match reply.next::<String>()?.as_str() {
            "configured" => {
                let is_ours = reply.next::<String>()? == "1";
                self.make_known().await?;
                Ok(Configured::InForce { is_ours })
            }
            "unproven" => Ok(Configured::Unproven),
            "other_format" => Err(StoreError::OtherFormat { found: reply.parse()?, known: FORMAT }),
            other => Err(reply.unexpected(other)),
        }
    }

    async fn make_known(&self) -> Result<(), StoreError> {
        let mut connection = self.redis().at(ACCOUNTS).calls();
        let account = self.account().as_str();
        let add = redis::cmd("SADD").arg(ACCOUNTS).arg(account).clone();
        Ok(add.exec_async(&mut connection).await?)
    }
}
