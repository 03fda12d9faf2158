//! The outermost layer: gives each request an id, and writes errors with it.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Json,
    extract::Request,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{ErrorCode, error::ApiError};

#[derive(Serialize)]
struct Body<'a> {
    code: ErrorCode,
    message: &'a str,
    request_id: &'a str,
}

/// Runs the request; its answer carries the id in `x-request-id` and is never cached.
pub(crate) async fn attach(request: Request, next: Next) -> Response {
    let id = next_id();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        log(&error, &id, &path);
        response = written(response, &error, &id);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Returns the error as JSON, with the status and headers that the response had.
fn written(response: Response, error: &ApiError, id: &str) -> Response {
    let (mut parts, _empty) = response.into_parts();
    let body = Body { code: error.code, message: &error.message, request_id: id };
    let (json, body) = Json(body).into_response().into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(kind) = json.headers.get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, kind.clone());
    }
    Response::from_parts(parts, body)
}

fn log(error: &ApiError, id: &str, path: &str) {
    let status = error.code.status();
    if status.is_server_error() {
        let cause = error.cause.as_deref().unwrap_or(&error.message);
        tracing::warn!(request.id = id, path, status = status.as_u16(), cause, "request failed");
    }
}

/// Returns an id that no other request of any process has: 64 random bits of the process, a number.
fn next_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("process"));
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}-{}", *PROCESS, NUMBER.fetch_add(1, Ordering::Relaxed))
}
