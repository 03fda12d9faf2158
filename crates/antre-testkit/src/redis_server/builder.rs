//! The settings of a server before its start, and the configuration they become.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use antre_redis_server::{AppendFsync, PROGRAM, ServerConfig, free_port};

use super::{RedisServer, launch};
use crate::{Error, Result};

pub(super) const LOG: &str = "redis.log";

/// How often a port is chosen anew when another process took it before Redis could.
const PORT_TRIES: usize = 5;

/// The settings of a [`RedisServer`]: no persistence, `noeviction`, Unix socket only.
#[derive(Clone, Debug)]
#[must_use]
pub struct RedisBuilder {
    program: PathBuf,
    append_fsync: Option<AppendFsync>,
    memory_bytes_max: Option<u64>,
    primary: Option<SocketAddr>,
    has_tcp: bool,
    lines: Vec<String>,
}

impl Default for RedisBuilder {
    fn default() -> Self {
        Self {
            program: PathBuf::from(PROGRAM),
            append_fsync: None,
            memory_bytes_max: None,
            primary: None,
            has_tcp: false,
            lines: Vec::new(),
        }
    }
}

impl RedisBuilder {
    /// Runs this program instead of the `redis-server` on the PATH.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = path.into();
        self
    }

    /// Keeps an append-only file, so that data survives [`RedisServer::restart`]. Off by default.
    pub fn append_only(mut self, append_fsync: AppendFsync) -> Self {
        self.append_fsync = Some(append_fsync);
        self
    }

    /// Limits the data; with the default `noeviction`, writes beyond it are refused. No limit by
    /// default.
    pub fn memory_max(mut self, bytes: u64) -> Self {
        self.memory_bytes_max = Some(bytes);
        self
    }

    /// Makes it a replica of the server at this address, which may be a proxy in front of one.
    ///
    /// The start waits until the first synchronisation is done.
    pub fn replica_of(mut self, primary: SocketAddr) -> Self {
        self.primary = Some(primary);
        self
    }

    /// Also listens on a free loopback port, for a proxy or a replica. Off by default.
    pub fn tcp(mut self) -> Self {
        self.has_tcp = true;
        self
    }

    /// Adds a line to `redis.conf`, after all others and so in force over them.
    pub fn config_line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Starts the server and returns once it answers.
    ///
    /// # Errors
    /// As [`RedisServer::start`]; [`Error::Server`] also under a deep temporary directory.
    pub async fn start(self) -> Result<RedisServer> {
        let mut tries_left = PORT_TRIES;
        loop {
            let mut server = self.spawn()?;
            tries_left -= 1;
            match server.wait_until_ready().await {
                Err(Error::Exited { output, .. })
                    if tries_left > 0 && output.contains("Address already in use") => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(server),
            }
        }
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn forget_primary(&mut self) {
        self.primary = None;
    }

    /// Returns what the server is told.
    pub(super) fn config(&self, port: Option<u16>) -> ServerConfig {
        let mut config = ServerConfig::default().port(port).line("repl-diskless-sync-delay 0");
        if let Some(append_fsync) = self.append_fsync {
            config = config.append_only(append_fsync);
        }
        if let Some(bytes) = self.memory_bytes_max {
            config = config.line(format!("maxmemory {bytes}"));
        }
        if let Some(primary) = self.primary {
            config = config.line(format!("replicaof {} {}", primary.ip(), primary.port()));
        }
        self.lines.iter().fold(config, |config, line| config.line(line.as_str()))
    }

    fn spawn(&self) -> Result<RedisServer> {
        let directory = tempfile::Builder::new().prefix("antre-redis-").tempdir()?;
        let port = if self.has_tcp { Some(free_port()?) } else { None };
        let process = launch(self, directory.path(), port)?;
        Ok(RedisServer { process, directory, settings: self.clone(), port })
    }
}
