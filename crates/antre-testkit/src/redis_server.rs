//! A real `redis-server` of the test's own, on a Unix socket in its own directory.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use antre_redis_server::{socket_path, socket_url};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, InfoDict};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::owned_process::{OwnedProcess, read_tail};
use crate::{Error, Result, eventually};

pub use antre_redis_server::{AppendFsync, free_port};
pub use builder::RedisBuilder;

mod builder;
#[cfg(test)]
mod tests;

/// Generous: two cores may be compiling something else.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Above the 10 s for which a stopping primary waits for its replicas.
const STOP_LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Above every blocking read that a test may use.
const RESPONSE_LIMIT: Duration = Duration::from_mins(1);

/// A running Redis whose data lives and dies with this value.
///
/// It listens on a Unix socket, and on a loopback port only where [`RedisBuilder::tcp`] asked for
/// one. Dropping kills the server by its process id and removes its directory.
#[derive(Debug)]
pub struct RedisServer {
    // Declared first: killed before the directory goes.
    process: OwnedProcess,
    directory: TempDir,
    settings: RedisBuilder,
    port: Option<u16>,
}

impl RedisServer {
    /// Starts an empty server without persistence and returns once it answers.
    ///
    /// # Errors
    /// [`Error::Server`] without `redis-server` on the PATH, [`Error::Exited`] with its log if
    /// it refuses its configuration.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> antre_testkit::Result<()> {
    /// use antre_testkit::RedisServer;
    ///
    /// let server = RedisServer::start().await?;
    /// let mut connection = server.connect().await?;
    /// let answer: String = redis::cmd("PING").query_async(&mut connection).await?;
    /// assert_eq!(answer, "PONG");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Returns the settings of a server that is not started yet.
    pub fn builder() -> RedisBuilder {
        RedisBuilder::default()
    }

    /// Returns the URL of the Unix socket: `redis+unix:///…/redis.sock`.
    pub fn url(&self) -> String {
        socket_url(self.directory.path())
    }

    /// Returns the path of the Unix socket.
    pub fn socket_path(&self) -> PathBuf {
        socket_path(self.directory.path())
    }

    /// Returns the loopback address.
    ///
    /// # Errors
    /// [`Error::NoTcp`] if the server was started without one.
    pub fn tcp_address(&self) -> Result<SocketAddr> {
        self.port.map(|port| SocketAddr::from(([127, 0, 0, 1], port))).ok_or(Error::NoTcp)
    }

    /// Returns the URL of the loopback port.
    ///
    /// # Errors
    /// [`Error::NoTcp`] if the server was started without one.
    pub fn tcp_url(&self) -> Result<String> {
        self.tcp_address().map(|address| format!("redis://{address}"))
    }

    /// Returns the process id; a restart changes it.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Returns the end of the server's log, at most 64 KiB.
    pub fn log(&self) -> String {
        read_tail(&self.directory.path().join(builder::LOG))
    }

