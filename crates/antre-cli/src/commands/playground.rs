//! Everything on this machine: a Redis, a simulated Xendit and workers of our own, all gone afterwards.
//!
//! Each process has a guard (`antre guard`) that ends it when this program is gone, however that
//! happens. What the environment says of real accounts does not reach these processes.

mod process;
mod redis;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use antre_store::Redis;
use anyhow::Context as _;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

pub(super) use self::process::Process;
use super::xendit_sim::ANNOUNCEMENT;
use crate::config::Environment;

/// The key of the simulated account.
pub(super) const KEY: &str = "xnd_development_demo";
/// How long a process may take to be ready.
const READY_LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// What a worker is told.
#[derive(Debug, Clone)]
pub(super) struct WorkerSettings {
    pub(super) redis_url: String,
    pub(super) xendit_url: String,
    pub(super) limits: String,
    /// `off`, or where to serve HTTP.
    pub(super) http_listen: String,
}

/// The processes, in the order of their start, and their directory.
pub(super) struct Playground {
    processes: Vec<Process>,
    /// Positions of the workers.
    workers: Vec<usize>,
    program: PathBuf,
    log: String,
    /// Variables that must not reach the workers.
    hidden: Vec<String>,
    // Declared last: it goes when the processes have gone.
    directory: TempDir,
}

impl Playground {
    /// Makes the directory; nothing runs yet.
    pub(super) fn new(environment: &Environment) -> anyhow::Result<Self> {
        Ok(Self {
            processes: Vec::new(),
            workers: Vec::new(),
            program: std::env::current_exe().context("cannot find the antre program")?,
            log: environment.get("ANTRE_LOG").unwrap_or("warn").to_owned(),
            hidden: environment.names_of_settings().map(str::to_owned).collect(),
            directory: tempfile::Builder::new().prefix("antre-demo-").tempdir()?,
        })
    }

    /// Returns this program, which is also each worker's.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Starts `redis-server` and returns its URL once it answers: on a Unix socket, or on this port.
    pub(super) async fn start_redis(&mut self, port: Option<u16>) -> anyhow::Result<String> {
        redis::check_version().await?;
        let directory = self.directory.path();
        let (arguments, url) = redis::arguments(directory, port)?;
        self.start("redis-server", "redis-server", &arguments, Stdio::null())?;
        let redis = Redis::open(&url)?;
        self.ready("redis-server", async || redis.ping().await.is_ok()).await?;
        Ok(url)
    }

    /// Starts a simulated Xendit with these arguments and returns its base URL.
    pub(super) async fn start_xendit(&mut self, arguments: &[String]) -> anyhow::Result<String> {
        let program = self.program.display().to_string();
        let arguments: Vec<String> =
            ["xendit-sim".to_owned()].into_iter().chain(arguments.iter().cloned()).collect();
        self.start("xendit-sim", &program, &arguments, Stdio::piped())?;
        let process = self.processes.last_mut().context("no process")?;
        let line = process.first_line(READY_LIMIT).await?;
        let url = line.strip_prefix(ANNOUNCEMENT).map(str::to_owned);
        url.with_context(|| format!("the simulator said {line:?} and not where it listens"))
    }

    /// Starts a worker; [`Self::await_workers`] waits until it serves.
    pub(super) fn start_worker(&mut self, settings: &WorkerSettings) -> anyhow::Result<()> {
        let name = format!("worker-{}", self.workers.len() + 1);
        let mut command = self.command(&self.program.display().to_string(), &["worker".to_owned()]);
        command
            .env("ANTRE_REDIS_URL", &settings.redis_url)
            .env("XENDIT_SECRET_KEY", KEY)
            .env("XENDIT_BASE_URL", &settings.xendit_url)
            .env("ANTRE_LIMITS", &settings.limits)
            .env("ANTRE_HTTP_LISTEN", &settings.http_listen)
            .env("ANTRE_LOG", &self.log);
        let process = Process::start(&name, command, self.directory.path(), Stdio::null())?;
        self.workers.push(self.processes.len());
        self.processes.push(process);
        Ok(())
    }

    /// Waits until all workers that were started have shown themselves in the queue.
    pub(super) async fn await_workers(&mut self, redis: &Redis) -> anyhow::Result<()> {
        let queue = redis.queue(antre_protocol::AccountName::default());
        let count = self.workers.len();
        let serve = async || queue.status().await.is_ok_and(|status| status.workers.len() >= count);
        self.ready("workers", serve).await
    }

    /// Returns how many workers there are.
    pub(super) fn worker_count(&self) -> usize {
        self.workers.len()
    }

    /// Stops a worker in its tracks, or lets it go on; `order` is one of the guard's lines.
    pub(super) async fn order(&mut self, worker: usize, order: &str) -> anyhow::Result<()> {
        let position = self.workers.get(worker).copied().context("no such worker")?;
        self.processes.get_mut(position).context("no such process")?.order(order).await
    }

    /// Returns an error with the end of its log if a process has ended.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        self.processes.iter_mut().try_for_each(Process::check)
    }

    /// Ends all processes, workers first, and removes the directory.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        // Closed together, the last started first: they take their time side by side, and Redis is there
        // for the workers' last words.
        let (redis, others): (Vec<_>, Vec<_>) =
            self.processes.drain(..).partition(|process| process.name() == "redis-server");
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
        program: &str,
        arguments: &[String],
        output: Stdio,
    ) -> anyhow::Result<()> {
        let command = self.command(program, arguments);
        self.processes.push(Process::start(name, command, self.directory.path(), output)?);
        Ok(())
    }

    /// Returns the command that runs a program under a guard, without what is configured for real accounts.
    fn command(&self, program: &str, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["guard", "--", program]).args(arguments);
        for name in &self.hidden {
            command.env_remove(name);
        }
        command
    }

    async fn ready(&mut self, what: &str, is_ready: impl AsyncFn() -> bool) -> anyhow::Result<()> {
        let ready = async {
            while !is_ready().await {
                self.check()?;
                sleep(LOOK).await;
            }
            Ok(())
        };
        let in_time = tokio::time::timeout(READY_LIMIT, ready).await;
        in_time.with_context(|| format!("{what} not ready within {READY_LIMIT:?}"))?
    }
}

/// Returns a loopback port that was free a moment ago.
pub(super) fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
