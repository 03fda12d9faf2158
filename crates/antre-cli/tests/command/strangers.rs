//! Clients that connect and then do not go on: they neither stop the answers nor the end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::task::spawn_blocking;

use crate::fixture::{Fixture, PATIENCE};
use crate::http::Served;

/// Less than the life of a connection, so that only its silence can have ended it by then.
const SILENCE_MAX: Duration = Duration::from_secs(40);
const HALF_LINE: &str = "GET /rate-limiter/sta";
const HALF_HEADERS: &str = "GET /rate-limiter/status HTTP/1.1\r\nHost: localhost\r\nX-Half: ";
const HALF_BODY: &str = "POST /rate-limiter/retry-failed HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"acc";
const WHOLE: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

impl Served {
    /// Opens a connection, sends this, and leaves it open.
    fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }
}

/// Returns what comes until the worker closes the connection.
async fn until_closed(mut stream: TcpStream) -> String {
    let reading = spawn_blocking(move || {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_length| answer)
    });
    reading.await.unwrap().unwrap()
}

#[tokio::test]
async fn an_unfinished_request_does_not_keep_a_worker_from_ending() {
    for unfinished in ["", HALF_LINE, HALF_HEADERS, HALF_BODY] {
        let served = Served::start(Fixture::start().await, &[]).await;
        let _open = served.send(unfinished);
        assert_eq!(served.status("/healthz").await, Some(StatusCode::OK), "{unfinished}");
        served.end().await;
    }
}

#[tokio::test]
async fn an_idle_connection_does_not_keep_a_worker_from_ending() {
    let served = Served::start(Fixture::start().await, &[]).await;
    let mut idle = served.send(WHOLE);
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    served.end().await;
}

#[tokio::test]
async fn more_connections_than_are_served_neither_stop_the_probes_nor_the_end() {
    let served = Served::start(Fixture::start().await, &[]).await;
    let open: Vec<TcpStream> = (0..300).map(|_| served.send(HALF_LINE)).collect();
    assert_eq!(served.status("/healthz").await, Some(StatusCode::OK));
    let later: Vec<TcpStream> = (0..300).map(|_| served.send(HALF_BODY)).collect();
    served.end().await;
    drop((open, later));
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_is_closed() {
    let served = Served::start(Fixture::start().await, &[]).await;
    for (sent, answer) in [("", ""), (HALF_LINE, ""), (HALF_HEADERS, ""), (WHOLE, "HTTP/1.1 200")] {
        let answered = until_closed(served.send(sent)).await;
        assert!(answered.starts_with(answer), "{sent} {answered}");
    }
    let answered = until_closed(served.send(HALF_BODY)).await;
    assert!(answered.starts_with("HTTP/1.1 408"), "{answered}");
    assert_eq!(served.status("/healthz").await, Some(StatusCode::OK));
}

#[tokio::test]
async fn a_worker_that_gets_no_descriptor_for_a_connection_answers_again_later() {
    let fixture = Fixture::start().await;
    let binary = fixture.command(&["worker"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 48; exec \"$0\" worker"]).arg(binary.get_program());
    limited.current_dir(binary.get_current_dir().unwrap()).env_clear();
    limited.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut served = Served::start_on(fixture, Ipv4Addr::LOCALHOST, limited, &[]).await;
    let open: Vec<TcpStream> = (0..60).map(|_| served.send(HALF_LINE)).collect();
    served.worker.wait_for_line("no http connection can be accepted", PATIENCE).await.unwrap();
    drop(open);
    assert_eq!(served.status("/healthz").await, Some(StatusCode::OK));
    served.end().await;
}
