//! What recipes measure: the release binary as processes, driven and watched from outside.
//!
//! Processor times of processes are read from `/proc`, so these recipes run on Linux.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use antre_testkit::{ChildProcess, RedisServer, eventually};
use anyhow::{Context as _, Result, ensure};
use redis::{InfoDict, aio::MultiplexedConnection};
use xendit_sim::{Options, Running, Simulator};

use crate::redis_cluster::RedisCluster;

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
    servers: Servers,
    /// One to each server.
    connections: Vec<MultiplexedConnection>,
}

#[derive(Debug)]
enum Servers {
    One(RedisServer),
    Cluster(RedisCluster),
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
        let connections = vec![redis.connect().await?];
        Self::start_on(Servers::One(redis), connections, xendit).await
    }

    /// The same with a cluster of so many nodes.
    ///
    /// # Errors
    /// Whatever does not start.
    pub async fn start_on_cluster(nodes: usize, xendit: Options) -> Result<Self> {
        let cluster = RedisCluster::start(nodes).await?;
        let mut connections = Vec::new();
        for node in 0..nodes {
            connections.push(cluster.connect(node).await?);
        }
        Self::start_on(Servers::Cluster(cluster), connections, xendit).await
    }

    async fn start_on(
        servers: Servers,
        connections: Vec<MultiplexedConnection>,
        xendit: Options,
    ) -> Result<Self> {
        Ok(Self {
            processes: Vec::new(),
            directory: tempfile::tempdir()?,
            xendit: Simulator::start(xendit).await?,
            servers,
            connections,
        })
    }

    /// Returns where the one server listens; nowhere if it is a cluster.
    pub fn socket_path(&self) -> PathBuf {
        match &self.servers {
            Servers::One(server) => server.socket_path(),
            Servers::Cluster(_) => PathBuf::new(),
        }
    }

    fn url(&self) -> Result<String> {
        match &self.servers {
            Servers::One(server) => Ok(server.url()),
            Servers::Cluster(cluster) => Ok(format!("redis-cluster://{}", cluster.hosts()?)),
        }
    }

    /// Returns a connection to the server that has a key.
    async fn connection_of(&self, key: &str) -> Result<MultiplexedConnection> {
        let server = match &self.servers {
            Servers::One(_) => 0,
            Servers::Cluster(cluster) => {
                RedisCluster::first_owner(cluster.slot(key).await?, self.connections.len())
            }
        };
        self.connections.get(server).cloned().context("no such server")
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
            .env("ANTRE_REDIS_URL", self.url()?)
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
        let mut by_account = BTreeMap::<&str, Vec<&str>>::new();
        for (account, job) in jobs {
            by_account.entry(account).or_default().push(job);
        }
        for (account, jobs) in by_account {
            let inbox = format!("antre:{{{account}}}:inbox");
            let mut connection = self.connection_of(&inbox).await?;
            for chunk in jobs.chunks(PIPELINED) {
                let mut pipe = redis::pipe();
                for job in chunk {
                    pipe.cmd("XADD").arg(&inbox).arg("*").arg("job").arg(*job).ignore();
                }
                pipe.exec_async(&mut connection).await?;
            }
        }
        Ok(())
    }

    /// Returns how many members the sets have together.
    ///
    /// # Errors
    /// Redis' own.
    pub async fn members(&self, sets: &[String]) -> Result<u64> {
        let mut all = 0;
        for set in sets {
            let mut connection = self.connection_of(set).await?;
            all += redis::cmd("ZCARD").arg(set).query_async::<u64>(&mut connection).await?;
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
        let (mut calls, mut redis_s, mut memory) = (0.0, 0.0, 0.0);
        for connection in &self.connections {
            let mut question = redis::cmd("INFO");
            let info: InfoDict =
                question.arg("everything").query_async(&mut connection.clone()).await?;
            let number = |name: &str| info.get::<f64>(name).unwrap_or_default();
            let calls_of = |name: &&str| {
                let text: String = info.get(name)?;
                text.strip_prefix("calls=")?.split(',').next()?.parse::<f64>().ok()
            };
            calls += CALLS.iter().filter_map(calls_of).sum::<f64>();
            redis_s += number("used_cpu_sys_main_thread") + number("used_cpu_user_main_thread");
            memory += number("used_memory");
        }
        let processes = self.processes.iter().map(|process| processor_s(process.pid()));
        Ok(Used {
            at: Instant::now(),
            calls,
            redis_s,
            processes_s: processes.sum::<Result<f64>>()?,
            memory,
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
