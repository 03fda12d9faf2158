use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::network::Network;
use super::relay::carry;
use super::{Direction, FaultProxy, Flow};
use crate::{RedisServer, eventually};

const LIMIT: Duration = Duration::from_secs(30);
/// How often bytes make their way elsewhere before silence is believed: a way takes one.
const ROUND_TRIPS: usize = 20;

/// Answers every byte with itself.
struct EchoServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl EchoServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reader, mut writer) = stream.split();
                    tokio::io::copy(&mut reader, &mut writer).await.ok();
                });
            }
        });
        Self { address, task }
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn echo_through_proxy() -> (EchoServer, FaultProxy, TcpStream) {
    let server = EchoServer::start().await;
    let proxy = FaultProxy::start(server.address).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut client, b"hello").await, b"hello");
    (server, proxy, client)
}

async fn exchange(client: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    client.write_all(request).await.unwrap();
    receive(client, request.len()).await
}

async fn receive(client: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut answer = vec![0; bytes];
    timeout(LIMIT, client.read_exact(&mut answer)).await.expect("no answer").unwrap();
    answer
}

/// Whether nothing comes although bytes had the time to go there and back many times over.
async fn is_silent(client: &mut TcpStream) -> bool {
    let (_server, _proxy, mut other) = echo_through_proxy().await;
    for _ in 0..ROUND_TRIPS {
        exchange(&mut other, b"hello").await;
    }
    timeout(Duration::ZERO, client.read_u8()).await.is_err()
}

async fn is_reset(client: &mut TcpStream) -> bool {
    let result = timeout(LIMIT, client.read_u8()).await.expect("neither bytes nor an end");
    result.unwrap_err().kind() == std::io::ErrorKind::ConnectionReset
}

#[tokio::test]
async fn a_healthy_proxy_passes_bytes_and_the_end() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    client.shutdown().await.unwrap();
    assert_eq!(timeout(LIMIT, client.read(&mut [0; 1])).await.unwrap().unwrap(), 0);
    let counts = proxy.counts();
    assert_eq!((counts.connections, counts.refused), (1, 0));
    assert_eq!((counts.to_server_bytes, counts.to_client_bytes), (5, 5));
}

#[tokio::test]
async fn more_than_the_buffers_hold_passes_unharmed() {
    let (_server, _proxy, mut client) = echo_through_proxy().await;
    let sent: Vec<u8> = (0_u8..=250).cycle().take(5_000_000).collect();
    let (mut reader, mut writer) = client.split();
    let mut received = vec![0; sent.len()];
    let (written, read) =
        tokio::join!(writer.write_all(&sent), timeout(LIMIT, reader.read_exact(&mut received)));
    written.unwrap();
    read.unwrap().unwrap();
    assert!(received == sent);
}

#[tokio::test]
async fn a_cut_resets_present_and_new_connections_until_healed() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    proxy.cut().await;
    assert!(is_reset(&mut client).await);
    let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(is_reset(&mut refused).await);
    assert_eq!(proxy.counts().refused, 1);
    proxy.heal();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut client, b"again").await, b"again");
}

#[tokio::test]
async fn cutting_only_the_present_connections_serves_new_ones() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    proxy.cut_current().await;
    assert!(is_reset(&mut client).await);
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut client, b"again").await, b"again");
}

#[tokio::test]
async fn a_stalled_proxy_accepts_keeps_silent_and_delivers_when_healed() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    proxy.stall();
    let mut newcomer = TcpStream::connect(proxy.address()).await.unwrap();
    client.write_all(b"late").await.unwrap();
    newcomer.write_all(b"new").await.unwrap();
    assert!(is_silent(&mut client).await);
    assert!(is_silent(&mut newcomer).await);
    proxy.heal();
    assert_eq!(receive(&mut client, 4).await, b"late");
    assert_eq!(receive(&mut newcomer, 3).await, b"new");
}

#[tokio::test]
async fn a_stalled_answer_lets_the_request_through() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    proxy.set_flow(Direction::ToClient, Flow::Stalled);
    client.write_all(b"bill").await.unwrap();
    eventually(LIMIT, "the request arrives", async || proxy.counts().to_server_bytes == 9)
        .await
        .unwrap();
    assert!(is_silent(&mut client).await);
    proxy.cut().await;
    assert!(is_reset(&mut client).await);
    assert_eq!(proxy.counts().to_client_bytes, 5);
}

#[tokio::test]
async fn a_stalled_proxy_hides_that_the_server_is_gone() {
    let (server, proxy, mut client) = echo_through_proxy().await;
    proxy.stall();
    drop(server);
    let mut newcomer = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(is_silent(&mut client).await);
    assert!(is_silent(&mut newcomer).await);
    proxy.heal();
    assert!(is_reset(&mut newcomer).await);
}

#[tokio::test]
async fn a_stalled_answer_hides_that_the_server_reset_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = FaultProxy::start(listener.local_addr().unwrap()).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    proxy.set_flow(Direction::ToClient, Flow::Stalled);
    server.set_zero_linger().unwrap();
    drop(server);
    client.write_all(b"bill").await.unwrap();
    assert!(is_silent(&mut client).await);
    proxy.heal();
    assert!(is_reset(&mut client).await);
}

#[tokio::test(start_paused = true)]
async fn a_delay_counts_each_way_and_not_for_each_piece() {
    let (delay, tick) = (Duration::from_hours(1), Duration::from_millis(1));
    let network = Network::default();
    network.set_flows(Flow::Delayed(delay));
    for direction in [Direction::ToServer, Direction::ToClient] {
        // Room for one byte: the next is written when the one before has been taken.
        let (mut client, taken) = tokio::io::duplex(1);
        let (given, mut server) = tokio::io::duplex(64);
        let begun = Instant::now();
        let arrived = async {
            client.write_all(b"abcd").await.unwrap();
            let mut bytes = [0; 4];
            server.read_exact(&mut bytes).await.unwrap();
            (bytes, begun.elapsed())
        };
        tokio::select! {
            ended = carry(taken, given, network.lane(direction)) => unreachable!("{ended:?}"),
            (bytes, elapsed) = arrived => {
                assert_eq!(&bytes, b"abcd");
                assert!((delay..=delay + tick).contains(&elapsed), "{direction:?} {elapsed:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_delayed_proxy_delivers_what_was_written() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    proxy.delay(Duration::from_millis(20));
    for piece in [b"a", b"b", b"c", b"d"] {
        client.write_all(piece).await.unwrap();
    }
    assert_eq!(receive(&mut client, 4).await, b"abcd");
}

#[tokio::test]
async fn a_missing_server_resets_the_client() {
    let path = tempfile::tempdir().unwrap().path().join("nobody.sock");
    let proxy = FaultProxy::start(path).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(is_reset(&mut client).await);
    assert_eq!(proxy.counts().refused, 1);
}

#[tokio::test]
async fn redis_is_reached_through_its_unix_socket() {
    let server = RedisServer::start().await.unwrap();
    let proxy = FaultProxy::start(server.socket_path()).await.unwrap();
    let client = redis::Client::open(proxy.redis_url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("PING").exec_async(&mut connection).await.unwrap();
    proxy.cut().await;
    assert!(redis::cmd("PING").exec_async(&mut connection).await.is_err());
}

#[tokio::test]
async fn dropping_the_proxy_closes_its_connections() {
    let (_server, proxy, mut client) = echo_through_proxy().await;
    drop(proxy);
    let end = timeout(LIMIT, client.read(&mut [0; 1])).await.expect("still open");
    assert!(matches!(end, Ok(0) | Err(_)));
}
