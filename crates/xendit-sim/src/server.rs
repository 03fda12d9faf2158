//! The listening socket and its connections, on a thread and a runtime of their own.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::api::{self, RequestKind};
use crate::connection::{StampedStream, Stamps};
use crate::control;
use crate::delivery::Unanswered;
use crate::ledger::Arrival;
use crate::locked::locked;
use crate::simulation::Simulation;

/// How long a stop waits for answers under way.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// The pause after a failed accept (too many open files), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another address, as with --listen or --also-listen"
    )]
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

/// An address that a simulator listens on. A fault may strike the requests of one listener only, as a
/// sick proxy of one client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Names the listener in faults and in the ledger; that of [`Options::listen`] is 1.
    ///
    /// [`Options::listen`]: crate::Options::listen
    pub number: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Listener {
    /// Returns the base URL, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// What the holder asks of the server; each is answered when it has been done.
#[derive(Debug)]
pub(crate) enum Command {
    Listen(oneshot::Sender<io::Result<Listener>>),
    GoDown(oneshot::Sender<()>),
    ComeBack(oneshot::Sender<io::Result<()>>),
    Stop(oneshot::Sender<()>),
}

/// Starts the server's thread and returns when it listens on all addresses.
pub(crate) async fn start(
    simulation: Arc<Simulation>,
    addresses: Vec<SocketAddr>,
    commands: mpsc::Receiver<Command>,
) -> Result<(), StartError> {
    let (ready, is_ready) = oneshot::channel();
    // Poll the sockets often: an arrival's stamp waits for at most this many other tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .event_interval(4)
        .build()
        .map_err(StartError::Thread)?;
    let serve = move || runtime.block_on(run(simulation, addresses, ready, commands));
    std::thread::Builder::new()
        .name("xendit-sim".to_owned())
        .spawn(serve)
        .map_err(StartError::Thread)?;
    is_ready.await.unwrap_or_else(|_| Err(StartError::Thread(io::ErrorKind::BrokenPipe.into())))
}

async fn run(
    simulation: Arc<Simulation>,
    addresses: Vec<SocketAddr>,
    ready: oneshot::Sender<Result<(), StartError>>,
    commands: mpsc::Receiver<Command>,
) {
    let routes = control::routes(Arc::clone(&simulation));
    let (closing, _) = watch::channel(());
    let (sockets, connections) = (Vec::new(), JoinSet::new());
    let mut server = Server { simulation, routes, sockets, connections, closing };
    for address in addresses {
        if let Err(source) = server.listen(address).await {
            // A holder that gave up waiting needs no answer.
            ready.send(Err(StartError::Listen { address, source })).ok();
            return;
        }
    }
    if ready.send(Ok(())).is_ok() {
        server.serve(commands).await;
    }
}

struct Server {
    simulation: Arc<Simulation>,
    routes: Router,
    /// Those that listen, each with its number; none during an outage.
    sockets: Vec<(u32, TcpListener)>,
    connections: JoinSet<()>,
    closing: watch::Sender<()>,
}

impl Server {
    async fn serve(mut self, mut commands: mpsc::Receiver<Command>) {
        let done = loop {
            tokio::select! {
                (listener, stream) = accept(&self.sockets) => self.connect(listener, stream),
                Some(_) = self.connections.join_next() => {}
                command = commands.recv() => match command {
                    None => break None,
                    Some(Command::Stop(done)) => break Some(done),
                    Some(Command::Listen(done)) => {
                        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                        done.send(self.listen(loopback).await).ok();
                    }
                    Some(Command::GoDown(done)) => {
                        self.sockets.clear();
                        self.connections.shutdown().await;
                        done.send(()).ok();
                    }
                    Some(Command::ComeBack(done)) => {
                        done.send(self.listen_again().await).ok();
                    }
                },
            }
        };
        self.sockets.clear();
        self.closing.send_replace(());
        let answered = async { while self.connections.join_next().await.is_some() {} };
        // Whoever has no answer by then gets none.
        tokio::time::timeout(STOP_GRACE, answered).await.ok();
        self.connections.shutdown().await;
        if let Some(done) = done {
            done.send(()).ok();
        }
    }

    /// Listens on one more address.
    async fn listen(&mut self, address: SocketAddr) -> io::Result<Listener> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let mut addresses = locked(&self.simulation.listeners);
        addresses.push(address);
        let number = u32::try_from(addresses.len()).map_err(io::Error::other)?;
        self.sockets.push((number, socket));
        Ok(Listener { number, address })
    }

    /// Listens again on every address where nothing listens.
    async fn listen_again(&mut self) -> io::Result<()> {
        for Listener { number, address } in self.simulation.listeners() {
            if !self.sockets.iter().any(|(listening, _)| *listening == number) {
                self.sockets.push((number, TcpListener::bind(address).await?));
            }
        }
        Ok(())
    }

    fn connect(&mut self, listener: u32, stream: TcpStream) {
        let connection = serve_connection(
            Arc::clone(&self.simulation),
            self.routes.clone(),
            (listener, stream),
            self.closing.subscribe(),
        );
        self.connections.spawn(connection);
    }
}

/// Waits for the next connection of any listener; for ever when nothing listens.
async fn accept(sockets: &[(u32, TcpListener)]) -> (u32, TcpStream) {
    loop {
        let accepted = std::future::poll_fn(|context| {
            for (listener, socket) in sockets {
                if let Poll::Ready(accepted) = socket.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| (*listener, stream)));
                }
            }
            Poll::Pending
        });
        match accepted.await {
            Ok(accepted) => return accepted,
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve_connection(
    simulation: Arc<Simulation>,
    routes: Router,
    (listener, stream): (u32, TcpStream),
    mut closing: watch::Receiver<()>,
) {
    // Without it small answers may wait for acknowledgements; the connection works all the same.
    stream.set_nodelay(true).ok();
    let stamps = Arc::new(Stamps::new(simulation.clock));
    let stream = TokioIo::new(StampedStream::new(stream, Arc::clone(&stamps)));
    let service = service_fn(|request| {
        dispatch((Arc::clone(&simulation), listener), Arc::clone(&stamps), routes.clone(), request)
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .title_case_headers(true)
        .serve_connection(stream, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        // Dropped in the middle of nothing: its client sees the end of the stream.
        () = stamps.idle(simulation.idle_timeout) => Ok(()),
        _ = closing.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    // How the connection ended stands in the ledger: the requests it carried.
    ended.ok();
    if let Some(arrived_us) = stamps.unserved() {
        let arrived_at = simulation.clock.wall_at(arrived_us);
        let arrival =
            Arrival { listener, ..Arrival::new(RequestKind::Unreadable, arrived_us, arrived_at) };
        let sequence = simulation.ledger.enter(arrival);
        simulation.ledger.finish(sequence, None, simulation.clock.now_us());
    }
}

async fn dispatch(
    (simulation, listener): (Arc<Simulation>, u32),
    stamps: Arc<Stamps>,
    routes: Router,
    request: Request<Incoming>,
) -> Result<Response<Body>, Unanswered> {
    if !request.uri().path().starts_with("/_sim/") {
        stamps.set_answering(true);
        let served = api::serve((simulation, listener), Arc::clone(&stamps), request).await;
        stamps.set_answering(false);
        return served;
    }
    stamps.begin_request();
    let answered: Result<_, Infallible> = routes.oneshot(request).await;
    stamps.end_request();
    answered.map_err(|never| match never {})
}
