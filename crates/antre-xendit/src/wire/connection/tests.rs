use std::net::SocketAddr;

use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::join;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::api::outcome::{
    AmbiguousCause, CreateOutcome, ExpireOutcome, Failure, LookUpOutcome, NewestOutcome, Unreadable,
};
use crate::{Answer, Client, SecretKey, Settings};

mod limits;
mod tls;

/// Nothing on the loopback takes as long; a test that waits for it has failed.
const LONG: Duration = Duration::from_secs(20);

const CREATED: &str = r#"{"id":"inv-1","status":"PENDING","invoice_url":"u"}"#;

/// Far more than what the kernel's buffers of both ends take.
const UNSENDABLE_BYTES: usize = 64 * 1024 * 1024;

fn settings(base_url: String) -> Settings {
    Settings {
        base_url,
        key: SecretKey::new("xnd_development_abc").expect("a key"),
        request_timeout: LONG,
        for_user_id: None,
        connect_timeout: LONG,
    }
}

fn client(address: SocketAddr) -> Client {
    Client::new(settings(format!("http://{address}"))).expect("a client")
}

/// Returns a client for peers that never answer; nothing else has to happen within its time-out.
fn impatient(address: SocketAddr) -> Client {
    waiting(address, Duration::from_millis(200))
}

fn waiting(address: SocketAddr, request_timeout: Duration) -> Client {
    let settings = Settings { request_timeout, ..settings(format!("http://{address}")) };
    Client::new(settings).expect("a client")
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Returns both ends of one connection.
async fn pair(client_of: impl FnOnce(SocketAddr) -> Client) -> (Connection, TcpStream) {
    let (listener, address) = listen().await;
    let client = client_of(address);
    let (connection, accepted) = join!(client.connect(), listener.accept());
    (connection.expect("a connection"), accepted.expect("a connection").0)
}

fn in_time() -> SendDeadline {
    SendDeadline::until(Instant::now() + LONG)
}

fn create() -> Call {
    Call::Create { body: Bytes::from_static(b"{\"amount\":1}") }
}

/// Returns one request's head and body, as far as they come.
async fn read_request(peer: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = peer.read(&mut buffer).await.unwrap_or(0);
        request.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let body = request.split_once("\r\n\r\n").map(|(_, body)| body.len());
        let is_whole = body.is_some_and(|length| length >= announced(&request));
        if length == 0 || is_whole {
            return request;
        }
    }
}

fn announced(request: &str) -> usize {
    let mut lines = request.lines();
    lines.find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// Reads one request and answers with these bytes.
async fn respond(peer: &mut TcpStream, bytes: &[u8]) -> String {
    let request = read_request(peer).await;
    // A client that has heard enough hangs up in the middle of a long answer.
    peer.write_all(bytes).await.unwrap_or_default();
    request
}

/// Makes the close of this end a reset.
fn reset(peer: TcpStream) {
    let socket = SockRef::from(&peer);
    socket.set_linger(Some(Duration::ZERO)).expect("an option");
    drop(peer);
}

fn ambiguous(reply: &Reply) -> (AmbiguousCause, bool) {
    let Answer::Create(CreateOutcome::Ambiguous { cause, answered, .. }) = &reply.answer else {
        panic!("ambiguous was expected, not {:?}", reply.answer);
    };
    (*cause, *answered)
}

fn not_sent_cause(reply: &Reply) -> NotSentCause {
    let Answer::Create(CreateOutcome::NotSent(not_sent)) = &reply.answer else {
        panic!("not sent was expected, not {:?}", reply.answer);
    };
    not_sent.cause
}

#[tokio::test]
async fn one_connection_carries_one_request_after_the_other() {
    let (mut connection, mut peer) = pair(client).await;
    for number in 0..3 {
        let body = format!(r#"{{"id":"inv-{number}","invoice_url":"u"}}"#);
        let bytes = answer("200 OK", "", &body);
        assert!(connection.is_open().await && connection.is_fresh());
        let before = Instant::now();
        let call = create();
        let (reply, request) =
            join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
        assert!(request.starts_with("POST /v2/invoices HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"amount\":1}"), "{request}");
        assert!(reply.written_at.is_some_and(|at| before <= at && at <= Instant::now()));
        let Answer::Create(CreateOutcome::Created(invoice)) = reply.answer else {
            panic!("created was expected");
        };
        assert_eq!(invoice.id, format!("inv-{number}"));
    }
}

#[tokio::test]
async fn the_headers_of_an_answer_reach_the_reply() {
    let (mut connection, mut peer) = pair(client).await;
    let headers = "Rate-Limit-Limit: 60\r\nRate-Limit-Remaining: 3\r\nRate-Limit-Reset: 58.5\r\n\
        Request-ID: req-1\r\n";
    let bytes = answer("429 Too Many Requests", headers, "{}");
    let call = Call::LookUp { external_id: "INV/1".to_owned() };
    let (reply, request) =
        join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    assert!(request.starts_with("GET /v2/invoices?external_id=INV%2F1&limit=100 "), "{request}");
    assert_eq!(reply.request_id.as_deref(), Some("req-1"));
    assert_eq!((reply.quota.limit, reply.quota.remaining), (Some(60), Some(3)));
    assert_eq!(reply.status.map(|status| status.as_u16()), Some(429));
    let Answer::LookUp(LookUpOutcome::Limited(limited)) = reply.answer else {
        panic!("limited was expected");
    };
    assert_eq!(limited.wait, Duration::from_millis(58_500));
}

#[tokio::test]
async fn after_the_deadline_not_one_byte_is_written_and_the_connection_stays() {
    let (mut connection, mut peer) = pair(client).await;
    let passed = SendDeadline::until(Instant::now() - Duration::from_nanos(1));
    let reply = connection.call(&create(), passed).await;
    assert_eq!((reply.answer, reply.written_at), (Answer::TooLate, None));
    assert!(connection.is_open().await);

    let bytes = answer("200 OK", "", CREATED);
    let call = create();
    let (_, request) =
        join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    assert!(request.starts_with("POST"), "the peer saw something before: {request}");
    assert_eq!(request.matches("HTTP/1.1").count(), 1);
}

#[tokio::test]
async fn a_deadline_that_passes_between_the_last_look_and_the_write_still_holds() {
    let (mut connection, mut peer) = pair(client).await;
    connection.gate.arm(Instant::now() - Duration::from_nanos(1), connection.watch);
    let request = connection.form.fill(&create()).expect("a request");
    connection.exchange(request, LONG, 1024).await;
    assert_eq!(connection.gate.shut(), Passage::TooLate);
    drop(connection);
    assert_eq!(read_request(&mut peer).await, "");
}

#[tokio::test]
async fn a_connection_that_the_peer_closed_while_idle_sends_nothing() {
    let (mut connection, mut peer) = pair(client).await;
    let bytes = answer("200 OK", "", CREATED);
    let call = create();
    join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes())).0;
    drop(peer);
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!(not_sent_cause(&reply), NotSentCause::ConnectionClosed);
    assert_eq!(reply.written_at, None);
    assert!(!connection.is_open().await);
}

