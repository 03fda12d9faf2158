//! A connection that takes no more of one reply than it was told to.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes may still come in. Cheap to clone; clones share the number.
#[derive(Debug, Clone)]
pub(crate) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Allows so many bytes from now on.
    pub(crate) fn renew(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }

    /// Returns whether more came in than was allowed.
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn use_up(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.load(Ordering::Acquire).saturating_sub(bytes);
        self.0.store(left, Ordering::Release);
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the reply is too large"));
        }
        Ok(())
    }
}

/// A stream whose reads fail once its allowance is used up.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    stream: S,
    allowance: Allowance,
}

impl<S> Bounded<S> {
    pub(crate) fn new(stream: S, allowance: Allowance) -> Self {
        Self { stream, allowance }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let bytes = buffer.filled().len().saturating_sub(before);
        Poll::Ready(self.allowance.use_up(bytes))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
