//! The processes of a demo, in one directory.
//!
//! Each has a guard ([`crate::guard`]) that ends it when this program is gone, however that happens. What the
//! environment says of real accounts does not reach them.

mod process;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use antre_core::AccountName;
use antre_redis_server::{AppendFsync, PROGRAM, ServerConfig, check_version, socket_url};
use antre_store::Redis;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use self::process::Process;
use crate::{DemoError, Result, simulator};

/// The key of the simulated account.
pub const KEY: &str = "xnd_development_demo";
/// How long a process may take to be ready.
const READY_LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// The program that runs a demo. Its commands `worker`, `xendit-sim` and `guard` are the processes of the demo.
#[derive(Debug, Clone)]
pub struct Host {
    /// Where it is.
    pub program: PathBuf,
    /// What the workers write to their logs, as in `ANTRE_LOG`.
    pub log: String,
    /// Variables that must not reach the processes, because they say something of real accounts.
    pub hidden: Vec<String>,
}

/// What a worker is told.
#[derive(Debug, Clone)]
pub(crate) struct WorkerSettings {
    pub(crate) redis_url: String,
    pub(crate) xendit_url: String,
    pub(crate) limits: String,
    /// `off`, or where to serve HTTP.
    pub(crate) http_listen: String,
    /// `off`, or where to serve the gateway.
    pub(crate) gateway_listen: String,
}

/// The processes, in the order of their start, and their directory.
#[derive(Debug)]
pub(crate) struct LocalSetup {
    processes: Vec<Process>,
    /// Positions of the workers.
    workers: Vec<usize>,
    host: Host,
    // Declared last: it goes when the processes have gone.
    directory: TempDir,
}

impl LocalSetup {
    /// Makes the directory; nothing runs yet.
    pub(crate) fn new(host: Host) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("antre-demo-").tempdir()?;
        // An empty one, so that workers do not read that of the machine.
        std::fs::write(directory.path().join("antre.toml"), "")?;
        Ok(Self { processes: Vec::new(), workers: Vec::new(), host, directory })
    }

    /// Starts `redis-server` and returns its URL once it answers: on a Unix socket, or on this port.
    pub(crate) async fn start_redis(&mut self, port: Option<u16>) -> Result<String> {
        check_version()?;
        let config = ServerConfig::default().port(port).append_only(AppendFsync::EverySecond);
        let argument = config.write(self.directory.path())?;
        let command = self.command(PROGRAM, &[argument]);
        self.start(PROGRAM, command, None)?;
        let url = match port {
            Some(port) => format!("redis://127.0.0.1:{port}"),
            None => socket_url(self.directory.path()),
        };
        let redis = Redis::open(&url)?;
        self.ready(PROGRAM, async || redis.ping().await.is_ok()).await?;
        Ok(url)
    }

    /// Starts a simulated Xendit with these arguments and returns its base URL.
    pub(crate) async fn start_xendit(&mut self, arguments: &[&str]) -> Result<String> {
        let arguments: Vec<&str> = ["xendit-sim"].iter().chain(arguments).copied().collect();
        let command = self.own_command(&arguments);
        let process = self.start("xendit-sim", command, Some(Stdio::piped()))?;
        let line = process.first_line(READY_LIMIT).await?;
        let url = simulator::announced(&line).map(str::to_owned);
        url.ok_or(DemoError::NoAddress { line })
    }

    /// Starts a worker; [`Self::await_workers`] waits until it serves.
    pub(crate) fn start_worker(&mut self, settings: &WorkerSettings) -> Result<()> {
        let name = format!("worker-{}", self.workers.len() + 1);
        let mut command = self.own_command(&["worker"]);
        command
            .env("ANTRE_REDIS_URL", &settings.redis_url)
            .env("XENDIT_SECRET_KEY", KEY)
            .env("XENDIT_BASE_URL", &settings.xendit_url)
            .env("ANTRE_LIMITS", &settings.limits)
            .env("ANTRE_HTTP_LISTEN", &settings.http_listen)
            .env("ANTRE_GATEWAY_LISTEN", &settings.gateway_listen)
            .env("ANTRE_LOG", &self.host.log);
        self.workers.push(self.processes.len());
        self.start(&name, command, None)?;
        Ok(())
    }

    /// Waits until all workers that were started have shown themselves in the queue.
    pub(crate) async fn await_workers(&mut self, redis: &Redis) -> Result<()> {
        let queue = redis.queue(AccountName::default());
        let count = self.workers.len();
        let serve = async || queue.status().await.is_ok_and(|status| status.workers.len() >= count);
        self.ready("workers", serve).await
    }

    /// Returns how many workers there are.
    pub(crate) fn worker_count(&self) -> usize {
        self.workers.len()
    }

    /// Stops a worker in its tracks, or lets it go on; `order` is one of the guard's lines.
    pub(crate) async fn order(&mut self, worker: usize, order: &str) -> Result<()> {
        let position = self.workers.get(worker).copied();
        match position.and_then(|position| self.processes.get_mut(position)) {
            Some(process) => process.order(order).await,
            None => Ok(()),
        }
    }

    /// Returns an error with the end of its log if a process has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.processes.iter_mut().try_for_each(Process::check)
    }

    /// Ends all processes, workers first, and removes the directory.
    pub(crate) async fn end(mut self) -> Result<()> {
        // Closed together, the last started first: they take their time side by side, and Redis is there
        // for the workers' last words.
        let (redis, others): (Vec<_>, Vec<_>) =
            self.processes.drain(..).partition(|process| process.name() == PROGRAM);
        for processes in [others, redis] {
            let mut ending: Vec<_> = processes.into_iter().rev().map(Process::close).collect();
            for process in &mut ending {
                process.gone().await?;
            }
        }
        Ok(self.directory.close()?)
    }

    fn start(
        &mut self,
        name: &str,
        command: Command,
        output: Option<Stdio>,
    ) -> Result<&mut Process> {
        let process = Process::start(name, command, self.directory.path(), output)?;
        Ok(self.processes.push_mut(process))
    }

    /// Returns the command that runs one of this program's commands under a guard.
    fn own_command(&self, arguments: &[&str]) -> Command {
        self.command(&self.host.program.display().to_string(), arguments)
    }

    /// Returns the command that runs a program under a guard, without what is configured for real accounts.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.host.program);
        command.args(["guard", "--", program]).args(arguments);
        for name in &self.host.hidden {
            command.env_remove(name);
        }
        command
    }

    async fn ready(&mut self, what: &str, is_ready: impl AsyncFn() -> bool) -> Result<()> {
        let ready = async {
            while !is_ready().await {
                self.check()?;
                sleep(LOOK).await;
            }
            Ok(())
        };
        let not_ready =
            |_elapsed| DemoError::NotReady { what: what.to_owned(), limit: READY_LIMIT };
        timeout(READY_LIMIT, ready).await.map_err(not_ready)?
    }
}
