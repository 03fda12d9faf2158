//! A connection that stamps the instant at which each request's first byte was read.
//!
//! The stamp is taken inside the read, not where a handler gets its turn. A connection opened ahead
//! of need carries no stamp until its client sends something.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::clock::{Clock, micros};
use crate::locked::locked;

/// What the reads of one connection have shown.
#[derive(Debug)]
pub(crate) struct Stamps {
    clock: Clock,
    reads: Mutex<Reads>,
    is_reset_on_close: AtomicBool,
    /// When the connection was last used, and whether a request is being answered.
    used_us: AtomicU64,
    is_answering: AtomicBool,
}

#[derive(Debug, Default)]
struct Reads {
    /// The first read of a request whose head has not been parsed yet.
    first_us: Option<u64>,
    last_us: u64,
    /// Whether what is read belongs to a request whose head has been parsed.
    is_within_request: bool,
}

impl Stamps {
    pub(crate) fn new(clock: Clock) -> Self {
        let reads = Mutex::new(Reads::default());
        let used_us = AtomicU64::new(clock.now_us());
        let (is_reset_on_close, is_answering) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { clock, reads, is_reset_on_close, used_us, is_answering }
    }

    fn note_use(&self) {
        self.used_us.store(self.clock.now_us(), Ordering::Release);
    }

    /// Returns when nothing was read or written for `limit`, outside of answers. Zero: never.
    pub(crate) async fn idle(&self, limit: Duration) {
        if limit.is_zero() {
            return std::future::pending().await;
        }
        loop {
            let used_us = self.used_us.load(Ordering::Acquire);
            let left_us = used_us.saturating_add(micros(limit)).saturating_sub(self.clock.now_us());
            let is_answering = self.is_answering.load(Ordering::Acquire);
            if left_us == 0 && !is_answering {
                return;
            }
            let wait = if is_answering { limit } else { Duration::from_micros(left_us) };
            tokio::time::sleep(wait).await;
        }
    }

    /// Notes that a request is being answered from now on, or no longer.
    pub(crate) fn set_answering(&self, is_answering: bool) {
        self.is_answering.store(is_answering, Ordering::Release);
        self.note_use();
    }

    fn note_read(&self) {
        self.note_use();
        let now_us = self.clock.now_us();
        let mut reads = locked(&self.reads);
        reads.last_us = now_us;
        if !reads.is_within_request {
            reads.first_us.get_or_insert(now_us);
        }
    }

    /// A head has been parsed: returns when its first byte was read.
    pub(crate) fn begin_request(&self) -> u64 {
        let mut reads = locked(&self.reads);
        reads.is_within_request = true;
        // A pipelined request came with the last bytes of the one before it.
        reads.first_us.take().unwrap_or(reads.last_us)
    }

    /// The body has been read to its end: what follows is the next request.
    pub(crate) fn end_request(&self) {
        locked(&self.reads).is_within_request = false;
    }

    /// Returns when the bytes came that never became a request.
    pub(crate) fn unserved(&self) -> Option<u64> {
        locked(&self.reads).first_us.take()
    }

    /// Makes the end of the connection a reset (RST).
    pub(crate) fn reset_on_close(&self) {
        self.is_reset_on_close.store(true, Ordering::Release);
    }
}

/// A socket whose reads are stamped.
#[derive(Debug)]
pub(crate) struct StampedStream {
    stream: TcpStream,
    stamps: Arc<Stamps>,
}

impl StampedStream {
    pub(crate) fn new(stream: TcpStream, stamps: Arc<Stamps>) -> Self {
        Self { stream, stamps }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Drop for StampedStream {
    fn drop(&mut self) {
        if self.stamps.is_reset_on_close.load(Ordering::Acquire) {
            // Without it the end is an ordinary one; there is nobody left to tell.
            self.stream.set_zero_linger().ok();
        }
    }
}

impl AsyncRead for StampedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = self.as_mut().stream().poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.stamps.note_read();
        }
        polled
    }
}

impl AsyncWrite for StampedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stamps.note_use();
        self.stream().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stamps.note_use();
        self.stream().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.stamps.is_reset_on_close.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        self.stream().poll_shutdown(context)
    }
}
