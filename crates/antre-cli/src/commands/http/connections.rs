//! Connections of the HTTP server: how many there may be, how long each may take, and their end.
//!
//! Anybody who can reach the port can open connections and send nothing on them. So everything has a bound:
//! the time for a request's head, the number of connections, the life of one, and above all the time
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
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use doing::{Doing, Watched, too_slow};

mod doing;

/// What each server allows its clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The server's name in the log.
    pub(super) server: &'static str,
    /// Connections at once. More wait in the system's queue until one of these ends.
    pub(super) connections_max: usize,
    /// How long a request's head may take; the first one's time begins with the connection.
    pub(super) head_max: Duration,
    /// How long a connection may wait for its next request.
    pub(super) idle_max: Duration,
    /// How old a connection may get. Then the answer under way is its last one; clients open another.
    pub(super) life_max: Option<Duration>,
    /// Larger heads are refused.
    pub(super) head_bytes_max: usize,
}

/// How long the last answer of an old connection may take.
const LAST_ANSWER_MAX: Duration = Duration::from_mins(1);
/// How long answers may take after the order to stop.
const STOP_MAX: Duration = Duration::from_secs(2);
/// The wait after a connection that the system could not give, for example for want of descriptors:
/// trying at once would only use up the processor.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// How often a full server is told of.
const FULL_SAID_EACH: Duration = Duration::from_mins(1);

/// Answers until `stop`, and at most 2 s longer; what is not answered by then is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    bounds: Bounds,
    routes: watch::Receiver<Router>,
    stop: impl Future<Output = ()> + Send,
) {
    let stopping = CancellationToken::new();
    let connections = TaskTracker::new();
    let accepting = accept_all(listener, bounds, routes, (&connections, &stopping));
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
    bounds: Bounds,
    routes: watch::Receiver<Router>,
    (connections, stopping): (&TaskTracker, &CancellationToken),
) -> Infallible {
    let places = Arc::new(Semaphore::new(bounds.connections_max));
    let mut full_said = None;
    loop {
        let place = free_place(&places, bounds, &mut full_said).await;
        let stream = accept(&listener).await;
        let (routes, stopping) = (routes.clone(), stopping.clone());
        connections.spawn(async move {
            answer(stream, bounds, routes, stopping).await;
            drop(place);
        });
    }
}

/// Waits until there are fewer connections than the bound.
async fn free_place(
    places: &Arc<Semaphore>,
    bounds: Bounds,
    said: &mut Option<Instant>,
) -> Option<OwnedSemaphorePermit> {
    let is_said = said.is_some_and(|at| at.elapsed() < FULL_SAID_EACH);
    if places.available_permits() == 0 && !is_said {
        let Bounds { server, connections_max, .. } = bounds;
        tracing::warn!(connections = connections_max, "{server} is full; further clients wait");
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
async fn answer(
    stream: TcpStream,
    bounds: Bounds,
    routes: watch::Receiver<Router>,
    stopping: CancellationToken,
) {
    // A connection that says nothing from the start holds a place no longer than a slow head.
    let (doing, done) = watch::channel(Doing::Reading);
    let stream = Watched { stream, doing: doing.clone() };
    // Each request goes to the routes as they are then.
    let service = service_fn(|request: Request<Incoming>| {
        doing.send_replace(Doing::Answering);
        let answering = TowerToHyperService::new(routes.borrow().clone()).call(request);
        let doing = doing.clone();
        async move {
            let answer = answering.await;
            doing.send_replace(Doing::Idling);
            answer
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(bounds.head_bytes_max)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // Errors are the client's: it went, or does not speak HTTP.
        _ended = &mut connection => return,
        () = too_slow(bounds, done) => return,
        () = old(bounds) => {}
        () = stopping.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ended = &mut connection => {}
        () = sleep(LAST_ANSWER_MAX) => {}
        () = stopped(&stopping) => {}
    }
}

/// Waits until the connection is as old as one may get.
async fn old(bounds: Bounds) {
    match bounds.life_max {
        Some(life_max) => sleep(life_max).await,
        None => std::future::pending().await,
    }
}

/// Waits until the time for answers after the order to stop is over.
async fn stopped(stopping: &CancellationToken) {
    stopping.cancelled().await;
    sleep(STOP_MAX).await;
}

#[cfg(test)]
mod tests;