#[tokio::test]
async fn a_close_or_a_reset_that_has_arrived_is_seen_at_once() {
    let (mut closed, peer) = pair(client).await;
    drop(peer);
    assert!(!closed.is_open().await);

    let (mut was_reset, peer) = pair(client).await;
    reset(peer);
    assert!(!was_reset.is_open().await);
}

#[tokio::test]
async fn a_parting_word_on_an_idle_connection_is_no_answer_to_the_next_request() {
    let (mut connection, mut peer) = pair(client).await;
    peer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.expect("sent");
    peer.flush().await.expect("sent");
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!(not_sent_cause(&reply), NotSentCause::ConnectionClosed);
}

#[tokio::test]
async fn a_connection_broken_after_the_request_was_written_is_ambiguous() {
    for is_reset in [false, true] {
        let (mut connection, mut peer) = pair(client).await;
        let call = create();
        let peer_breaks = async {
            let request = read_request(&mut peer).await;
            if is_reset {
                reset(peer);
            } else {
                drop(peer);
            }
            request
        };
        let (reply, request) = join!(connection.call(&call, in_time()), peer_breaks);
        assert!(request.starts_with("POST"));
        assert_eq!(ambiguous(&reply), (AmbiguousCause::ConnectionLost, false));
        assert!(reply.written_at.is_some());
        assert!(!connection.is_open().await);
    }
}

