//! What a request must show before it may change something.
//!
//! The worker usually listens on loopback, and any web page in the operator's browser can post there:
//! as a form (hence the JSON content type, which a browser sends to strangers only after asking), or
//! under a name of its own that it lets point to loopback (hence the known names).

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{AUTHORIZATION, CONTENT_TYPE, HOST},
    },
    middleware::Next,
    response::Response,
};

use crate::{AdminState, ErrorCode, Token, error::ApiError, host};

/// Runs the request if it shows everything.
pub(crate) async fn check(
    State(state): State<AdminState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let headers = request.headers();
    check_host(headers, &state.known_hosts)?;
    check_token(headers, state.token.as_ref())?;
    check_content_type(headers)?;
    Ok(next.run(request).await)
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
    let message = "the Host header names none of this worker's names; call it as localhost, or add the \
         name to the configuration";
    Err(ApiError::new(ErrorCode::UnknownHost, message))
}

fn check_token(headers: &HeaderMap, token: Option<&Token>) -> Result<(), ApiError> {
    let Some(token) = token else { return Ok(()) };
    let shown = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).and_then(bearer);
    if shown.is_some_and(|shown| token.is(shown)) {
        return Ok(());
    }
    let message = "this route needs the header `authorization: Bearer <token>`";
    Err(ApiError::new(ErrorCode::Unauthorized, message))
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
