//! Every answer that is not Xendit's: its status, its code, and what its caller should do.

use antre_core::InvalidJob;
use axum::http::StatusCode;

/// Why a caller gets nothing of Xendit's. As a text: what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// No key in the header.
    #[error("API key format is invalid")]
    UnreadableKey,
    /// A key that nobody has.
    #[error("API key is not authorized for this API")]
    UnknownKey,
    /// A key that is known, for somebody else's account.
    #[error(
        "for-user-id names no account of this Antre together with this key; nothing was billed"
    )]
    OtherUser,
    /// Another route.
    #[error("the gateway serves invoices only; call Xendit for the rest")]
    NotServedHere,
    /// Another method than the route's.
    #[error("this route takes another method")]
    WrongMethod { allow: &'static str },
    /// A query that is not passed on.
    #[error("the query is longer than 8 KiB")]
    QueryTooLong,
    /// A header that decides who gets the money, and that is not passed on.
    #[error(
        "the header {name} decides whose money it is, and the gateway does not pass it on; send \
        this request to Xendit"
    )]
    UnsupportedHeader { name: &'static str },
    /// A header whose value means nothing.
    #[error("the header {name} {rule}")]
    InvalidHeader { name: &'static str, rule: String },
    /// The same idempotency key came with another body.
    #[error("this idempotency key came with another body before; use a new key for a new bill")]
    KeyReused,
    /// The body is too large.
    #[error("the body is larger than 250 KiB")]
    BodyTooLarge,
    /// The body did not come in time.
    #[error("the body did not come within 15 s; nothing was done")]
    BodyTooSlow,
    /// The body did not come whole.
    #[error("the body did not come whole; nothing was done")]
    BodyCut,
    /// Form fields.
    #[error("form fields are not taken; send JSON")]
    Form,
    /// No JSON object.
    #[error("the body is no JSON object; send the body of Xendit's create-invoice call")]
    NotJson,
    /// What is wrong with the invoice.
    #[error("{0}")]
    Invalid(InvalidJob),
    /// What a worker said is wrong with the job.
    #[error("{message}")]
    InvalidToWorker { message: String },
    /// Too many wait.
    #[error("too many requests wait here; nothing was done, repeat it")]
    Busy,
    /// The process ends.
    #[error("the gateway is stopping; the bill goes on if it was taken in, repeat the request")]
    ShuttingDown,
    /// Redis cannot be asked.
    #[error("Antre's Redis cannot be reached; the bill may have been accepted, repeat the request")]
    Unavailable,
    /// Redis has lost the job.
    #[error("Antre's Redis has lost this job; repeat the request")]
    Lost,
    /// No worker ever served the account.
    #[error("no worker has ever served the account {account}: start antre worker")]
    NotServed { account: String },
    /// It has not ended.
    #[error(
        "the bill is in the queue and has no invoice yet; repeat the request, it will not be \
        billed twice"
    )]
    StillQueued { reason: String, estimated_wait_s: Option<u64> },
    /// Another amount, currency or payer.
    #[error("{message}")]
    Conflict { message: String },
    /// The customer paid another amount.
    #[error("{message}")]
    PaidOtherAmount { message: String },
    /// The bill was paid long ago.
    #[error(
        "this external_id names a bill that was paid more than a day ago with invoice \
        {invoice_id}; nothing new is billed: give a new bill an external_id of its own"
    )]
    AlreadyPaid { invoice_id: String },
    /// A person called it off.
    #[error("the job was cancelled; nothing is billed")]
    Cancelled,
    /// Its requests failed.
    #[error("{code}: {message}")]
    GaveUp { code: String, message: String },
    /// It could not be tried.
    #[error("{code}: {message}")]
    NotTried { code: String, message: String },
    /// A person must look.
    #[error("{code}: {message}")]
    Failed { code: String, message: String },
    /// Xendit refused it, without a body that can be passed on.
    #[error("{message}")]
    Refused { status: StatusCode, code: String, message: String },
    /// Xendit's answer is no JSON.
    #[error("Xendit answered with status {status} and a text that is no JSON")]
    BadGateway { status: u16 },
    /// The breaker is open.
    #[error("Xendit does not answer at the moment; repeat the request")]
    XenditDown,
}

/// What an answer says beside its message.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    pub(crate) status: StatusCode,
    pub(crate) code: &'a str,
    /// In metrics and logs.
    pub(crate) outcome: &'static str,
    /// Whether the same request may succeed later.
    pub(crate) is_retryable: bool,
    pub(crate) retry_after_s: Option<u64>,
}

