//! The listener: one connection that hears every inbox of a server.
//!
//! It blocks in one read of all. A node of a cluster takes no such read of several slots: there it asks in turns.
//!
//! Other programs can put anything into a stream, so replies are read as bytes and bounded.

use std::{pin::Pin, time::Duration};

use antre_core::account::AccountName;
use futures_util::{FutureExt, future::Fuse};
use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, Pipeline, RedisResult, Value, aio::MultiplexedConnection,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use crate::{
    Redis, StoreError,
    bounded::{Allowance, Bounded},
    connection::{blocking_config, listening::in_time},
    intake::InboxEntry,
    keys::Keys,
    shared::readable,
};

mod reply;

/// What one reply may hold. Jobs are far smaller; a larger entry is read by a script that cuts it.
const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Between two looks at inboxes in several slots, at least, and for each inbox: a thousand on one node are looked at four
/// times a second.
const LOOK_PERIOD_MIN: Duration = Duration::from_millis(20);
const LOOK_PERIOD_EACH: Duration = Duration::from_micros(250);

/// How long what is written to ask replicas is kept.
const REPLICA_CHECK_MS: u32 = 60_000;

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hears the inboxes of several accounts on one connection of its own.
pub struct InboxListener {
    redis: Redis,
    connection: MultiplexedConnection,
    /// What moves the connection's bytes: polled while somebody waits for a reply.
    driver: Fuse<Driver>,
    allowance: Allowance,
    inboxes: Vec<String>,
    /// What is written to ask replicas; there is none without an inbox.
    replica_check: Option<String>,
    /// Whether one read may name them all.
    are_together: bool,
    /// Which of them is waited at, where one read may not.
    turn: usize,
    block: Duration,
}

impl std::fmt::Debug for InboxListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboxListener").field("inboxes", &self.inboxes).finish_non_exhaustive()
    }
}