#[tokio::test]
async fn no_answer_in_time_is_ambiguous_and_the_connection_is_reset() {
    let (mut connection, mut peer) = pair(impatient).await;
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!(ambiguous(&reply), (AmbiguousCause::Timeout, false));
    assert!(!connection.is_open().await);
    read_request(&mut peer).await;
    let end = peer.read_u8().await.expect_err("a reset");
    assert_eq!(end.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_request_that_could_be_written_only_in_part_is_ambiguous() {
    let (mut connection, peer) = pair(impatient).await;
    let call = Call::Create { body: vec![b' '; UNSENDABLE_BYTES].into() };
    let reply = connection.call(&call, in_time()).await;
    assert_eq!(ambiguous(&reply), (AmbiguousCause::Timeout, false));
    drop(peer);
}

#[tokio::test]
async fn a_body_that_does_not_come_whole_is_answered_and_unreadable() {
    let short = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{CREATED}");
    let (mut connection, mut peer) = pair(client).await;
    let call = create();
    let peer_breaks = async {
        respond(&mut peer, short.as_bytes()).await;
        drop(peer);
    };
    let (reply, ()) = join!(connection.call(&call, in_time()), peer_breaks);
    let truncated = AmbiguousCause::UnreadableSuccess(Unreadable::Truncated);
    assert_eq!(ambiguous(&reply), (truncated, true));

    let (mut connection, mut peer) = pair(impatient).await;
    let call = create();
    let (reply, _) = join!(connection.call(&call, in_time()), respond(&mut peer, short.as_bytes()));
    assert_eq!(ambiguous(&reply), (truncated, true));
    assert!(!connection.is_open().await);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (listener, address) = listen().await;
    let client = client(address);
    let (connection, accepted) = join!(client.connect(), listener.accept());
    let (mut connection, mut peer) = (connection.expect("open"), accepted.expect("open").0);
    let location = format!("location: http://{address}/elsewhere\r\n");
    let bytes = answer("307 Temporary Redirect", &location, "");
    let call = create();
    let (reply, _) = join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    assert_eq!(ambiguous(&reply), (AmbiguousCause::Redirect(307), true));
    drop(connection);
    assert_eq!(read_request(&mut peer).await, "");
}

#[tokio::test]
async fn what_is_not_http_is_ambiguous_and_not_counted_as_an_answer() {
    let (mut connection, mut peer) = pair(client).await;
    let call = create();
    let (reply, _) =
        join!(connection.call(&call, in_time()), respond(&mut peer, b"SSH-2.0-OpenSSH\r\n\r\n"));
    assert_eq!(ambiguous(&reply), (AmbiguousCause::NotHttp, false));
}

#[tokio::test]
async fn an_answer_that_announces_the_end_closes_the_connection() {
    let (mut connection, mut peer) = pair(client).await;
    let bytes = answer("200 OK", "connection: close\r\n", CREATED);
    let call = create();
    let (reply, _) = join!(connection.call(&call, in_time()), respond(&mut peer, bytes.as_bytes()));
    assert!(matches!(reply.answer, Answer::Create(CreateOutcome::Created(_))));
    assert!(!connection.is_open().await);
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!(not_sent_cause(&reply), NotSentCause::ConnectionClosed);
}

#[tokio::test]
async fn a_call_that_was_given_up_leaves_no_connection_to_reuse() {
    let (mut connection, mut peer) = pair(client).await;
    let call = create();
    tokio::select! {
        _ = connection.call(&call, in_time()) => panic!("nobody answers"),
        request = read_request(&mut peer) => assert!(request.starts_with("POST")),
    }
    let reply = connection.call(&create(), in_time()).await;
    assert_eq!(not_sent_cause(&reply), NotSentCause::ConnectionClosed);
    assert!(!connection.is_open().await);
}

#[tokio::test]
async fn a_connection_dropped_in_the_middle_of_a_call_is_reset() {
    let (mut connection, mut peer) = pair(client).await;
    let call = create();
    tokio::select! {
        _ = connection.call(&call, in_time()) => panic!("nobody answers"),
        request = read_request(&mut peer) => assert!(request.starts_with("POST")),
    }
    drop(connection);
    let end = peer.read_u8().await.expect_err("a reset");
    assert_eq!(end.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn an_address_longer_than_http_allows_is_not_sent() {
    let (mut connection, _peer) = pair(client).await;
    let call = Call::LookUp { external_id: "x".repeat(70_000) };
    let reply = connection.call(&call, in_time()).await;
    let Answer::LookUp(LookUpOutcome::NotSent(not_sent)) = reply.answer else {
        panic!("not sent was expected");
    };
    assert_eq!(not_sent.cause, NotSentCause::InvalidRequest);
    assert!(connection.is_open().await);
}

#[tokio::test]
async fn where_nothing_listens_or_no_name_leads_nothing_is_sent() {
    let (listener, address) = listen().await;
    drop(listener);
    let refused = client(address).connect().await.expect_err("nobody listens");
    assert_eq!(refused.cause, NotSentCause::ConnectionRefused);

    let nowhere = Client::new(settings("http://a..b.invalid:1".to_owned())).expect("a client");
    let unknown = nowhere.connect().await.expect_err("no such name");
    assert_eq!(unknown.cause, NotSentCause::Dns);
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_socket_gives_up_undelivered_bytes_with_the_request() {
    let (connection, _peer) = pair(client).await;
    let socket = &connection.line.as_ref().expect("an open line").socket;
    assert_eq!(socket.tcp_user_timeout().expect("an option"), Some(LONG));
    assert!(socket.tcp_nodelay().expect("an option"));
    assert!(socket.keepalive().expect("an option"));
}

#[tokio::test]
async fn a_call_and_a_look_can_move_between_threads() {
    fn is_send(_: &impl Send) {}
    let (mut connection, _peer) = pair(client).await;
    is_send(&connection.is_open());
    is_send(&connection.call(&create(), in_time()));
}
