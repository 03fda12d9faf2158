//! What a connection is doing, so that a slow head and an idle connection have bounds of their own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Bounds;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Waiting for another request.
    Idling,
    /// A head is expected: of the first request, or of one that has begun.
    Reading,
    /// A request is being answered; whoever answers bounds that.
    Answering,
}

/// A stream that tells when the first bytes of a request come.
pub(super) struct Watched {
    pub(super) stream: TcpStream,
    pub(super) doing: watch::Sender<Doing>,
}

/// Returns once a head or the next request has taken too long; never while a request is answered.
pub(super) async fn too_slow(bounds: Bounds, mut doing: watch::Receiver<Doing>) {
    loop {
        let now = *doing.borrow_and_update();
        let limit = match now {
            Doing::Idling => bounds.idle_max,
            Doing::Reading => bounds.head_max,
            Doing::Answering => {
                if doing.changed().await.is_err() {
                    return;
                }
                continue;
            }
        };
        match timeout(limit, doing.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() && buffer.filled().len() > before {
            self.doing.send_if_modified(|doing| {
                let is_first = *doing == Doing::Idling;
                if is_first {
                    *doing = Doing::Reading;
                }
                is_first
            });
        }
        read
    }
}

impl AsyncWrite for Watched {
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

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
