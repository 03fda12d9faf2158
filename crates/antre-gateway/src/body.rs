//! Reading a request's body within its bounds.

use std::time::Duration;

use axum::{
    body::Body,
    http::{
        HeaderMap,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::answer::Trouble;

/// A job may have 256 KiB; the rest is for what stands around the invoice.
const BODY_BYTES_MAX: usize = 250 * 1024;
const BODY_TIME_MAX: Duration = Duration::from_secs(15);
/// How long an answer that needs no body waits for it, so that its caller hears the answer instead of a reset.
const DRAIN_TIME_MAX: Duration = Duration::from_millis(500);

/// Returns the body of a create.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Trouble> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|it| it > BODY_BYTES_MAX) {
        return Err(Trouble::BodyTooLarge);
    }
    let whole = timeout(BODY_TIME_MAX, Limited::new(body, BODY_BYTES_MAX).collect()).await;
    let bytes = match whole {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Trouble::BodyTooLarge),
        Ok(Err(_cut)) => return Err(Trouble::BodyCut),
        Err(_elapsed) => return Err(Trouble::BodyTooSlow),
    };
    let begins_as_object = bytes.trim_ascii_start().starts_with(b"{");
    if !begins_as_object && is_form(headers) {
        return Err(Trouble::Form);
    }
    Ok(bytes.to_vec())
}

/// Reads and forgets what is on its way.
pub(crate) async fn drain(body: Body) {
    let read = Limited::new(body, BODY_BYTES_MAX).collect();
    // It is nothing that anybody waits for.
    timeout(DRAIN_TIME_MAX, read).await.ok();
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/")
}
