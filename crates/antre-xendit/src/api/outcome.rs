//! The outcome of one request to Xendit, as a value. Every later decision uses it.
//!
//! The classifiers are total: every transport failure, status, header and body has its class, and
//! nobody parses a message. The question behind all classes is whether the request may have had, or
//! may still have, an effect. Nothing here retries, waits or counts.

use std::borrow::Cow;
use std::fmt;

use crate::api::identity::Mismatch;
use crate::api::invoice_view::InvoiceView;
use antre_core::job_outcome::Limited;

/// The code of an answer that is about something else than what was asked.
pub const ANSWER_MISMATCH: &str = "answer_mismatch";

/// What became of a create.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per request and it is soon taken apart"
)]
pub enum CreateOutcome {
    /// Xendit made this invoice.
    Created(InvoiceView),
    /// Xendit refused the job for good; nothing should have been made.
    Rejected(Refusal),
    /// The rate limit was reached; nothing should have been made.
    Limited(Limited),
    /// Xendit refused the key (401 or 403); nothing should have been made.
    KeyRefused(Refusal),
    /// Not one byte of the request was written; nothing was made.
    NotSent(NotSent),
    /// An invoice may have been made.
    Ambiguous {
        /// Why that is not known.
        cause: AmbiguousCause,
        /// Whether an answer came, so that no effect can come later; else the request itself may
        /// still arrive.
        answered: bool,
        /// The body of the answer that leaves it open, like a refusal's; nothing if it was no JSON object.
        body: Option<Box<str>>,
    },
}

/// What became of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum LookUpOutcome {
    /// Xendit answered with a list that was read to its end.
    Found {
        /// The invoices with the `external_id` that was asked for.
        invoices: Vec<InvoiceView>,
        /// Whether the list holds them all; false when it is as long as one answer can be.
        complete: bool,
    },
    /// The rate limit was reached.
    Limited(Limited),
    /// Xendit refused the key (401 or 403).
    KeyRefused(Refusal),
    /// Not one byte of the request was written.
    NotSent(NotSent),
    /// No list came; nothing is known.
    Failed(Failure),
}

/// What became of an expire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per request and it is soon taken apart"
)]
pub enum ExpireOutcome {
    /// The invoice can no longer be paid.
    Expired(InvoiceView),
    /// There was no `PENDING` invoice of this id: it has been paid, has expired or does not exist.
    NotPending {
        /// Xendit's explanation.
        message: String,
    },
    /// The rate limit was reached.
    Limited(Limited),
    /// Xendit refused the key (401 or 403).
    KeyRefused(Refusal),
    /// Not one byte of the request was written.
    NotSent(NotSent),
    /// Whether the invoice can still be paid is not known.
    Failed(Failure),
}

/// What became of asking for the newest invoice, whichever bill it is of: it tells whose key this is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum NewestOutcome {
    /// The account has an invoice.
    Invoice {
        /// The id of the Xendit account, if the invoice names it.
        user_id: Option<String>,
    },
    /// The account has no invoice.
    Empty,
    /// The rate limit was reached.
    Limited(Limited),
    /// Xendit does not know the key (401).
    KeyRefused(Refusal),
    /// The key may not list invoices (403).
    Forbidden(Refusal),
    /// Not one byte of the request was written.
    NotSent(NotSent),
    /// No list came; nothing is known.
    Failed(Failure),
}

/// Xendit's refusal in its own words.
///
/// `Debug` leaves out the texts, which may repeat personal data from the request.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Xendit's `error_code`, at most 100 bytes; `http_<status>` if there was none.
    pub code: String,
    /// Xendit's message, at most 1,000 bytes; empty if there was none.
    pub message: String,
    /// The body as Xendit wrote it, JSON text of at most 64 KiB; of a larger one an object of `error_code`,
    /// `message` and `errors`, cut. Nothing if it was no JSON object.
    pub body: Option<Box<str>>,
}

/// Why a look-up or an expire gave no answer to the question.
///
/// `Debug` leaves out the message, which may repeat personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// A stable word, for example `timeout`, `http_500`, `unreadable_answer`, or Xendit's `error_code`.
    pub code: String,
    /// An explanation for people, possibly empty.
    pub message: String,
}

/// Proof that a request had and will have no effect: none of it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}: {detail}")]
pub struct NotSent {
    /// What prevented it.
    pub cause: NotSentCause,
    /// What the system said, possibly empty.
    pub detail: String,
}

