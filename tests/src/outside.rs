//! What recipes measure: the release binary as processes, driven and watched from outside.
//!
//! Processor times of processes are read from `/proc`, so these recipes run on Linux.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use antre_testkit::{ChildProcess, RedisServer, eventually};
use anyhow::{Context as _, Result, ensure};
use redis::{InfoDict, aio::MultiplexedConnection};
use xendit_sim::{Options, Running, Simulator};

/// Redis counts calls of scripts under these names.
const CALLS: [&str; 3] = ["cmdstat_evalsha", "cmdstat_eval", "cmdstat_fcall"];
/// `/proc` counts processor time in hundredths of a second.
const TICKS_IN_A_SECOND: f64 = 100.0;
const PIPELINED: usize = 500;

/// A Redis, a simulated Xendit and the processes between them.
#[derive(Debug)]
pub struct Outside {
    // Declared first: they end before their Redis.
    processes: Vec<ChildProcess>,
    directory: tempfile::TempDir,
    /// The simulated Xendit.
    pub xendit: Running,
    /// The server.
    pub redis: RedisServer,
    connection: MultiplexedConnection,
}

/// What was used up to an instant.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// When.
    pub at: Instant,
    /// Calls of scripts and functions.
    pub calls: f64,
    /// Processor time of Redis, seconds.
    pub redis_s: f64,
    /// Processor time of the processes, seconds.
    pub processes_s: f64,
    /// Memory that Redis uses, bytes.
    pub memory: f64,
}

impl Outside {
    /// Starts Redis and a simulated Xendit.
    ///
    /// # Errors
    /// Whatever does not start.
    pub async fn start(xendit: Options) -> Result<Self> {
        let redis = RedisServer::start().await?;
        Ok(Self {
            processes: Vec::new(),
            directory: tempfile::tempdir()?,
            xendit: Simulator::start(xendit).await?,
            connection: redis.connect().await?,
            redis,
        })
    }

    /// Returns a command that runs `antre` with an address of Redis and no other setting of its own.
    ///
    /// # Errors
    /// The binary is not built.
    pub fn antre(&self) -> Result<Command> {
        let binary = std::env::current_exe()?.with_file_name("antre");
        ensure!(binary.is_file(), "build it first: cargo build --release --bin antre");
        let mut command = Command::new(binary);
        command
            .env("ANTRE_REDIS_URL", self.redis.url())
            .env("ANTRE_HTTP_LISTEN", "off")
            .env("ANTRE_LOG", "error")
            .current_dir(self.directory.path());
        Ok(command)
    }

    /// Writes a file into the directory that processes start in, and returns its path.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.directory.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Starts a process that ends with this.
    ///
    /// # Errors
    /// It does not start.
    pub fn spawn(&mut self, command: Command) -> Result<()> {
        self.processes.push(ChildProcess::start(command)?);
        Ok(())
    }

    /// Returns what the processes have said so far.
    pub fn said(&self) -> String {
        self.processes.iter().map(ChildProcess::output).collect()
    }

    /// Puts jobs into inboxes: pairs of account and JSON.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn enqueue(&self, jobs: &[(String, String)]) -> Result<()> {
        for chunk in jobs.chunks(PIPELINED) {
            let mut pipe = redis::pipe();
            for (account, job) in chunk {
                let inbox = format!("antre:{{{account}}}:inbox");
                pipe.cmd("XADD").arg(inbox).arg("*").arg("job").arg(job).ignore();
            }
            pipe.exec_async(&mut self.connection.clone()).await?;
        }
        Ok(())
    }

    /// Returns how many members the sets have together.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn members(&self, sets: &[String]) -> Result<u64> {
        let mut all = 0;
        for chunk in sets.chunks(PIPELINED) {
            let mut pipe = redis::pipe();
            for set in chunk {
                pipe.zcard(set);
            }
            let counts: Vec<u64> = pipe.query_async(&mut self.connection.clone()).await?;
            all += counts.iter().sum::<u64>();
        }
        Ok(all)
    }

    /// Waits until the set has so many members.
    ///
    /// # Errors
    /// Redis' own, or it does not come to that within `limit`.
    pub async fn until(&self, set: &str, count: u64, limit: Duration) -> Result<()> {
        let sets = [set.to_owned()];
        let has_all = async || self.members(&sets).await.is_ok_and(|members| members >= count);
        let reached = eventually(limit, set, has_all).await;
        reached.with_context(|| format!("no {count} members: {}", self.said()))
    }

    /// Returns what was used so far.
    ///
    /// # Errors
    /// Redis' own, or a process has ended.
    pub async fn used(&self) -> Result<Used> {
        let info: InfoDict =
            redis::cmd("INFO").arg("everything").query_async(&mut self.connection.clone()).await?;
        let number = |name: &str| info.get::<f64>(name).unwrap_or_default();
        let calls = |name: &&str| {
            let text: String = info.get(name)?;
            text.strip_prefix("calls=")?.split(',').next()?.parse::<f64>().ok()
        };
        let processes = self.processes.iter().map(|process| processor_s(process.pid()));
        Ok(Used {
            at: Instant::now(),
            calls: CALLS.iter().filter_map(calls).sum(),
            redis_s: number("used_cpu_sys_main_thread") + number("used_cpu_user_main_thread"),
            processes_s: processes.sum::<Result<f64>>()?,
            memory: number("used_memory"),
        })
    }
}

fn processor_s(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("a line of /proc")?;
    // Fields 14 and 15 of the line, after its name.
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_IN_A_SECOND)
}
