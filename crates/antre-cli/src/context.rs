//! Every command gets this: the account that was asked for, the configuration, the queue.

use antre_core::AccountName;
use antre_store::{Queue, Redis};
use anyhow::Context as _;

use crate::config::{self, Config, Environment, Faults, Purpose, Sources};

/// What every command is given.
pub(crate) struct Context {
    pub(crate) account: Option<AccountName>,
    sources: Sources,
}

impl Context {
    /// Returns the context of a command for this account. Nothing is read yet.
    pub(crate) fn new(account: Option<AccountName>, sources: Sources) -> Self {
        Self { account, sources }
    }

    /// Returns the configuration.
    pub(crate) fn config(&self, purpose: Purpose) -> Result<Config, Faults> {
        config::load(&self.sources, purpose)
    }

    /// Returns what can be made of the configuration, and all that is wrong with it.
    pub(crate) fn examine(&self, purpose: Purpose) -> (Config, Faults) {
        config::examine(&self.sources, purpose)
    }

    /// Returns the environment.
    pub(crate) fn environment(&self) -> &Environment {
        &self.sources.environment
    }

    /// Returns the queue of the account that was asked for, on a Redis that answers.
    pub(crate) async fn queue(&self) -> anyhow::Result<Queue> {
        let redis = self.redis().await?;
        Ok(redis.queue(self.account.clone().unwrap_or_default()))
    }

    /// Returns the queue of the account that was asked for; nothing is connected yet.
    pub(crate) fn unasked_queue(&self) -> anyhow::Result<Queue> {
        let redis = self.config(Purpose::Queue)?.redis.open()?;
        Ok(redis.queue(self.account.clone().unwrap_or_default()))
    }

    /// Returns the configured Redis once it has answered.
    pub(crate) async fn redis(&self) -> anyhow::Result<Redis> {
        let config = self.config(Purpose::Queue)?;
        let redis = config.redis.open()?;
        redis.ping().await.with_context(|| format!("no redis at {}", config.redis))?;
        Ok(redis)
    }
}
