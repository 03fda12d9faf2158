//! Errors as Xendit words them: a status and `{"error_code","message","errors"}`.

use serde_json::{Value, json};

/// An answer that refuses the request. Codes are those of Xendit's documentation.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error_code: &'static str,
    pub(crate) message: String,
    /// One element per field at fault; left out of the body when empty.
    pub(crate) errors: Vec<Value>,
}

impl Refusal {
    fn new(status: u16, error_code: &'static str, message: impl Into<String>) -> Self {
        Self { status, error_code, message: message.into(), errors: Vec::new() }
    }

    pub(crate) fn invalid_key(message: &str) -> Self {
        Self::new(401, "INVALID_API_KEY", message)
    }

    pub(crate) fn limited() -> Self {
        Self::new(429, "RATE_LIMIT_EXCEEDED", "You have exceeded the rate limit, try again later.")
    }

    pub(crate) fn invalid_json() -> Self {
        Self::new(400, "INVALID_JSON_FORMAT", "The request body is not a valid JSON format.")
    }

    pub(crate) fn validation(errors: Vec<Value>) -> Self {
        let message = "There was an error with the format submitted to the server.";
        Self { errors, ..Self::new(400, "API_VALIDATION_ERROR", message) }
    }

    pub(crate) fn bad_request(error_code: &'static str, message: &str) -> Self {
        Self::new(400, error_code, message)
    }

    pub(crate) fn invoice_not_found() -> Self {
        Self::new(404, "INVOICE_NOT_FOUND_ERROR", "Could not find the invoice.")
    }

    /// Xendit answers so when an invoice to expire is not pending any more.
    pub(crate) fn not_pending() -> Self {
        Self::new(404, "INVOICE_NOT_FOUND_ERROR", "Could not find and update PENDING invoice.")
    }

    pub(crate) fn no_route() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource was not found.")
    }

    /// Words of Xendit's payouts; invoices have no such key.
    pub(crate) fn reused_key() -> Self {
        let message = "The idempotency key was used before with another request body.";
        Self::new(400, "DUPLICATE_ERROR", message)
    }

    pub(crate) fn invalid_sub_account() -> Self {
        let message = "\"for-user-id\" must be the business id of a sub-account";
        Self::validation(vec![json!({ "path": "for-user-id", "message": message })])
    }

    pub(crate) fn body_too_large() -> Self {
        Self::new(413, "PAYLOAD_TOO_LARGE", "The request body exceeds 1 MiB.")
    }

    /// The refusal that usually comes with a status, for scripted answers that name no body.
    pub(crate) fn usual_for(status: u16) -> Self {
        match status {
            401 => Self::invalid_key("API key format is invalid"),
            403 => Self::new(
                403,
                "REQUEST_FORBIDDEN_ERROR",
                "The API key is forbidden to perform this request",
            ),
            404 => Self::invoice_not_found(),
            429 => Self::limited(),
            500.. => Self::new(status, "SERVER_ERROR", "An unexpected error occurred."),
            _ => Self::new(status, "API_VALIDATION_ERROR", "The request was refused."),
        }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "error_code": self.error_code, "message": self.message });
        if !self.errors.is_empty()
            && let Some(fields) = body.as_object_mut()
        {
            fields.insert("errors".to_owned(), Value::Array(self.errors.clone()));
        }
        body
    }
}
