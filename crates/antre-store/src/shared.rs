//! The shared connection: opened when it is needed, given up when it no longer serves, and opened anew.
//!
//! A server that lost its role, a user that was shut out or a line that carries nonsense may answer for ever
//! without one error of the network. So every error is judged here, and a connection never outlives its use.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::{
    sync::{Mutex as AsyncMutex, watch},
    time::Instant,
};

use state::State;
use verdict::Verdict;

use crate::{connection::endpoint::Endpoint, error::words::NO_REPLY};

mod state;
#[cfg(test)]
mod tests;
mod verdict;

/// How long one command may take before its connection is given up: a silent server must not hold a worker.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it may take until a connection is open.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A verdict on a connection that was opened for it holds so long.
const CHECK_PERIOD: Duration = Duration::from_secs(10);

/// One connection for all calls of a process. Cheap to clone; clones share it.
///
/// Not a retry: the call that meets an error gets it, and the next one a new connection.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Line>);

struct Line {
    endpoint: Endpoint,
    state: Mutex<State>,
    /// Held while one caller opens a connection for all.
    opening: AsyncMutex<()>,
    /// The number of the open connection, told when it is another one than before.
    renewals: watch::Sender<u64>,
    /// Told whenever an error says more of the server than of the call.
    doubts: watch::Sender<u64>,
    /// When a connection of its own was last tried out, and whether it worked.
    checked: AsyncMutex<Option<(Instant, bool)>>,
}

impl Shared {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self(Arc::new(Line {
            endpoint,
            state: Mutex::default(),
            opening: AsyncMutex::default(),
            renewals: watch::Sender::default(),
            doubts: watch::Sender::default(),
            checked: AsyncMutex::default(),
        }))
    }

    pub(crate) fn renewals(&self) -> watch::Receiver<u64> {
        self.0.renewals.subscribe()
    }

    pub(crate) fn doubts(&self) -> watch::Receiver<u64> {
        self.0.doubts.subscribe()
    }

    pub(crate) fn generation(&self) -> u64 {
        *self.0.renewals.borrow()
    }

    /// Gives the connection up unless it is a new one: a reply was not of this call.
    pub(crate) fn distrust(&self) {
        let generation = self.state().generation();
        self.note(generation, Verdict::Unfit("a reply that is not of its call"));
    }

    /// Returns whether calls have failed for minutes although `works`, asked once in 10 s, says that a
    /// connection opened for it does.
    pub(crate) async fn is_stuck(&self, works: impl AsyncFnOnce() -> bool) -> bool {
        if !self.state().fails_for_long(Instant::now()) {
            return false;
        }
        let mut checked = self.0.checked.lock().await;
        if let Some((at, verdict)) = *checked
            && at.elapsed() < CHECK_PERIOD
        {
            return verdict;
        }
        let verdict = works().await;
        *checked = Some((Instant::now(), verdict));
        verdict
    }

    /// Returns the open connection and its number, or opens one; one caller at a time does.
    async fn lend(&self) -> RedisResult<(MultiplexedConnection, u64)> {
        if let Some(lent) = self.state().lend() {
            return Ok(lent);
        }
        let _turn = self.0.opening.lock().await;
        {
            let state = self.state();
            if let Some(lent) = state.lend() {
                return Ok(lent);
            }
            if let Some(error) = state.recent_failure(Instant::now()) {
                return Err(error);
            }
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let opened = self.0.endpoint.connect(&config).await;
        match opened.map_err(readable) {
            Ok(connection) => {
                let generation = self.state().opened(connection.clone(), Instant::now());
                self.0.renewals.send_replace(generation);
                Ok((connection, generation))
            }
            Err(error) => {
                self.state().could_not_open(error.clone(), Instant::now());
                self.doubt();
                Err(error)
            }
        }
    }

    /// Draws the conclusions of what a call on connection number `generation` met.
    fn note(&self, generation: u64, verdict: Verdict) {
        let given_up = self.state().note(generation, verdict, Instant::now());
        if let Some(why) = given_up {
            tracing::debug!(why, "redis: another connection is opened");
        }
        if verdict.concerns_server() {
            self.doubt();
        }
    }

    pub(crate) fn doubt(&self) {
        self.0.doubts.send_modify(|doubts| *doubts = doubts.wrapping_add(1));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionLike for Shared {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let (mut connection, generation) = self.lend().await?;
            let answer = connection.req_packed_command(command).await;
            let verdict = match &answer {
                Ok(value) => Verdict::of_value(value),
                Err(error) => Verdict::of_error(error),
            };
            self.note(generation, verdict);
            answer.map_err(readable)
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let (mut connection, generation) = self.lend().await?;
            let answer = connection.req_packed_commands(pipeline, offset, count).await;
            let verdict = match &answer {
                Ok(values) => Verdict::of_values(values),
                Err(error) => Verdict::of_error(error),
            };
            self.note(generation, verdict);
            answer.map_err(readable)
        })
    }

    fn get_db(&self) -> i64 {
        self.0.endpoint.database()
    }
}

/// What is no reply at all is a fault of the line, and its text may hold what came over it.
pub(crate) fn readable(error: RedisError) -> RedisError {
    if error.kind() == redis::ErrorKind::Parse {
        return std::io::Error::new(std::io::ErrorKind::InvalidData, NO_REPLY).into();
    }
    error
}