/// What prevented a request from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSentCause {
    /// The host's name could not be resolved.
    Dns,
    /// Nothing listens at the address.
    ConnectionRefused,
    /// The connection, with its encryption, was not there in time.
    ConnectTimeout,
    /// The network failed otherwise, for example without a route.
    Unreachable,
    /// Encryption could not be agreed on, or the certificate is not trusted.
    Tls,
    /// The connection had been closed before anything was written.
    ConnectionClosed,
    /// The request cannot be put into HTTP, for example because its address would exceed 64 KiB.
    InvalidRequest,
}

impl NotSentCause {
    /// Returns the stable word for logs and `error_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::ConnectionClosed => "connection_closed",
            Self::InvalidRequest => "invalid_request",
        }
    }
}

impl fmt::Display for NotSentCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// Why it is not known whether a create had an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AmbiguousCause {
    /// Written, at least in part, but no answer came in time.
    Timeout,
    /// Written, at least in part, and then the connection broke.
    ConnectionLost,
    /// What came back is not HTTP.
    NotHttp,
    /// The server says that it did not get the request in time (408).
    RequestTimeout,
    /// The server says that something else is in the way (409).
    Conflict,
    /// A redirect, which is never followed.
    Redirect(u16),
    /// The server failed (500 and above).
    ServerError(u16),
    /// A client error without Xendit's `error_code`: who knows which machine on the way said it.
    BareClientError(u16),
    /// A status that answers no request (below 200).
    UnexpectedStatus(u16),
    /// A success whose body does not name an invoice that can be delivered.
    UnreadableSuccess(Unreadable),
    /// A success whose body names an invoice that this create did not ask for.
    Mismatch(Mismatch),
}

/// What is wrong with the body of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unreadable {
    /// It ended early.
    Truncated,
    /// It is longer than what is read of an answer.
    TooLong,
    /// It is not the JSON that was asked for.
    NotJson,
    /// It has an invoice without an `id`.
    WithoutId,
    /// A created invoice has no `invoice_url`, and has not been paid.
    WithoutLink,
    /// A created invoice has expired already.
    Expired,
}

impl AmbiguousCause {
    /// Returns the stable word for logs and `error_code`, for example `timeout` or `http_502`.
    pub fn code(self) -> Cow<'static, str> {
        match self {
            Self::Timeout => "timeout".into(),
            Self::ConnectionLost => "connection_lost".into(),
            Self::NotHttp => "not_http".into(),
            Self::UnreadableSuccess(_) => "unreadable_answer".into(),
            Self::Mismatch(_) => ANSWER_MISMATCH.into(),
            Self::RequestTimeout => "http_408".into(),
            Self::Conflict => "http_409".into(),
            Self::Redirect(status)
            | Self::ServerError(status)
            | Self::BareClientError(status)
            | Self::UnexpectedStatus(status) => format!("http_{status}").into(),
        }
    }

    /// Returns the HTTP status, if it is the status that leaves the question open.
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::RequestTimeout => Some(408),
            Self::Conflict => Some(409),
            Self::Redirect(status)
            | Self::ServerError(status)
            | Self::BareClientError(status)
            | Self::UnexpectedStatus(status) => Some(status),
            Self::Timeout
            | Self::ConnectionLost
            | Self::NotHttp
            | Self::UnreadableSuccess(_)
            | Self::Mismatch(_) => None,
        }
    }
}

impl AmbiguousCause {
    /// Returns an explanation for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Timeout => "no answer within the request time-out",
            Self::ConnectionLost => "the connection broke before an answer came",
            Self::NotHttp => "what came back is not HTTP",
            Self::RequestTimeout => "the server did not get the whole request in time",
            Self::Conflict => "the server says that something else is in the way",
            Self::Redirect(_) => "the server redirects; check the base URL",
            Self::ServerError(_) => "the server failed",
            Self::BareClientError(_) => {
                "refused without an error code of Xendit's; check the base URL and proxies"
            }
            Self::UnexpectedStatus(_) => "the status answers no request",
            Self::UnreadableSuccess(why) => why.text(),
            Self::Mismatch(field) => field.text(),
        }
    }
}

impl Unreadable {
    /// Returns an explanation for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Truncated => "the answer ended early",
            Self::TooLong => "the answer is longer than 1 MiB, or a list longer than 16 MiB",
            Self::NotJson => "the answer is not the JSON that was asked for",
            Self::WithoutId => "the answer has an invoice without an id",
            Self::WithoutLink => "the answer has an invoice without a payment link",
            Self::Expired => "the answer has an invoice that has expired already",
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Refusal");
        fields.field("status", &self.status).field("code", &self.code).finish_non_exhaustive()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Failure").field("code", &self.code).finish_non_exhaustive()
    }
}
