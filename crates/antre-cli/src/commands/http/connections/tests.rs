use std::net::Ipv4Addr;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::*;

/// Less than the life of a connection, so that only the stop can have ended one by then.
const PATIENCE: Duration = Duration::from_secs(40);
const CONNECTIONS_MAX: usize = 256;
const BOUNDS: Bounds = Bounds {
    server: "a test",
    connections_max: CONNECTIONS_MAX,
    head_max: PATIENCE,
    idle_max: Duration::from_mins(2),
    life_max: Some(Duration::from_mins(1)),
    head_bytes_max: 16 * 1024,
};
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

async fn answer_to(address: std::net::SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = String::new();
    // Whatever came before the end, even where the connection is reset.
    stream.read_to_string(&mut answer).await.ok();
    answer
}

/// A server whose only route says that it was asked, and then waits for `go`.
struct Slow {
    address: std::net::SocketAddr,
    asked: mpsc::Receiver<()>,
    go: CancellationToken,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
}

impl Slow {
    async fn start() -> Self {
        Self::within(BOUNDS).await
    }

    async fn within(bounds: Bounds) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ask, asked) = mpsc::channel(2 * CONNECTIONS_MAX);
        let (go, stop) = (CancellationToken::new(), CancellationToken::new());
        let waiting = go.clone();
        let route = get(move || async move {
            ask.send(()).await.ok();
            waiting.cancelled().await;
            "answered"
        });
        let router = Router::new().route("/", route);
        let (_, routes) = watch::channel(router);
        let serving = tokio::spawn(serve(listener, bounds, routes, stop.clone().cancelled_owned()));
        Self { address, asked, go, stop, serving }
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_dropped_after_the_order_to_stop() {
    let mut server = Slow::start().await;
    let client = tokio::spawn(answer_to(server.address));
    server.asked.recv().await.unwrap();
    server.stop.cancel();
    assert_eq!(timeout(PATIENCE, client).await.expect("the connection ends").unwrap(), "");
    timeout(PATIENCE, server.serving).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn an_answer_under_way_is_finished_after_the_order_to_stop() {
    let mut server = Slow::start().await;
    let client = tokio::spawn(answer_to(server.address));
    server.asked.recv().await.unwrap();
    server.stop.cancel();
    server.go.cancel();
    let answer = timeout(PATIENCE, client).await.expect("the connection ends").unwrap();
    assert!(answer.ends_with("answered"), "{answer}");
    timeout(PATIENCE, server.serving).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_connection_beyond_the_bound_waits_until_another_one_ends() {
    let mut server = Slow::start().await;
    let clients: Vec<_> =
        (0..=CONNECTIONS_MAX).map(|_| tokio::spawn(answer_to(server.address))).collect();
    for _ in 0..CONNECTIONS_MAX {
        server.asked.recv().await.unwrap();
    }
    // One that came all the same would come at once.
    let further = timeout(Duration::from_millis(300), server.asked.recv()).await;
    assert!(further.is_err(), "one more than the bound is served");
    server.go.cancel();
    for client in clients {
        let answer = timeout(PATIENCE, client).await.expect("it is answered").unwrap();
        assert!(answer.ends_with("answered"), "{answer}");
    }
    server.stop.cancel();
    timeout(PATIENCE, server.serving).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_and_an_idle_connection_is_not() {
    // Long enough for this test's own requests on a busy machine.
    let bounds = Bounds { head_max: Duration::from_secs(2), ..BOUNDS };
    let mut server = Slow::within(bounds).await;
    server.go.cancel();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    server.asked.recv().await.unwrap();
    let mut first = vec![0; 1024];
    assert!(idle.read(&mut first).await.unwrap() > 0);
    for cut in [&mut slow, &mut silent] {
        let mut rest = Vec::new();
        // A reset is an end as well.
        timeout(PATIENCE, cut.read_to_end(&mut rest)).await.expect("it is cut").ok();
        assert!(rest.is_empty(), "{rest:?}");
    }
    // The one that was answered and said nothing since is served.
    idle.write_all(REQUEST).await.unwrap();
    server.asked.recv().await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, idle.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.ends_with("answered"), "{answer}");
}

#[test]
fn only_a_client_that_has_gone_is_no_reason_to_wait() {
    for kind in [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset] {
        assert!(is_the_clients(&kind.into()), "{kind}");
    }
    // EMFILE, ENFILE, ENOMEM.
    for code in [24, 23, 12] {
        assert!(!is_the_clients(&io::Error::from_raw_os_error(code)), "{code}");
    }
}
