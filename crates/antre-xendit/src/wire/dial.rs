//! Opening a connection: name, socket, encryption.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, Socket, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::api::outcome::{NotSent, NotSentCause};
use crate::wire::gate::{Gate, GatedStream};

/// How long a silent connection is left alone before the kernel asks whether the peer is there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Where to connect to, and how.
#[derive(Clone)]
pub(crate) struct Target {
    /// The host's name or address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The name to verify and the configuration to use; nothing for plain HTTP.
    pub(crate) tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    /// Limits all of opening.
    pub(crate) connect_timeout: Duration,
    /// How long written bytes may stay unacknowledged: a request must not arrive after its time-out.
    pub(crate) unacknowledged_timeout: Duration,
}

/// A stream of either kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open connection, its gate shut.
pub(crate) struct Dialled {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) gate: Gate,
    /// A second handle of the stream's socket, to look at it without reading.
    pub(crate) socket: Socket,
    pub(crate) is_encrypted: bool,
}

impl Target {
    /// Opens a connection within the time-out.
    pub(crate) async fn dial(&self) -> Result<Dialled, NotSent> {
        let deadline = Instant::now() + self.connect_timeout;
        let tcp = self.connect(deadline).await?;
        let socket = self.tune(&tcp).map_err(|error| connect_failure(&error))?;
        let gate = Gate::new();
        let gated = GatedStream::new(tcp, gate.clone());
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(gated),
            Some((name, config)) => {
                let handshake = TlsConnector::from(config.clone()).connect(name.clone(), gated);
                let agreed = timeout_at(deadline, handshake).await;
                let agreed = agreed.map_err(|_| not_sent(NotSentCause::ConnectTimeout, &"TLS"))?;
                Box::new(agreed.map_err(|error| not_sent(NotSentCause::Tls, &error))?)
            }
        };
        gate.shut();
        Ok(Dialled { stream, gate, socket, is_encrypted: self.tls.is_some() })
    }

    /// Tries the host's addresses one after the other; each gets an even share of the time left, so
    /// that a dead first one does not use it up.
    async fn connect(&self, deadline: Instant) -> Result<TcpStream, NotSent> {
        let host = (self.host.as_str(), self.port);
        let found = timeout_at(deadline, lookup_host(host)).await;
        let found = found.map_err(|_| not_sent(NotSentCause::Dns, &"no answer in time"))?;
        let addresses: Vec<_> =
            found.map_err(|error| not_sent(NotSentCause::Dns, &error))?.collect();
        let mut last = not_sent(NotSentCause::Dns, &"the name has no address");
        let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in addresses {
            let share = deadline.saturating_duration_since(Instant::now()) / untried.max(1);
            untried = untried.saturating_sub(1);
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = connect_failure(&error),
                Err(_) => last = not_sent(NotSentCause::ConnectTimeout, &address),
            }
        }
        Err(last)
    }

    fn tune(&self, tcp: &TcpStream) -> io::Result<Socket> {
        tcp.set_nodelay(true)?;
        let socket = SockRef::from(tcp);
        let keepalive =
            TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
        socket.set_tcp_keepalive(&keepalive)?;
        limit_delivery(&socket, self.unacknowledged_timeout)?;
        socket.try_clone()
    }
}

/// Lets the kernel give up bytes that the peer does not acknowledge in this time, where the system can.
pub(crate) fn limit_delivery(socket: &Socket, timeout: Duration) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // To the kernel zero means its own, long, time-out.
    socket.set_tcp_user_timeout(Some(timeout.max(Duration::from_millis(1))))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (socket, timeout);
    Ok(())
}

fn not_sent(cause: NotSentCause, detail: &dyn fmt::Display) -> NotSent {
    NotSent { cause, detail: detail.to_string() }
}

fn connect_failure(error: &io::Error) -> NotSent {
    let cause = if error.kind() == io::ErrorKind::ConnectionRefused {
        NotSentCause::ConnectionRefused
    } else if error.kind() == io::ErrorKind::TimedOut {
        NotSentCause::ConnectTimeout
    } else {
        NotSentCause::Unreachable
    };
    not_sent(cause, error)
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Target");
        fields.field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
