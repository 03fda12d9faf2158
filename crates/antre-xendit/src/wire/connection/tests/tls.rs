//! Encrypted connections, to a server whose certificate an authority of the tests has signed.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::*;

fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).expect("a certificate")
}

fn acceptor() -> TlsAcceptor {
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server-key.pem")).expect("a key");
    let chain = vec![certificate(include_bytes!("server.pem"))];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    TlsAcceptor::from(Arc::new(config.expect("a configuration")))
}

fn trusting(address: SocketAddr) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(include_bytes!("authority.pem"))).expect("an authority");
    Client::with_roots(settings(format!("https://{address}")), roots).expect("a client")
}

async fn encrypted_pair() -> (Connection, TlsStream<TcpStream>) {
    let (listener, address) = listen().await;
    let client = trusting(address);
    let accept = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        acceptor().accept(stream).await.expect("a handshake")
    };
    let (connection, peer) = join!(client.connect(), accept);
    (connection.expect("a connection"), peer)
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_means_not_sent() {
    let (listener, address) = listen().await;
    let client = Client::new(settings(format!("https://{address}"))).expect("a client");
    let accept = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        acceptor().accept(stream).await
    };
    let (connection, _) = join!(client.connect(), accept);
    assert_eq!(connection.expect_err("not trusted").cause, NotSentCause::Tls);
}

#[tokio::test]
async fn encryption_with_a_peer_that_speaks_something_else_means_not_sent() {
    let (listener, address) = listen().await;
    let client = Client::new(settings(format!("https://{address}"))).expect("a client");
    let accept = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("sent");
        stream
    };
    let (connection, _peer) = join!(client.connect(), accept);
    assert_eq!(connection.expect_err("no TLS").cause, NotSentCause::Tls);
}

#[tokio::test]
async fn a_silent_peer_means_that_the_connection_was_not_there_in_time() {
    let (_listener, address) = listen().await;
    let connect_timeout = Duration::from_millis(100);
    let settings = Settings { connect_timeout, ..settings(format!("https://{address}")) };
    let client = Client::new(settings).expect("a client");
    let error = client.connect().await.expect_err("no handshake");
    assert_eq!(error.cause, NotSentCause::ConnectTimeout);
}

#[tokio::test]
async fn an_encrypted_connection_carries_requests_until_it_is_closed() {
    let (mut connection, mut peer) = encrypted_pair().await;
    for _ in 0..2 {
        assert!(connection.is_open().await);
        let call = create();
        let respond = async {
            let mut buffer = [0; 4096];
            let length = peer.read(&mut buffer).await.expect("a request");
            assert!(buffer[..length].starts_with(b"POST /v2/invoices HTTP/1.1\r\n"));
            peer.write_all(answer("200 OK", "", CREATED).as_bytes()).await.expect("sent");
            peer.flush().await.expect("sent");
        };
        let (reply, ()) = join!(connection.call(&call, in_time()), respond);
        assert!(matches!(reply.answer, Answer::Create(CreateOutcome::Created(_))), "{reply:?}");
    }
    peer.shutdown().await.expect("closed");
    drop(peer);
    assert!(!connection.is_open().await);
}

#[tokio::test]
async fn after_the_deadline_not_one_encrypted_byte_is_written() {
    let (mut connection, mut peer) = encrypted_pair().await;
    connection.gate.arm(Instant::now() - Duration::from_nanos(1), connection.watch);
    let request = connection.form.fill(&create()).expect("a request");
    connection.exchange(request, LONG, 1024).await;
    assert_eq!(connection.gate.shut(), Passage::TooLate);
    drop(connection);
    let (socket, _) = peer.get_mut();
    let mut seen = Vec::new();
    socket.read_to_end(&mut seen).await.unwrap_or_default();
    assert_eq!(seen, b"");
}