impl InboxListener {
    /// Opens the connection. `block` is how long one [`InboxListener::rung`] waits at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn open(
        redis: &Redis,
        accounts: &[AccountName],
        block: Duration,
    ) -> Result<Self, StoreError> {
        let inboxes: Vec<String> =
            accounts.iter().map(|account| Keys::new(account).inbox()).collect();
        let replica_check = accounts.first().map(|account| Keys::new(account).replica_check());
        let allowance = Allowance::new(REPLY_BYTES_MAX);
        let opened = in_time(connect(redis, block, &allowance)).await;
        let (connection, driver) = opened.map_err(|error| redis.met(error))?;
        Ok(Self {
            redis: redis.clone(),
            connection,
            driver: driver.fuse(),
            allowance,
            are_together: redis.has_together(&inboxes),
            turn: 0,
            inboxes,
            replica_check,
            block,
        })
    }

    /// Waits until inboxes hold something and returns the oldest entry of each, with the position of its
    /// account; empty after `block`. Names and values are cut after `value_bytes_max` bytes.
    ///
    /// # Errors
    /// [`StoreError::Oversized`] when the entries are larger than a few megabytes together: read them with
    /// [`crate::Queue::read_inbox`] (not over TLS, which is not bounded). [`StoreError::WrongType`] when one
    /// of the inboxes is no stream, see [`Redis::inbox_types`]. Any other; open another listener in any case.
    pub async fn rung(
        &mut self,
        value_bytes_max: usize,
    ) -> Result<Vec<(usize, InboxEntry)>, StoreError> {
        if self.are_together {
            let command = self.read(&self.inboxes, Some(self.block));
            return self.hear(&command, value_bytes_max).await;
        }
        let inboxes = u32::try_from(self.inboxes.len()).unwrap_or(u32::MAX);
        let period = LOOK_PERIOD_MIN.max(LOOK_PERIOD_EACH.saturating_mul(inboxes));
        let mut waited = Duration::ZERO;
        while waited < self.block {
            let mut rings = self.look(value_bytes_max).await?;
            if rings.is_empty() {
                // Each in turn is heard at once.
                self.turn = (self.turn + 1) % self.inboxes.len().max(1);
                let inbox = self.inboxes.get(self.turn..=self.turn).unwrap_or_default();
                let command = self.read(inbox, Some(period));
                rings = self.hear(&command, value_bytes_max).await?;
                waited += period;
            }
            if !rings.is_empty() {
                return Ok(rings);
            }
        }
        Ok(Vec::new())
    }

    async fn hear(
        &mut self,
        command: &Cmd,
        value_bytes_max: usize,
    ) -> Result<Vec<(usize, InboxEntry)>, StoreError> {
        let reply = self.ask(command).await;
        self.rings(reply, value_bytes_max)
    }

    /// Reads each inbox, without waiting.
    async fn look(
        &mut self,
        value_bytes_max: usize,
    ) -> Result<Vec<(usize, InboxEntry)>, StoreError> {
        let mut pipeline = redis::pipe();
        for inbox in &self.inboxes {
            pipeline.add_command(self.read(std::slice::from_ref(inbox), None));
        }
        let mut rings = Vec::new();
        for reply in self.ask_all(&pipeline).await.map_err(|error| self.judged(error))? {
            rings.extend(self.rings(Ok(reply), value_bytes_max)?);
        }
        Ok(rings)
    }

    /// One entry each: more would move a bulk to every worker. The rest is read by a script.
    fn read(&self, inboxes: &[String], block: Option<Duration>) -> Cmd {
        self.allowance.renew(REPLY_BYTES_MAX);
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(1);
        if let Some(block) = block {
            command.arg("BLOCK").arg(block.as_millis().to_string());
        }
        command.arg("STREAMS").arg(inboxes).arg(vec!["0"; inboxes.len()]);
        command
    }

    fn rings(
        &self,
        reply: RedisResult<Value>,
        value_bytes_max: usize,
    ) -> Result<Vec<(usize, InboxEntry)>, StoreError> {
        let reply = reply.and_then(Value::extract_error);
        let streams = reply.map_err(|error| self.judged(error))?;
        reply::rings(streams, &self.inboxes, value_bytes_max)
            .ok_or_else(|| StoreError::reply("XREAD", "it is no list of streams with entries"))
    }

    fn judged(&self, error: redis::RedisError) -> StoreError {
        if self.allowance.is_used_up() {
            return StoreError::Oversized { what: "XREAD", bytes_max: REPLY_BYTES_MAX };
        }
        self.redis.met(readable(error).into())
    }

    /// Returns whether a replica has confirmed, within `wait`, all that was written on any connection before.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn is_replicated(&mut self, wait: Duration) -> Result<bool, StoreError> {
        let Some(key) = &self.replica_check else { return Ok(true) };
        self.allowance.renew(REPLY_BYTES_MAX);
        // WAIT counts from this connection's last write (Redis 8, Valkey; that of Redis 7 from its last command).
        let write = redis::cmd("SET").arg(key).arg("").arg("PX").arg(REPLICA_CHECK_MS).clone();
        let written = self.ask(&write).await.and_then(Value::extract_error);
        written.map_err(|error| self.judged(error))?;
        let command = redis::cmd("WAIT").arg(1).arg(wait.as_millis().to_string()).clone();
        let confirmed = self.ask(&command).await.and_then(Value::extract_error);
        let confirmed = confirmed.map_err(|error| self.judged(error))?;
        Ok(redis::from_redis_value::<u32>(confirmed).map_err(redis::RedisError::from)? >= 1)
    }

    async fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        driven(&mut self.driver, self.connection.send_packed_command(command)).await
    }

    async fn ask_all(&mut self, pipeline: &Pipeline) -> RedisResult<Vec<Value>> {
        let count = pipeline.len();
        let call = self.connection.send_packed_commands(pipeline, 0, count);
        driven(&mut self.driver, call).await
    }
}

/// Moves the connection's bytes until the call has its answer.
async fn driven<T>(driver: &mut Fuse<Driver>, call: impl Future<Output = T>) -> T {
    tokio::pin!(call);
    tokio::select! {
        biased;
        answer = &mut call => return answer,
        () = driver => {}
    }
    // The driver has told the call why it ended.
    call.await
}

/// TLS is the library's own, whose replies are not bounded.
async fn connect(
    redis: &Redis,
    block: Duration,
    allowance: &Allowance,
) -> Result<(MultiplexedConnection, Driver), StoreError> {
    let server = redis.address().await?;
    if let ConnectionAddr::Tcp(host, port) = server.addr() {
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(io_error)?;
        stream.set_nodelay(true).map_err(io_error)?;
        return over(stream, &server, block, allowance).await;
    }
    if let ConnectionAddr::Unix(path) = server.addr() {
        let stream = UnixStream::connect(path).await.map_err(io_error)?;
        return over(stream, &server, block, allowance).await;
    }
    Ok((redis.blocking(block).await?, Box::pin(std::future::pending())))
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    server: &ConnectionInfo,
    block: Duration,
    allowance: &Allowance,
) -> Result<(MultiplexedConnection, Driver), StoreError> {
    let stream = Bounded::new(stream, allowance.clone());
    let (settings, config) = (server.redis_settings(), blocking_config(block));
    let opening = MultiplexedConnection::new_with_config(settings, stream, config);
    let (connection, driver) = opening.await?;
    Ok((connection, Box::pin(driver)))
}

fn io_error(error: std::io::Error) -> StoreError {
    redis::RedisError::from(error).into()
}