    /// Opens a connection over the Unix socket that waits up to 60 s for an answer.
    ///
    /// # Errors
    /// [`Error::Redis`] if the server does not accept it.
    pub async fn connect(&self) -> Result<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(Some(RESPONSE_LIMIT));
        Ok(Client::open(self.url())?.get_multiplexed_async_connection_with_config(&config).await?)
    }

    /// Shuts down as an operator does (SIGTERM, the same as `SHUTDOWN`): the AOF is written first.
    ///
    /// A suspended server is resumed for it. Stopping a stopped server does nothing.
    ///
    /// # Errors
    /// [`Error::NotInTime`] if it still runs after 30 s.
    pub async fn stop(&mut self) -> Result<()> {
        let what = format!("redis-server (process {}) shuts down", self.pid());
        // Asks anew each time: Redis refuses to end while it writes its first AOF.
        eventually(STOP_LIMIT, &what, async || self.ask_to_end()).await
    }

    /// Kills the server (SIGKILL) and returns when it is gone; fine if it has already ended.
    ///
    /// # Errors
    /// [`Error::Process`] if the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill().map(drop)
    }

    /// Starts the server again on the same directory, socket and port; one that runs is stopped
    /// first. Without [`RedisBuilder::append_only`] it comes back empty.
    ///
    /// # Errors
    /// As [`RedisServer::start`]; also if another process took the port meanwhile.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.process = launch(&self.settings, self.directory.path(), self.port)?;
        self.wait_until_ready().await
    }

    /// Stops the server in its tracks (SIGSTOP): connections stay open, nothing answers.
    ///
    /// # Errors
    /// [`Error::Exited`] if it does not run.
    pub fn suspend(&mut self) -> Result<()> {
        self.process.signal(Signal::STOP)
    }

    /// Lets a suspended server go on (SIGCONT).
    ///
    /// # Errors
    /// [`Error::Exited`] if it does not run.
    pub fn resume(&mut self) -> Result<()> {
        self.process.signal(Signal::CONT)
    }

    /// Changes one setting of the running server (`CONFIG SET`); a restart forgets it.
    ///
    /// # Errors
    /// [`Error::Redis`] if the server refuses it.
    pub async fn set_config(&self, name: &str, value: &str) -> Result<()> {
        let mut connection = self.connect().await?;
        let mut set = redis::cmd("CONFIG");
        Ok(set.arg("SET").arg(name).arg(value).exec_async(&mut connection).await?)
    }

    /// Makes a replica a primary, also for its later restarts.
    ///
    /// # Errors
    /// [`Error::Redis`] if the server does not answer.
    pub async fn promote(&mut self) -> Result<()> {
        let mut connection = self.connect().await?;
        redis::cmd("REPLICAOF").arg("NO").arg("ONE").exec_async(&mut connection).await?;
        self.settings.forget_primary();
        Ok(())
    }

    /// Returns true if the server has ended, else asks it to.
    fn ask_to_end(&mut self) -> Result<bool> {
        let has_ended = self.process.exit_status()?.is_some();
        if !has_ended {
            self.process.signal(Signal::TERM)?;
            self.process.signal(Signal::CONT)?;
        }
        Ok(has_ended)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let what = format!("redis-server (process {}) answers", self.pid());
        // A child that died is final, so it is a found value and not a "not yet".
        eventually(START_LIMIT, &what, async || match self.exited_error() {
            Some(error) => Ok(Some(Err(error))),
            None => self.is_ready().await.map(|is_ready| is_ready.then_some(Ok(()))),
        })
        .await?
    }

    fn exited_error(&mut self) -> Option<Error> {
        let log = self.directory.path().join(builder::LOG);
        self.process.exited_error(|| read_tail(&log))
    }

    /// Returns true once the data is loaded and a replica has its primary's data.
    async fn is_ready(&self) -> Result<bool> {
        let mut connection = self.connect().await?;
        redis::cmd("PING").exec_async(&mut connection).await?;
        let info: InfoDict = redis::cmd("INFO").query_async(&mut connection).await?;
        let field = |name| info.get::<String>(name).unwrap_or_default();
        let (expected, found) = (self.pid(), field("process_id"));
        if found != expected.to_string() {
            return Err(Error::NotThisChild { expected, found });
        }
        Ok(field("role") == "master" || field("master_link_status") == "up")
    }
}

/// Starts the process in `directory`; it may not answer yet.
fn launch(settings: &RedisBuilder, directory: &Path, port: Option<u16>) -> Result<OwnedProcess> {
    let argument = settings.config(port).write(directory)?;
    let log = File::options().create(true).append(true).open(directory.join(builder::LOG))?;
    let mut command = Command::new(settings.program());
    command
        .arg(argument)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    OwnedProcess::spawn(&mut command).map_err(|error| {
        let Error::Spawn { source, .. } = error else { return error };
        antre_redis_server::Error::of_start(settings.program(), source).into()
    })
}
