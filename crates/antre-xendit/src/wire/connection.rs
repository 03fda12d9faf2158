//! One connection, and one request after the other on it.

use std::fmt;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use socket2::Socket;
use tokio::time::{Instant, timeout_at};

use crate::api::outcome::{NotSent, NotSentCause};
use crate::wire::dial::{Dialled, Stream, limit_delivery};
use crate::wire::gate::{Gate, Passage};
use crate::wire::reply::{Heard, HeardBody, Reply};
use crate::wire::request::{Call, RequestForm};
use crate::wire::sleep_watch::SleepWatch;

/// How long a connection may lie idle and still count as fresh; servers commonly close after 60 s.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// Until when a grant may be used, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct SendDeadline {
    /// The last instant at which the request's first byte may be written.
    pub latest: Instant,
    /// How long the request may take, if that is shorter than the client's own time-out.
    pub timeout: Option<Duration>,
}

impl SendDeadline {
    /// Returns the deadline that leaves the time-out to the client.
    pub fn until(latest: Instant) -> Self {
        Self { latest, timeout: None }
    }
}

/// An open connection to Xendit.
///
/// Dropping it in the middle of a call resets it; the request may have arrived.
pub struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    line: Option<Line>,
    gate: Gate,
    form: Arc<RequestForm>,
    request_timeout: Duration,
    is_encrypted: bool,
    /// A call was begun and not finished: what comes next on the line may be its answer.
    is_busy: bool,
    opened_at: Instant,
    used_at: Instant,
    /// Since the last look at the connection, which comes before its grant.
    watch: SleepWatch,
    /// How long the kernel holds on to bytes that the peer does not acknowledge.
    unacknowledged_timeout: Duration,
}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// What is gone once the connection has ended.
struct Line {
    driver: Pin<Box<Driver>>,
    socket: Socket,
}

impl Connection {
    pub(crate) async fn open(
        dialled: Dialled,
        form: Arc<RequestForm>,
        request_timeout: Duration,
    ) -> Result<Self, NotSent> {
        let handshake = http1::handshake(TokioIo::new(dialled.stream)).await;
        let (sender, driver) = handshake.map_err(|error| NotSent {
            cause: NotSentCause::Unreachable,
            detail: error.to_string(),
        })?;
        let now = Instant::now();
        Ok(Self {
            sender,
            line: Some(Line { driver: Box::pin(driver), socket: dialled.socket }),
            gate: dialled.gate,
            form,
            request_timeout,
            is_encrypted: dialled.is_encrypted,
            is_busy: false,
            opened_at: now,
            used_at: now,
            watch: SleepWatch::begin(),
            unacknowledged_timeout: request_timeout,
        })
    }

    /// Returns whether a request can be sent, as far as this side can know without sending anything.
    ///
    /// Looks at the socket itself, so a close that has arrived is seen although the runtime has not been told
    /// of it yet, and lets the runtime once look for news. From here on the time is counted that the machine
    /// is suspended, so call it before a grant is asked for, not after.
    pub async fn is_open(&mut self) -> bool {
        self.watch = SleepWatch::begin();
        if self.is_busy || self.hears_end() {
            self.break_off();
            return false;
        }
        // Under TLS the end of the connection hides behind encrypted bytes, which only the driver can
        // read, and only after the runtime has seen them.
        tokio::task::yield_now().await;
        poll_fn(|context| {
            advance(&mut self.line, context);
            Poll::Ready(())
        })
        .await;
        self.line.is_some()
    }

    /// Returns whether the connection has been idle for no more than 30 s, asleep or awake; an older one should be replaced,
    /// because the server's own limit for idle connections may end it under the next request.
    pub fn is_fresh(&self) -> bool {
        self.idle().saturating_add(self.watch.slept_so_far()) <= FRESH_FOR
    }

    /// Returns how long ago the connection was opened.
    pub fn age(&self) -> Duration {
        self.opened_at.elapsed()
    }

    /// Returns how long ago the last call ended, or the connection was opened.
    pub fn idle(&self) -> Duration {
        self.used_at.elapsed()
    }

