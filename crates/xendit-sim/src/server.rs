//! The listening socket and its connections, on a thread and a runtime of their own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::api::{self, RequestKind};
use crate::connection::{StampedStream, Stamps};
use crate::control;
use crate::delivery::Unanswered;
use crate::ledger::Arrival;
use crate::world::World;

/// How long a stop waits for answers under way.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// The pause after a failed accept (too many open files), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The simulator's thread or runtime cannot be made.
    #[error("cannot start the simulator's thread")]
    Thread(#[source] io::Error),
}

/// What the holder asks of the server; each is answered when it has been done.
#[derive(Debug)]
pub(crate) enum Command {
    GoDown(oneshot::Sender<()>),
    ComeBack(oneshot::Sender<io::Result<()>>),
    Stop(oneshot::Sender<()>),
}

/// Starts the server's thread and returns the address it listens on.
pub(crate) async fn start(
    world: Arc<World>,
    address: SocketAddr,
    commands: mpsc::Receiver<Command>,
) -> Result<SocketAddr, StartError> {
    let (ready, is_ready) = oneshot::channel();
    // Poll the sockets often: an arrival's stamp waits for at most this many other tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .event_interval(4)
        .build()
        .map_err(StartError::Thread)?;
    let serve = move || runtime.block_on(run(world, address, ready, commands));
    std::thread::Builder::new()
        .name("xendit-sim".to_owned())
        .spawn(serve)
        .map_err(StartError::Thread)?;
    match is_ready.await {
        Ok(Ok(address)) => Ok(address),
        Ok(Err(source)) => Err(StartError::Listen { address, source }),
        Err(_) => Err(StartError::Thread(io::ErrorKind::BrokenPipe.into())),
    }
}

async fn run(
    world: Arc<World>,
    address: SocketAddr,
    ready: oneshot::Sender<io::Result<SocketAddr>>,
    commands: mpsc::Receiver<Command>,
) {
    let bound = TcpListener::bind(address).await;
    let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            // A holder that gave up waiting needs no answer.
            ready.send(Err(error)).ok();
            return;
        }
    };
    let routes = control::routes(Arc::clone(&world));
    let (closing, _) = watch::channel(());
    let (listener, connections) = (Some(listener), JoinSet::new());
    let server = Server { world, routes, address, listener, connections, closing };
    if ready.send(Ok(address)).is_ok() {
        server.serve(commands).await;
    }
}

struct Server {
    world: Arc<World>,
    routes: Router,
    address: SocketAddr,
    listener: Option<TcpListener>,
    connections: JoinSet<()>,
    closing: watch::Sender<()>,
}

impl Server {
    async fn serve(mut self, mut commands: mpsc::Receiver<Command>) {
        let done = loop {
            tokio::select! {
                stream = accept(self.listener.as_ref()) => self.connect(stream),
                Some(_) = self.connections.join_next() => {}
                command = commands.recv() => match command {
                    None => break None,
                    Some(Command::Stop(done)) => break Some(done),
                    Some(Command::GoDown(done)) => {
                        self.listener = None;
                        self.connections.shutdown().await;
                        done.send(()).ok();
                    }
                    Some(Command::ComeBack(done)) => {
                        done.send(self.listen_again().await).ok();
                    }
                },
            }
        };
        self.listener = None;
        self.closing.send_replace(());
        let answered = async { while self.connections.join_next().await.is_some() {} };
        // Whoever has no answer by then gets none.
        tokio::time::timeout(STOP_GRACE, answered).await.ok();
        self.connections.shutdown().await;
        if let Some(done) = done {
            done.send(()).ok();
        }
    }

    async fn listen_again(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            self.listener = Some(TcpListener::bind(self.address).await?);
        }
        Ok(())
    }

    fn connect(&mut self, stream: TcpStream) {
        let connection = serve_connection(
            Arc::clone(&self.world),
            self.routes.clone(),
            stream,
            self.closing.subscribe(),
        );
        self.connections.spawn(connection);
    }
}

/// Waits for the next connection; for ever when nothing listens.
async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve_connection(
    world: Arc<World>,
    routes: Router,
    stream: TcpStream,
    mut closing: watch::Receiver<()>,
) {
    // Without it small answers may wait for acknowledgements; the connection works all the same.
    stream.set_nodelay(true).ok();
    let stamps = Arc::new(Stamps::new(world.clock));
    let stream = TokioIo::new(StampedStream::new(stream, Arc::clone(&stamps)));
    let service = service_fn(|request| {
        dispatch(Arc::clone(&world), Arc::clone(&stamps), routes.clone(), request)
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .title_case_headers(true)
        .serve_connection(stream, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = closing.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    // How the connection ended stands in the ledger: the requests it carried.
    ended.ok();
    if let Some(arrived_us) = stamps.unserved() {
        let arrived_at = world.clock.wall_at(arrived_us);
        let arrival = Arrival::new(RequestKind::Unreadable, arrived_us, arrived_at);
        let sequence = world.ledger.enter(arrival);
        world.ledger.finish(sequence, None, world.clock.now_us());
    }
}

async fn dispatch(
    world: Arc<World>,
    stamps: Arc<Stamps>,
    routes: Router,
    request: Request<Incoming>,
) -> Result<Response<Body>, Unanswered> {
    if !request.uri().path().starts_with("/_sim/") {
        return api::serve(world, stamps, request).await;
    }
    stamps.begin_request();
    let answered: Result<_, Infallible> = routes.oneshot(request).await;
    stamps.end_request();
    answered.map_err(|never| match never {})
}
