//! The settings of a server before its start, and the configuration file they become.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use super::{RedisServer, launch};
use crate::{Error, Result};

pub(super) const SOCKET: &str = "redis.sock";
pub(super) const CONFIG: &str = "redis.conf";
pub(super) const LOG: &str = "redis.log";

/// `sun_path` holds 108 bytes on Linux, the last of them a NUL.
const SOCKET_PATH_BYTES_MAX: usize = 107;
/// How often a port is chosen anew when another process took it before Redis could.
const PORT_TRIES: usize = 5;

/// When the append-only file reaches the disk, as in Redis' `appendfsync`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AppendFsync {
    /// Before each answer.
    Always,
    /// Once a second.
    EverySecond,
    /// When the system likes.
    Never,
}

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
            program: PathBuf::from("redis-server"),
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
    /// As [`RedisServer::start`]; [`Error::SocketPathTooLong`] under a deep temporary directory.
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

    /// Returns the configuration file's text. Paths in it are relative to the server's directory.
    pub(super) fn config_text(&self, port: Option<u16>) -> String {
        let mut text = format!(
            "port {}\nbind 127.0.0.1\nunixsocket {SOCKET}\nunixsocketperm 700\n\
             save \"\"\nmaxmemory-policy noeviction\nrepl-diskless-sync-delay 0\n",
            port.unwrap_or(0),
        );
        let mut add = |line: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            writeln!(text, "{line}").ok();
        };
        if let Some(append_fsync) = self.append_fsync {
            let word = match append_fsync {
                AppendFsync::Always => "always",
                AppendFsync::EverySecond => "everysec",
                AppendFsync::Never => "no",
            };
            add(format_args!("appendonly yes\nappendfsync {word}"));
        }
        if let Some(bytes) = self.memory_bytes_max {
            add(format_args!("maxmemory {bytes}"));
        }
        if let Some(primary) = self.primary {
            add(format_args!("replicaof {} {}", primary.ip(), primary.port()));
        }
        for line in &self.lines {
            add(format_args!("{line}"));
        }
        text
    }

    fn spawn(&self) -> Result<RedisServer> {
        let directory = tempfile::Builder::new().prefix("antre-redis-").tempdir()?;
        let path = directory.path().join(SOCKET);
        if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(Error::SocketPathTooLong { path });
        }
        let port = if self.has_tcp { Some(free_port()?) } else { None };
        let process = launch(self, directory.path(), port)?;
        Ok(RedisServer { process, directory, settings: self.clone(), port })
    }
}

/// Returns a loopback port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
