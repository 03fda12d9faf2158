//! The checks of a request before it may read something, and before it may change something.
//!
//! The worker usually listens on loopback, and any web page in the operator's browser can ask there:
//! with a form (hence the JSON content type, which a browser sends to strangers only after asking), or
//! under a name of its own that it lets point to loopback, and then it can read the answers, too (hence
//! the known names). Where other machines can ask, everything but probes needs the token.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, HOST},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use crate::{AdminState, ErrorCode, Token, error::ApiError, host};

/// How long a body may take to arrive: it is at most 64 KiB, and comes from nearby.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// Runs a request that changes something if it shows everything; its whole body has arrived by then.
pub(crate) async fn check_change(
    State(state): State<AdminState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let headers = request.headers();
    check_host(headers, &state.known_hosts)?;
    if state.token.is_some() && !shows_token(headers, state.token.as_ref()) {
        return Err(unauthorized());
    }
    check_content_type(headers)?;
    Ok(next.run(received(request).await?).await)
}

/// Runs a request that only reads if it shows the token, or a known name where no token is needed.
pub(crate) async fn check_reading(
    State(state): State<AdminState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let headers = request.headers();
    if !shows_token(headers, state.token.as_ref()) {
        if state.is_reading_guarded {
            return Err(unauthorized());
        }
        check_host(headers, &state.known_hosts)?;
    }
    Ok(next.run(request).await)
}

/// Returns the request with its whole body in memory.
async fn received(request: Request) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let reading = Bytes::from_request(Request::from_parts(parts.clone(), body), &());
    let too_slow = |_| {
        let message = "the body did not arrive within 10 s; send it at once";
        ApiError::new(ErrorCode::BodyTooSlow, message)
    };
    let body = timeout(BODY_TIME_MAX, reading).await.map_err(too_slow)?.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::new(ErrorCode::BodyTooLarge, "the body is larger than 64 KiB")
        } else {
            ApiError::new(ErrorCode::InvalidBody, "the body could not be read to its end")
        }
    })?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn check_host(headers: &HeaderMap, known: &[String]) -> Result<(), ApiError> {
    let mut hosts = headers.get_all(HOST).iter();
    let name = match (hosts.next(), hosts.next()) {
        (Some(only), None) => only.to_str().map(host::name).unwrap_or_default(),
        _ => String::new(),
    };
    if host::is_loopback(&name) || known.contains(&name) {
        return Ok(());
    }
    let message = "the Host header names none of this worker's names; call it as localhost or 127.0.0.1, or \
         add the name that you use to the option http_hosts";
    Err(ApiError::new(ErrorCode::UnknownHost, message))
}

/// Tells whether the request carries the token; without one set, none does.
fn shows_token(headers: &HeaderMap, token: Option<&Token>) -> bool {
    let shown = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).and_then(bearer);
    token.zip(shown).is_some_and(|(token, shown)| token.is(shown))
}

fn unauthorized() -> ApiError {
    let message = "this route needs the header `authorization: Bearer <token>` with the worker's token, which \
         stands in its http_token_file or ANTRE_HTTP_TOKEN";
    ApiError::new(ErrorCode::Unauthorized, message)
}

/// Returns the credentials after the scheme, whose case does not matter (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(b"bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| rest.trim_ascii())
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = "this route needs the header `content-type: application/json`";
    Err(ApiError::new(ErrorCode::UnsupportedMediaType, message))
}
