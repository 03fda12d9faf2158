//! The proxy's connections: accepting them, and carrying bytes as the network's state allows.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::Upstream;
use super::network::{Direction, Lane, Network};

const CONNECTIONS_MAX: usize = 1_024;
/// Together 1 MiB for each connection and direction.
const PARCELS_MAX: usize = 64;
const PARCEL_BYTES_MAX: usize = 16 * 1_024;
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Bytes on their way, and when they arrive.
struct Parcel {
    due: Instant,
    bytes: Vec<u8>,
}

/// Serves until dropped, and with it every connection.
pub(super) async fn accept_forever(
    listener: TcpListener,
    upstream: Upstream,
    network: Arc<Network>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let upstream = Arc::new(upstream);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        // An accept fails for this one client only (it left, or descriptors ran out).
        let Ok((client, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Some(cut) = network.admit() else {
            reset(client);
            continue;
        };
        let (upstream, network) = (Arc::clone(&upstream), Arc::clone(&network));
        connections.spawn(async move {
            serve(client, &upstream, &network, cut).await;
            drop(place);
        });
    }
}

async fn serve(
    mut client: TcpStream,
    upstream: &Upstream,
    network: &Network,
    mut cut: watch::Receiver<bool>,
) {
    let is_broken = tokio::select! {
        _ = cut.wait_for(|is_cut| *is_cut) => true,
        is_broken = breaks(&mut client, upstream, network) => is_broken,
    };
    if is_broken {
        reset(client);
    } else {
        drop(client);
    }
    // Last, because a cut waits for it.
    drop(cut);
}

/// Forwards until both sides are done, and returns whether the client is to see a reset. The news
/// of one travels towards the client, so it waits while that direction is stalled.
async fn breaks(client: &mut TcpStream, upstream: &Upstream, network: &Network) -> bool {
    let result = forward(client, upstream, network).await;
    network.lane(Direction::ToClient).wait_while_stalled().await;
    result.is_err()
}

/// Closes with RST, so that the client sees an error and not an orderly end.
fn reset(client: TcpStream) {
    client.set_zero_linger().ok();
    drop(client);
}

async fn forward(client: &mut TcpStream, upstream: &Upstream, network: &Network) -> io::Result<()> {
    // A silent network does not tell whether the server is there.
    network.lane(Direction::ToServer).wait_while_stalled().await;
    client.set_nodelay(true)?;
    let count_refused = |_: &io::Error| network.count_refused();
    match upstream {
        Upstream::Tcp(address) => {
            let server = TcpStream::connect(address).await.inspect_err(count_refused)?;
            server.set_nodelay(true)?;
            carry_both_ways(client, server, network).await
        }
        Upstream::Unix(path) => {
            let server = UnixStream::connect(path).await.inspect_err(count_refused)?;
            carry_both_ways(client, server, network).await
        }
    }
}

async fn carry_both_ways(
    client: &mut TcpStream,
    server: impl AsyncRead + AsyncWrite,
    network: &Network,
) -> io::Result<()> {
    let (client_reader, client_writer) = client.split();
    let (server_reader, server_writer) = tokio::io::split(server);
    tokio::try_join!(
        carry(client_reader, server_writer, network.lane(Direction::ToServer)),
        carry(server_reader, client_writer, network.lane(Direction::ToClient)),
    )?;
    Ok(())
}

/// Carries one direction to its end. Errors, too, wait while the direction is stalled.
pub(super) async fn carry(
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    lane: &Lane,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(PARCELS_MAX);
    let result = tokio::try_join!(collect(reader, sender, lane), deliver(writer, receiver, lane));
    lane.wait_while_stalled().await;
    result.map(|_| ())
}

async fn collect(
    mut reader: impl AsyncRead + Unpin,
    parcels: mpsc::Sender<Parcel>,
    lane: &Lane,
) -> io::Result<()> {
    loop {
        let mut bytes = Vec::with_capacity(PARCEL_BYTES_MAX);
        if reader.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        lane.count_taken(bytes.len());
        let parcel = Parcel { due: Instant::now() + lane.delay(), bytes };
        if parcels.send(parcel).await.is_err() {
            return Ok(());
        }
    }
}

async fn deliver(
    mut writer: impl AsyncWrite + Unpin,
    mut parcels: mpsc::Receiver<Parcel>,
    lane: &Lane,
) -> io::Result<()> {
    while let Some(parcel) = parcels.recv().await {
        sleep_until(parcel.due).await;
        lane.wait_while_stalled().await;
        writer.write_all(&parcel.bytes).await?;
        lane.count_bytes(parcel.bytes.len());
    }
    lane.wait_while_stalled().await;
    writer.shutdown().await
}
