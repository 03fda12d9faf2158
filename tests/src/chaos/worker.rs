//! One place for a worker process, with links of its own to Redis and Xendit that can be broken.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use antre_testkit::{ChildProcess, FaultProxy};
use antre_xendit::{Client, SecretKey};
use tempfile::TempDir;

use super::conditions::Conditions;
use super::http::{self, Answered};
use crate::fleet::TEST_KEY;

const CONFIG: &str = "antre.toml";
/// The variable with the key of an account besides `default`.
const SECOND_KEY: &str = "SECOND_KEY";
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
    /// Tells of accounts besides `default`.
    config: Option<TempDir>,
    has_conditions: bool,
    binary: PathBuf,
    conditions: Conditions,
    process: Option<ChildProcess>,
    /// Where the process answers by HTTP, once it was asked for: its output is kept in part only.
    http: Option<SocketAddr>,
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
        xendit: SocketAddr,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            redis_link: Arc::new(FaultProxy::start(redis).await?),
            xendit_link: Arc::new(FaultProxy::start(xendit).await?),
            variables: Vec::new(),
            key: TEST_KEY.to_owned(),
            config: None,
            has_conditions: true,
            binary: binary.to_owned(),
            conditions: conditions.clone(),
            process: None,
            http: None,
        })
    }

    /// Gives it another secret key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Lets it have the times that a worker has without being told; those of a test are none for a live key.
    #[must_use]
    pub fn without_conditions(mut self) -> Self {
        self.has_conditions = false;
        self
    }

    /// Lets it serve this account besides `default`, under the same conditions.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub fn serving_too(mut self, account: &str, key: &str) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("antre-config-").tempdir()?;
        let of_all = self.conditions.environment().into_iter().map(|(variable, value)| {
            let option = variable.trim_start_matches("ANTRE_").to_lowercase();
            format!("{option} = {value:?}\n")
        });
        let text = format!(
            "{}base_url = {:?}\n[accounts.default]\n[accounts.{account}]\nsecret_key_env = {SECOND_KEY:?}\n",
            of_all.collect::<String>(),
            self.xendit_link.http_url(),
        );
        std::fs::write(directory.path().join(CONFIG), text)?;
        self.config = Some(directory);
        self.variables.push((SECOND_KEY, key.to_owned()));
        Ok(self)
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
        self.fingerprint_of(&self.key)
    }

    /// Returns the fingerprint that it shows with this key.
    ///
    /// # Errors
    /// When key or address cannot be used.
    pub fn fingerprint_of(&self, key: &str) -> anyhow::Result<String> {
        let settings = antre_xendit::Settings {
            base_url: self.xendit_link.http_url(),
            key: SecretKey::new(key)?,
            request_timeout: self.conditions.request_timeout,
            for_user_id: None,
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
            .env("ANTRE_REDIS_URL", self.redis_link.redis_url())
            .env("ANTRE_HTTP_LISTEN", "off")
            .env("XENDIT_BASE_URL", self.xendit_link.http_url())
            .env("XENDIT_SECRET_KEY", &self.key);
        if let Some(directory) = &self.config {
            command.arg("--config").arg(directory.path().join(CONFIG));
        } else if self.has_conditions {
            command.envs(self.conditions.environment());
        } else {
            command.env("ANTRE_LIMITS", self.conditions.limits);
        }
        // What one worker is told counts more than what all are.
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        self.http = None;
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
        let address = match self.http {
            Some(address) => address,
            None => self.http_address().await?,
        };
        self.http = Some(address);
        http::get(address, route).await
    }

    async fn http_address(&mut self) -> anyhow::Result<SocketAddr> {
        let line = self.line("serving http").await?;
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        Ok(address.ok_or_else(|| anyhow::anyhow!("no address in {line}"))?.parse()?)
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
