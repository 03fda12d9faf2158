//! The listener: one blocking read that hears every inbox of a process.
//!
//! Other programs can put anything into a stream, so replies are read as bytes and bounded.

use std::{pin::Pin, time::Duration};

use antre_core::account::AccountName;
use futures_util::{FutureExt, future::Fuse};
use redis::{Cmd, ConnectionAddr, ConnectionInfo, RedisResult, Value, aio::MultiplexedConnection};
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

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hears the inboxes of several accounts on one connection of its own.
pub struct InboxListener {
    connection: MultiplexedConnection,
    /// What moves the connection's bytes: polled while somebody waits for a reply.
    driver: Fuse<Driver>,
    allowance: Allowance,
    inboxes: Vec<String>,
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
        let inboxes = accounts.iter().map(|account| Keys::new(account).inbox()).collect();
        let allowance = Allowance::new(REPLY_BYTES_MAX);
        let (connection, driver) = in_time(connect(redis, block, &allowance)).await?;
        Ok(Self { connection, driver: driver.fuse(), allowance, inboxes, block })
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
        // One entry each: more would move a bulk to every worker. The rest is read by a script.
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(1).arg("BLOCK").arg(self.block.as_millis().to_string());
        command.arg("STREAMS").arg(&self.inboxes).arg(vec!["0"; self.inboxes.len()]);
        self.allowance.renew(REPLY_BYTES_MAX);
        let reply = self.ask(&command).await;
        if reply.is_err() && self.allowance.is_used_up() {
            return Err(StoreError::Oversized { what: "XREAD", bytes_max: REPLY_BYTES_MAX });
        }
        let streams = reply.map_err(readable)?.extract_error()?;
        reply::rings(streams, &self.inboxes, value_bytes_max)
            .ok_or_else(|| StoreError::reply("XREAD", "it is no list of streams with entries"))
    }

    /// Returns whether a replica has confirmed, within `wait`, all that was written on any connection before.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn is_replicated(&mut self, wait: Duration) -> Result<bool, StoreError> {
        self.allowance.renew(REPLY_BYTES_MAX);
        // WAIT counts from the latest write that the server knew at this connection's last command.
        self.ask(&redis::cmd("PING")).await.map_err(readable)?;
        let command = redis::cmd("WAIT").arg(1).arg(wait.as_millis().to_string()).clone();
        let confirmed = self.ask(&command).await.map_err(readable)?.extract_error()?;
        Ok(redis::from_redis_value::<u32>(confirmed).map_err(redis::RedisError::from)? >= 1)
    }

    async fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        let call = self.connection.send_packed_command(command);
        tokio::pin!(call);
        tokio::select! {
            biased;
            reply = &mut call => return reply,
            () = &mut self.driver => {}
        }
        // The driver has told the call why it ended.
        call.await
    }
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