    /// Sends exactly one request, or nothing, and returns what became of it.
    ///
    /// Nothing is written after the deadline. The shorter of the client's request time-out and the deadline's own
    /// covers everything from then to the end of the answer; when it passes, the connection is reset and what the kernel still holds of the
    /// request is thrown away. After anything but a whole answer the connection is closed, which
    /// [`Connection::is_open`] tells.
    ///
    /// Dropping the returned future leaves the request's effect unknown.
    pub async fn call(&mut self, call: &Call, deadline: SendDeadline) -> Reply {
        let Some(request) = self.form.fill(call) else {
            return Reply::not_sent(call, NotSentCause::InvalidRequest);
        };
        if self.watch.is_late(Instant::now(), deadline.latest) {
            return Reply::too_late();
        }
        if self.is_busy || self.hears_end() {
            self.break_off();
            return Reply::not_sent(call, NotSentCause::ConnectionClosed);
        }
        match timeout_at(deadline.latest, alongside(&mut self.line, self.sender.ready())).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                self.break_off();
                return Reply::not_sent(call, NotSentCause::ConnectionClosed);
            }
            Err(_) => return Reply::too_late(),
        }
        self.is_busy = true;
        self.gate.arm(deadline.latest, self.watch);
        let timeout = self.shorter_timeout(deadline);
        let heard = self.exchange(request, timeout, call.answer_bytes_max()).await;
        let passage = self.gate.shut();
        self.used_at = Instant::now();
        self.is_busy = false;
        if !heard.is_whole() || !matches!(passage, Passage::Written { .. }) {
            self.break_off();
        }
        match passage {
            Passage::TooLate => Reply::too_late(),
            Passage::Nothing => Reply::not_sent(call, NotSentCause::ConnectionClosed),
            Passage::Written { first_byte_at } => Reply::read(call, first_byte_at, &heard),
        }
    }

    /// Returns the time-out of one call, and lets the kernel give up undelivered bytes with it.
    fn shorter_timeout(&mut self, deadline: SendDeadline) -> Duration {
        let own = self.request_timeout;
        let timeout = deadline.timeout.map_or(own, |timeout| timeout.min(own));
        if timeout != self.unacknowledged_timeout {
            let socket = self.line.as_ref().map(|line| &line.socket);
            let is_set = socket.is_some_and(|socket| limit_delivery(socket, timeout).is_ok());
            if is_set {
                self.unacknowledged_timeout = timeout;
            }
        }
        timeout
    }

    /// Hands the request to hyper and reads what comes back, until the time-out.
    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
        answer_bytes_max: usize,
    ) -> Heard {
        let deadline = Instant::now() + timeout;
        let response = self.sender.send_request(request);
        match timeout_at(deadline, alongside(&mut self.line, response)).await {
            Err(_) => Heard::NothingInTime,
            Ok(Err(error)) if error.is_parse() => Heard::Nonsense,
            Ok(Err(_)) => Heard::End,
            Ok(Ok(response)) => {
                let (head, incoming) = response.into_parts();
                let reading = read_body(&mut self.line, incoming, answer_bytes_max);
                let body = timeout_at(deadline, reading).await.unwrap_or(HeardBody::Truncated);
                Heard::Answer { head, body }
            }
        }
    }

    /// Looks at the socket without reading from it.
    fn hears_end(&self) -> bool {
        let Some(line) = &self.line else { return true };
        match line.socket.peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => true,
            // Bytes that nobody asked for: under TLS a session ticket, in plain HTTP a parting word.
            Ok(_) => !self.is_encrypted,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }

    /// Resets the connection, so that nothing the kernel may still hold is delivered later.
    fn break_off(&mut self) {
        if let Some(line) = self.line.take() {
            // Without this option the close is an orderly one, and TCP_USER_TIMEOUT limits delivery.
            line.socket.set_linger(Some(Duration::ZERO)).unwrap_or_default();
        }
    }
}

/// Awaits the future while driving the connection in the same task.
async fn alongside<F: Future>(line: &mut Option<Line>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        advance(line, context);
        // The driver may have brought what the future waits for.
        future.as_mut().poll(context)
    })
    .await
}

/// Lets the connection read and write what it can.
fn advance(line: &mut Option<Line>, context: &mut Context<'_>) {
    let driver = line.as_mut().map(|line| line.driver.as_mut());
    if driver.is_some_and(|driver| driver.poll(context).is_ready()) {
        *line = None;
    }
}

async fn read_body(line: &mut Option<Line>, mut incoming: Incoming, bytes_max: usize) -> HeardBody {
    let mut body = Vec::new();
    loop {
        match alongside(line, incoming.frame()).await {
            None => return HeardBody::Whole(body),
            Some(Err(_)) => return HeardBody::Truncated,
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                if body.len().saturating_add(data.len()) > bytes_max {
                    return HeardBody::TooLong;
                }
                body.extend_from_slice(&data);
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_busy {
            self.break_off();
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("is_ended", &self.line.is_none())
            .field("is_busy", &self.is_busy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