const fn for_good<'a>(status: StatusCode, code: &'a str, outcome: &'static str) -> Facts<'a> {
    Facts { status, code, outcome, is_retryable: false, retry_after_s: None }
}

const fn passing<'a>(
    status: StatusCode,
    code: &'a str,
    outcome: &'static str,
    retry_after_s: u64,
) -> Facts<'a> {
    Facts { status, code, outcome, is_retryable: true, retry_after_s: Some(retry_after_s) }
}

impl Trouble {
    /// Returns what goes with it: one row for each.
    pub(crate) fn facts(&self) -> Facts<'_> {
        use StatusCode as S;
        match self {
            Self::UnreadableKey | Self::UnknownKey => {
                for_good(S::UNAUTHORIZED, "INVALID_API_KEY", "unauthorized")
            }
            Self::NotServedHere => {
                for_good(S::NOT_FOUND, "ANTRE_NOT_SERVED_HERE", "not_served_here")
            }
            Self::WrongMethod { .. } => {
                for_good(S::METHOD_NOT_ALLOWED, "ANTRE_METHOD_NOT_ALLOWED", "not_served_here")
            }
            Self::QueryTooLong => for_good(S::URI_TOO_LONG, "ANTRE_QUERY_TOO_LONG", "invalid"),
            Self::UnsupportedHeader { .. } | Self::OtherUser => {
                for_good(S::BAD_REQUEST, "ANTRE_UNSUPPORTED_HEADER", "invalid")
            }
            Self::InvalidHeader { .. } => {
                for_good(S::BAD_REQUEST, "ANTRE_INVALID_HEADER", "invalid")
            }
            Self::KeyReused => for_good(S::UNPROCESSABLE_ENTITY, "ANTRE_KEY_REUSED", "key_reused"),
            Self::BodyTooLarge => for_good(S::PAYLOAD_TOO_LARGE, "ANTRE_BODY_TOO_LARGE", "invalid"),
            Self::BodyTooSlow => passing(S::REQUEST_TIMEOUT, "ANTRE_BODY_TOO_SLOW", "invalid", 1),
            Self::BodyCut => passing(S::BAD_REQUEST, "ANTRE_BODY_CUT", "invalid", 1),
            Self::Form => for_good(S::UNSUPPORTED_MEDIA_TYPE, "ANTRE_SEND_JSON", "invalid"),
            Self::NotJson | Self::Invalid(_) | Self::InvalidToWorker { .. } => {
                for_good(S::BAD_REQUEST, "API_VALIDATION_ERROR", "invalid")
            }
            Self::Busy => passing(S::SERVICE_UNAVAILABLE, "ANTRE_BUSY", "busy", 1),
            Self::ShuttingDown => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_SHUTTING_DOWN", "shutting_down", 1)
            }
            Self::Unavailable | Self::Lost => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_UNAVAILABLE", "unavailable", 2)
            }
            Self::NotServed { .. } => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_NOT_SERVED", "not_served", 30)
            }
            Self::StillQueued { .. } => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_STILL_QUEUED", "still_queued", 2)
            }
            Self::Conflict { .. } => for_good(S::CONFLICT, "ANTRE_CONFLICT", "conflict"),
            Self::PaidOtherAmount { .. } => {
                for_good(S::CONFLICT, "ANTRE_PAID_OTHER_AMOUNT", "paid_other_amount")
            }
            Self::AlreadyPaid { .. } => for_good(S::CONFLICT, "ANTRE_ALREADY_PAID", "already_paid"),
            Self::Cancelled => for_good(S::CONFLICT, "ANTRE_CANCELLED", "cancelled"),
            Self::GaveUp { .. } => passing(S::BAD_GATEWAY, "ANTRE_GAVE_UP", "gave_up", 60),
            Self::NotTried { .. } => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_GAVE_UP", "gave_up", 60)
            }
            Self::Failed { .. } => for_good(S::INTERNAL_SERVER_ERROR, "ANTRE_FAILED", "failed"),
            Self::Refused { status, code, .. } => for_good(*status, code, "refused"),
            Self::BadGateway { .. } => {
                passing(S::BAD_GATEWAY, "ANTRE_BAD_GATEWAY", "bad_gateway", 2)
            }
            Self::XenditDown => {
                passing(S::SERVICE_UNAVAILABLE, "ANTRE_XENDIT_DOWN", "xendit_down", 5)
            }
        }
    }

    /// Returns whether nothing more is read from this connection.
    pub(crate) const fn ends_connection(&self) -> bool {
        matches!(self, Self::BodyTooLarge | Self::BodyTooSlow | Self::BodyCut | Self::ShuttingDown)
    }
}
