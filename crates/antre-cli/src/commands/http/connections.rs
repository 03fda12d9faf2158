//! Connections of the HTTP server: how many there may be, how long each may take, and their end.
//!
//! Anybody who can reach the port can open connections and send nothing on them. So everything has a bound:
//! the time for a request's headers, the number of connections, the life of one, and above all the time
//! between the order to stop and the end, because a worker must not outlive that order for a stranger.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at once. More wait in the system's queue until one of these ends.
const CONNECTIONS_MAX: usize = 256;
/// How long a request's headers may take, and how long a connection may wait for its next request:
/// hyper counts from the moment when it begins to wait.
const HEADERS_MAX: Duration = Duration::from_secs(5);
/// How old a connection may get. Then the answer under way is its last one; clients open another.
const LIFE_MAX: Duration = Duration::from_mins(1);
/// How long that answer may take.
const LAST_ANSWER_MAX: Duration = Duration::from_mins(1);
/// How long answers may take after the order to stop.
const STOP_MAX: Duration = Duration::from_secs(2);
/// The wait after a connection that the system could not give, for example for want of descriptors:
/// trying at once would only use up the processor.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// How often a full server is told of.
const FULL_SAID_EACH: Duration = Duration::from_mins(1);
/// Larger headers are refused; a browser's cookies for localhost may be some kilobytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Answers until `stop`, and at most 2 s longer; what is not answered by then is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    routes: watch::Receiver<Router>,
    stop: impl Future<Output = ()> + Send,
) {
    let stopping = CancellationToken::new();
    let connections = TaskTracker::new();
    let accepting = accept_all(listener, routes, &connections, &stopping);
    tokio::select! {
        () = stop => {}
        never = accepting => match never {},
    }
    stopping.cancel();
    connections.close();
    // Each connection bounds its own end; this is for a task that the runtime does not let run.
    if timeout(STOP_MAX * 2, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "http connections are left behind");
    }
}

async fn accept_all(
    listener: TcpListener,
    routes: watch::Receiver<Router>,
    connections: &TaskTracker,
    stopping: &CancellationToken,
) -> Infallible {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut full_said = None;
    loop {
        let place = free_place(&places, &mut full_said).await;
        let stream = accept(&listener).await;
        let (routes, stopping) = (routes.clone(), stopping.clone());
        connections.spawn(async move {
            answer(stream, routes, stopping).await;
            drop(place);
        });
    }
}

/// Waits until there are fewer than [`CONNECTIONS_MAX`] connections.
async fn free_place(
    places: &Arc<Semaphore>,
    said: &mut Option<Instant>,
) -> Option<OwnedSemaphorePermit> {
    let is_said = said.is_some_and(|at| at.elapsed() < FULL_SAID_EACH);
    if places.available_permits() == 0 && !is_said {
        tracing::warn!(connections = CONNECTIONS_MAX, "http is full; further clients wait");
        *said = Some(Instant::now());
    }
    // Fails only when it is closed, which nobody does.
    Arc::clone(places).acquire_owned().await.ok()
}

/// Returns the next connection; what the system cannot give now is asked for again.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _client)) => return stream,
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no http connection can be accepted; trying on");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Tells whether only this one connection failed, because its client has gone.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Answers one connection's requests until it ends, is old, or the worker stops.
async fn answer(stream: TcpStream, routes: watch::Receiver<Router>, stopping: CancellationToken) {
    // Each request goes to the routes as they are then.
    let service = service_fn(|request: Request<Incoming>| {
        TowerToHyperService::new(routes.borrow().clone()).call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // Errors are the client's: it went, was too slow, or does not speak HTTP.
        _ended = &mut connection => return,
        () = sleep(LIFE_MAX) => {}
        () = stopping.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ended = &mut connection => {}
        () = sleep(LAST_ANSWER_MAX) => {}
        () = stopped(&stopping) => {}
    }
}

/// Waits until the time for answers after the order to stop is over.
async fn stopped(stopping: &CancellationToken) {
    stopping.cancelled().await;
    sleep(STOP_MAX).await;
}

#[cfg(test)]
mod tests;
