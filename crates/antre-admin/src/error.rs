//! Errors as clients see them: a code from a closed list, a sentence, and the request's id.

use antre_store::StoreError;
use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Every code that an error of these routes can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: the body is not what the route takes.
    InvalidBody,
    /// 400: the address has a query that the route does not take.
    InvalidQuery,
    /// 401: the token is missing or wrong. Reading routes need it where other machines can ask.
    Unauthorized,
    /// 404: there is no such route.
    NotFound,
    /// 404: this worker does not serve the account.
    UnknownAccount,
    /// 405: the route takes another method; the header `allow` names it.
    MethodNotAllowed,
    /// 408: the body did not arrive within 10 s.
    BodyTooSlow,
    /// 413: the body is larger than 64 KiB.
    BodyTooLarge,
    /// 415: a changing route needs `content-type: application/json`.
    UnsupportedMediaType,
    /// 421: a route was called under a name that is not known; the option `http_hosts` adds names.
    UnknownHost,
    /// 500: a defect, or data that another program wrote.
    Internal,
    /// 503: the worker does not serve all its accounts; the message says why.
    NotReady,
    /// 503: calls to Redis fail in this process only; it should be started anew.
    Stuck,
    /// 503: Redis cannot be reached or does not take writes.
    RedisUnavailable,
}

impl ErrorCode {
    /// Returns the status that goes with it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidBody | Self::InvalidQuery => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::UnknownAccount => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotReady | Self::Stuck | Self::RedisUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

/// Why a request failed. The outermost layer writes it with the request's id.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    /// For the log only.
    pub(crate) cause: Option<String>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: None }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code =
            if error.concerns_server() { ErrorCode::RedisUnavailable } else { ErrorCode::Internal };
        // The text of these holds nothing that was stored or sent.
        let message = if error.concerns_server() {
            error.to_string()
        } else {
            "Redis refused a command; the log says why".to_owned()
        };
        Self { code, message, cause: Some(error.to_string()) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if self.code == ErrorCode::Unauthorized {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

pub(crate) async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "there is no such route")
}

pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "this route takes another method")
}
