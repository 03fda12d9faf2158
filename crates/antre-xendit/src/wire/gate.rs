//! The gate between hyper (or TLS) and the socket: the deadline, and proof of what was written.
//!
//! It sits directly on the TCP stream, below TLS, because encryption buffers: only here a byte that
//! was let through is a byte that the kernel has.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::wire::sleep_watch::SleepWatch;

/// What may be written, and what has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The connection is being set up: everything may be written.
    SetUp,
    /// Between requests: nothing may be written.
    Shut,
    /// The next write is a request's first, and must not happen after this instant, with the time counted
    /// that the machine was suspended.
    Armed { latest: Instant, watch: SleepWatch },
    /// The request's first byte was written at this instant; the rest may follow.
    Passed { first_byte_at: Instant },
    /// The first write came too late and did not happen.
    TooLate,
}

/// How one request went through the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Not one byte was written.
    Nothing,
    /// Not one byte was written, because the send deadline had passed.
    TooLate,
    /// At least one byte was written, the first at this instant.
    Written { first_byte_at: Instant },
}

/// The handle by which a connection arms its stream's gate.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Mutex<State>>);

impl Gate {
    /// Returns a gate in set-up, where everything may be written.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::SetUp)))
    }

    /// Lets one request through, if its first write comes no later than `latest`.
    pub(crate) fn arm(&self, latest: Instant, watch: SleepWatch) {
        *self.state() = State::Armed { latest, watch };
    }

    /// Shuts the gate and returns what went through since it was armed.
    pub(crate) fn shut(&self) -> Passage {
        match std::mem::replace(&mut *self.state(), State::Shut) {
            State::Passed { first_byte_at } => Passage::Written { first_byte_at },
            State::TooLate => Passage::TooLate,
            State::SetUp | State::Shut | State::Armed { .. } => Passage::Nothing,
        }
    }

    /// Tells whether a write may happen at this instant.
    fn admit(&self, now: Instant) -> io::Result<()> {
        let mut state = self.state();
        match *state {
            State::SetUp | State::Passed { .. } => Ok(()),
            State::Armed { latest, watch } if !watch.is_late(now, latest) => Ok(()),
            State::Armed { .. } => {
                *state = State::TooLate;
                Err(io::Error::other("the send deadline has passed"))
            }
            State::Shut | State::TooLate => Err(io::Error::other("the gate is shut")),
        }
    }

    fn note_written(&self, now: Instant) {
        let mut state = self.state();
        if let State::Armed { .. } = *state {
            *state = State::Passed { first_byte_at: now };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream whose writes pass a [`Gate`].
#[derive(Debug)]
pub(crate) struct GatedStream<S> {
    stream: S,
    gate: Gate,
}

impl<S> GatedStream<S> {
    pub(crate) fn new(stream: S, gate: Gate) -> Self {
        Self { stream, gate }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GatedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

// Vectored writes are left at their default, so that every write passes through the one method.
impl<S: AsyncWrite + Unpin> AsyncWrite for GatedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let now = Instant::now();
        self.gate.admit(now)?;
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        if written > 0 {
            self.gate.note_written(now);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
