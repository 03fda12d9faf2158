//! Putting an answer on the wire, whole or broken.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::Value;

use crate::connection::Stamps;
use crate::faults::Answer;
use crate::gate::Rate;
use crate::refusal::Refusal;

/// How a request ends.
#[derive(Debug)]
pub(crate) enum End {
    Reply(Reply),
    /// Nothing is said for so long, then the connection is closed.
    Silence(Duration),
    Reset,
    Close,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    content_type: Option<&'static str>,
    body: Bytes,
    /// Overrides; `None` leaves the header out.
    headers: BTreeMap<String, Option<String>>,
    pub(crate) rate: Option<Rate>,
    /// By which Xendit's support finds the request.
    pub(crate) request_id: Option<String>,
    pub(crate) pace: Pace,
}

/// How the body is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    Whole,
    Truncated { bytes: usize },
    Slow { bytes: usize, interval: Duration },
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends without an answer")]
pub(crate) struct Unanswered;

impl Reply {
    fn new(status: u16, content_type: Option<&'static str>, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let (headers, pace) = (BTreeMap::new(), Pace::Whole);
        Self { status, content_type, body, headers, rate: None, request_id: None, pace }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, Some("application/json"), body.to_string())
    }

    pub(crate) fn garbage() -> Self {
        Self::new(200, Some("application/json"), "{\"id\": \"6748105a77f1")
    }

    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        Self::json(refusal.status, &refusal.body())
    }

    /// Returns a scripted answer; without a body the one that usually comes with its status.
    pub(crate) fn scripted(
        status: u16,
        body: Option<Answer>,
        headers: BTreeMap<String, Option<String>>,
    ) -> Self {
        let reply = match body {
            None if status < 400 => Self::new(status, None, Bytes::new()),
            None => Self::refusal(&Refusal::usual_for(status)),
            Some(Answer::Empty) => Self::new(status, None, Bytes::new()),
            Some(Answer::Json(body)) => Self::json(status, &body),
            Some(Answer::Html(page)) => Self::new(status, Some("text/html"), page),
            Some(Answer::Raw(text)) => Self::new(status, None, text),
        };
        Self { headers, ..reply }
    }

    fn into_response(self) -> Response<Body> {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(rate) = self.rate {
            insert_rate(&mut headers, rate);
        }
        if let Some(Ok(id)) = self.request_id.as_deref().map(HeaderValue::from_str) {
            headers.insert("request-id", id);
        }
        for (name, value) in &self.headers {
            let Ok(name) = HeaderName::try_from(name) else { continue };
            match value.as_deref().map(HeaderValue::try_from) {
                Some(Ok(value)) => headers.insert(name, value),
                Some(Err(_)) | None => headers.remove(name),
            };
        }
        if !matches!(self.pace, Pace::Whole) {
            headers.insert(CONTENT_LENGTH, self.body.len().into());
        }
        let mut response = Response::new(body(self.body, self.pace));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        *response.headers_mut() = headers;
        response
    }
}

/// Rounds the reset up to a hundredth of a second, so that waiting for it suffices.
fn insert_rate(headers: &mut HeaderMap, rate: Rate) {
    let reset = rate.reset_us.div_ceil(10_000);
    headers.insert("rate-limit-limit", rate.limit.into());
    headers.insert("rate-limit-remaining", rate.remaining.into());
    if let Ok(reset) = HeaderValue::try_from(format!("{}.{:02}", reset / 100, reset % 100)) {
        headers.insert("rate-limit-reset", reset);
    }
}

fn body(bytes: Bytes, pace: Pace) -> Body {
    match pace {
        Pace::Whole => Body::from(bytes),
        Pace::Truncated { bytes: sent } if sent >= bytes.len() => Body::from(bytes),
        Pace::Truncated { bytes: sent } => Body::from_stream(truncated(bytes.slice(..sent))),
        Pace::Slow { bytes: chunk, interval } => Body::from_stream(slow(bytes, chunk, interval)),
    }
}

fn truncated(sent: Bytes) -> impl Stream<Item = Result<Bytes, Unanswered>> {
    let end = stream::once(async {
        // Pending once, so that what was sent is flushed before the connection breaks.
        tokio::task::yield_now().await;
        Err(Unanswered)
    });
    stream::iter([Ok(sent)]).chain(end)
}

fn slow(
    bytes: Bytes,
    chunk: usize,
    interval: Duration,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(interval).await;
        let next = rest.split_to(chunk.min(rest.len()));
        Some((Ok(next), rest))
    })
}

/// Turns an ending into a response, or into the end of the connection.
pub(crate) async fn deliver(ending: End, stamps: &Stamps) -> Result<Response<Body>, Unanswered> {
    match ending {
        End::Reply(reply) => return Ok(reply.into_response()),
        End::Silence(longest) => tokio::time::sleep(longest).await,
        End::Reset => stamps.reset_on_close(),
        End::Close => {}
    }
    Err(Unanswered)
}
