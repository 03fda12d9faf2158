//! One place for a worker process, with links of its own to Redis and Xendit that can be broken.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use antre_testkit::{ChildProcess, FaultProxy};

use super::conditions::Conditions;
use crate::fleet::TEST_KEY;

const LINE_LIMIT: Duration = Duration::from_secs(20);

/// A worker's place in the fleet: the process comes and goes, its links stay.
#[derive(Debug)]
pub struct Worker {
    /// Between the worker and Redis.
    pub redis_link: Arc<FaultProxy>,
    /// Between the worker and Xendit.
    pub xendit_link: Arc<FaultProxy>,
    binary: PathBuf,
    conditions: Conditions,
    process: Option<ChildProcess>,
}

impl Worker {
    /// Prepares a place; nothing runs yet.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn prepare(
        binary: &Path,
        conditions: &Conditions,
        redis: PathBuf,
        xendit: std::net::SocketAddr,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            redis_link: Arc::new(FaultProxy::start(redis).await?),
            xendit_link: Arc::new(FaultProxy::start(xendit).await?),
            binary: binary.to_owned(),
            conditions: conditions.clone(),
            process: None,
        })
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.binary);
        command
            .arg("worker")
            .current_dir(std::env::temp_dir())
            .env_clear()
            .envs(self.conditions.environment())
            .env("ANTRE_REDIS_URL", self.redis_link.redis_url())
            .env("ANTRE_HTTP_LISTEN", "off")
            .env("XENDIT_BASE_URL", self.xendit_link.http_url())
            .env("XENDIT_SECRET_KEY", TEST_KEY);
        self.process = Some(ChildProcess::start(command)?);
        Ok(())
    }

    /// Kills the process (SIGKILL); nothing it holds is told to anybody.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
        }
        Ok(())
    }

    /// Kills the process, drops what is still held on its links, and makes them sound for the next.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill_and_forget(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        self.redis_link.cut().await;
        self.xendit_link.cut().await;
        self.heal();
        Ok(())
    }

    /// Ends every fault of both links.
    pub fn heal(&self) {
        self.redis_link.heal();
        self.xendit_link.heal();
    }

    /// Returns the process.
    ///
    /// # Errors
    /// When none runs here.
    pub fn process(&mut self) -> anyhow::Result<&mut ChildProcess> {
        self.process.as_mut().ok_or_else(|| anyhow::anyhow!("no worker runs here"))
    }

    /// Returns whether a process is there; it may have been stopped.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.is_running().unwrap_or_default())
    }

    /// Returns the end of what the process has written so far.
    pub fn output(&self) -> String {
        self.process.as_ref().map(ChildProcess::output).unwrap_or_default()
    }

    /// Waits for a line of the process's output.
    ///
    /// # Errors
    /// When it does not come within 20 s.
    pub async fn line(&mut self, text: &str) -> anyhow::Result<String> {
        Ok(self.process()?.wait_for_line(text, LINE_LIMIT).await?)
    }
}
