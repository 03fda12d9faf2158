//! One place for a worker process, with links of its own to Redis and Xendit that can be broken.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use antre_testkit::{ChildProcess, FaultProxy};
use antre_xendit::{Client, SecretKey};

use super::conditions::Conditions;
use super::http::{self, Answered};
use crate::fleet::TEST_KEY;

const LINE_LIMIT: Duration = Duration::from_secs(20);
/// Longer than the time-out of a request and the last words to Redis.
const END_LIMIT: Duration = Duration::from_secs(30);

/// A worker's place in the fleet: the process comes and goes, its links stay.
#[derive(Debug)]
pub struct Worker {
    /// Between the worker and Redis.
    pub redis_link: Arc<FaultProxy>,
    /// Between the worker and Xendit.
    pub xendit_link: Arc<FaultProxy>,
    /// What it is told besides, or instead.
    pub variables: Vec<(&'static str, String)>,
    key: String,
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
            variables: Vec::new(),
            key: TEST_KEY.to_owned(),
            binary: binary.to_owned(),
            conditions: conditions.clone(),
            process: None,
        })
    }

    /// Gives it another secret key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Lets it answer HTTP on a free loopback port; see [`Worker::get`].
    #[must_use]
    pub fn with_http(mut self) -> Self {
        self.variables.push(("ANTRE_HTTP_LISTEN", "127.0.0.1:0".to_owned()));
        self
    }

    /// Returns the secret key that it has.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the fingerprint that it shows.
    ///
    /// # Errors
    /// When key or address cannot be used.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        let settings = antre_xendit::Settings {
            base_url: self.xendit_link.http_url(),
            key: SecretKey::new(&self.key)?,
            request_timeout: self.conditions.request_timeout,
            connect_timeout: self.conditions.connect_timeout,
        };
        Ok(Client::new(settings)?.fingerprint())
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
            .env("XENDIT_SECRET_KEY", &self.key)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        self.process = Some(ChildProcess::start(command)?);
        Ok(())
    }

    /// Returns whether `name` is that of the worker that runs here.
    ///
    /// # Errors
    /// When none runs here.
    pub fn is_called(&mut self, name: &str) -> anyhow::Result<bool> {
        let pid = self.process()?.pid();
        Ok(name.contains(&format!("-{pid}-")))
    }

    /// Asks it by HTTP; it must have been prepared with [`Worker::with_http`].
    ///
    /// # Errors
    /// When it does not say where it listens, or does not answer.
    pub async fn get(&mut self, route: &str) -> anyhow::Result<Answered> {
        let line = self.line("serving http").await?;
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.ok_or_else(|| anyhow::anyhow!("no address in {line}"))?.parse()?;
        http::get(address, route).await
    }

    /// Ends in order.
    ///
    /// # Errors
    /// When it does not end, or not well.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.terminate()?;
        let status = process.wait(END_LIMIT).await?;
        anyhow::ensure!(status.success(), "{status}: {}", process.output());
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
