//! The state of the shared connection. Decides when it is given up; instants come from the caller.

use std::time::Duration;

use redis::{ErrorKind, RedisError, aio::MultiplexedConnection};
use tokio::time::Instant;

use super::verdict::Verdict;

/// A connection that works as such is not given up at a younger age: a thousand accounts that meet the same
/// refusal open one connection a second, not a thousand.
pub(super) const AGE_MIN: Duration = Duration::from_secs(1);
/// Between two tries to open one.
pub(super) const TRY_PERIOD: Duration = Duration::from_millis(100);
/// How long errors of any kind may last, without one success, until a new connection is worth a try.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// After this time without a success a process that could do better should be started anew.
pub(super) const STUCK_AFTER: Duration = Duration::from_mins(2);
/// A failure longer ago than this says nothing of now: nobody has called since.
const FRESH: Duration = Duration::from_mins(1);

/// What is known of the shared connection.
pub(super) struct State<C = MultiplexedConnection> {
    open: Option<Open<C>>,
    generation: u64,
    tried: Option<Instant>,
    error: Option<RedisError>,
    failing: Option<Failing>,
}

struct Open<C> {
    connection: C,
    since: Instant,
}

/// From the first failure after a success to the latest.
#[derive(Clone, Copy)]
struct Failing {
    since: Instant,
    latest: Instant,
}

impl<C> Default for State<C> {
    fn default() -> Self {
        Self { open: None, generation: 0, tried: None, error: None, failing: None }
    }
}

impl<C: Clone> State<C> {
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the open connection and its number.
    pub(super) fn lend(&self) -> Option<(C, u64)> {
        self.open.as_ref().map(|open| (open.connection.clone(), self.generation))
    }

    /// Returns the latest error while it is too early to try again.
    pub(super) fn recent_failure(&self, now: Instant) -> Option<RedisError> {
        self.tried.filter(|tried| now.duration_since(*tried) < TRY_PERIOD)?;
        self.error.clone()
    }

    /// Takes a connection in use and returns its number.
    pub(super) fn opened(&mut self, connection: C, now: Instant) -> u64 {
        self.generation += 1;
        self.tried = Some(now);
        self.open = Some(Open { connection, since: now });
        self.generation
    }

    pub(super) fn could_not_open(&mut self, error: RedisError, now: Instant) {
        self.tried = Some(now);
        self.error = Some(error);
        self.failed(now);
    }

    /// Draws the conclusions of what a call on connection number `generation` met.
    /// Returns why the connection was given up, if it was.
    pub(super) fn note(
        &mut self,
        generation: u64,
        verdict: Verdict,
        now: Instant,
    ) -> Option<&'static str> {
        let why = match verdict {
            Verdict::Fine => {
                self.failing = None;
                return None;
            }
            Verdict::Neutral => return None,
            Verdict::Failed(why) | Verdict::Unfit(why) => why,
            Verdict::Broken => "the connection was lost",
        };
        self.failed(now);
        // What was given up already must not take its successor along.
        let open = self.open.as_ref().filter(|_| generation == self.generation)?;
        let age = now.duration_since(open.since);
        let is_over = match verdict {
            Verdict::Fine | Verdict::Neutral => false,
            Verdict::Failed(_) => self.failing_for(now) >= PATIENCE && age >= PATIENCE,
            Verdict::Unfit(_) => age >= AGE_MIN,
            Verdict::Broken => true,
        };
        is_over.then(|| {
            self.open = None;
            self.error = Some((ErrorKind::Io, why).into());
            why
        })
    }

    /// Returns whether calls were made and failed, without one success, for two minutes until now.
    pub(super) fn fails_for_long(&self, now: Instant) -> bool {
        self.failing.is_some_and(|failing| {
            failing.latest.duration_since(failing.since) >= STUCK_AFTER
                && now.duration_since(failing.latest) < FRESH
        })
    }

    fn failed(&mut self, now: Instant) {
        let since = self.failing.map_or(now, |failing| failing.since);
        self.failing = Some(Failing { since, latest: now });
    }

    fn failing_for(&self, now: Instant) -> Duration {
        self.failing.map_or(Duration::ZERO, |failing| now.duration_since(failing.since))
    }
}
