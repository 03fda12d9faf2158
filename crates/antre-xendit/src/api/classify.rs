//! From the events on the wire to an outcome: one total function per kind of request.

mod reads;

pub use reads::classify_read;

use super::error_body::ErrorBody;
use super::outcome::{
    ANSWER_MISMATCH, AmbiguousCause, CreateOutcome, ExpireOutcome, Failure, LookUpOutcome,
    NewestOutcome, NotSent, Refusal, Unreadable,
};
use super::rate_headers::AnswerHeaders;
use crate::api::invoice_view::{
    InvoiceStatus, InvoiceView, ViewError, parse_first_invoice, parse_invoice, parse_invoice_list,
};
use antre_core::job_outcome::Limited;

/// How many invoices one look-up asks for, which is the most that Xendit gives.
pub const LOOK_UP_LIMIT: usize = 100;

/// What happened on the wire.
#[derive(Clone, Debug)]
pub enum Exchange<'a> {
    /// Not one byte of the request was written.
    NotSent(NotSent),
    /// Something of the request was written and no answer came in time.
    TimedOut,
    /// Something of the request was written, then the connection broke before an answer.
    Lost,
    /// Something of the request was written and what came back is not HTTP.
    NotHttp,
    /// An answer came.
    Answered(Answered<'a>),
}

/// An answer as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter.
    pub headers: AnswerHeaders<'a>,
    /// The body, as far as it came.
    pub body: Body<'a>,
    /// The reader's clock in Unix milliseconds, for dates in an answer without a `Date`.
    pub now_ms: Option<i64>,
}

/// The body of an answer.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Read to its end.
    Whole(&'a [u8]),
    /// It broke off, or its end did not come in time.
    Truncated,
    /// Longer than what is read: 1 MiB, of a list 16 MiB.
    TooLong,
}

/// Returns what became of a create, as far as that can be told without the bill; see
/// [`CreateOutcome::confirmed_by`].
pub fn classify_create(exchange: Exchange<'_>) -> CreateOutcome {
    let ambiguous = |cause, answered| CreateOutcome::Ambiguous { cause, answered, body: None };
    match reading(exchange) {
        Reading::NotSent(not_sent) => CreateOutcome::NotSent(not_sent),
        Reading::Limited(limited) => CreateOutcome::Limited(limited),
        Reading::KeyRefused(refusal) => CreateOutcome::KeyRefused(refusal),
        Reading::Unanswered(cause) => ambiguous(cause, false),
        Reading::Unclear(cause, error) => {
            CreateOutcome::Ambiguous { cause, answered: true, body: error.body }
        }
        Reading::Refused(refusal) => CreateOutcome::Rejected(refusal),
        Reading::Success(_, body) => match read(body, parse_invoice).and_then(deliverable) {
            Ok(invoice) => CreateOutcome::Created(invoice),
            Err(fault) => ambiguous(AmbiguousCause::UnreadableSuccess(fault), true),
        },
    }
}

/// Returns the invoice unless nobody could pay by it.
fn deliverable(invoice: InvoiceView) -> Result<InvoiceView, Unreadable> {
    if invoice.status == InvoiceStatus::Expired {
        return Err(Unreadable::Expired);
    }
    if invoice.invoice_url.is_none() && !invoice.status.is_paid() {
        return Err(Unreadable::WithoutLink);
    }
    Ok(invoice)
}

/// Returns what became of a look-up; only a 200 with a list counts as an answer to it. Whether it is a list
/// of the bill tells [`LookUpOutcome::confirmed_by`].
pub fn classify_look_up(exchange: Exchange<'_>) -> LookUpOutcome {
    match reading(exchange) {
        Reading::NotSent(not_sent) => LookUpOutcome::NotSent(not_sent),
        Reading::Limited(limited) => LookUpOutcome::Limited(limited),
        Reading::KeyRefused(refusal) => LookUpOutcome::KeyRefused(refusal),
        Reading::Unanswered(cause) => LookUpOutcome::Failed(Failure::of(cause, None)),
        Reading::Unclear(cause, error) => LookUpOutcome::Failed(Failure::of(cause, error.message)),
        Reading::Refused(refusal) => LookUpOutcome::Failed(refusal.into()),
        Reading::Success(200, body) => match read(body, parse_invoice_list) {
            Ok(invoices) => {
                let complete = invoices.len() < LOOK_UP_LIMIT;
                LookUpOutcome::Found { invoices, complete }
            }
            Err(fault) => LookUpOutcome::Failed(fault.into()),
        },
        Reading::Success(status, _) => LookUpOutcome::Failed(Failure::no_list(status)),
    }
}

/// Returns what became of asking for the newest invoice; only a 200 with a list counts as an answer to it.
pub fn classify_newest(exchange: Exchange<'_>) -> NewestOutcome {
    match reading(exchange) {
        Reading::NotSent(not_sent) => NewestOutcome::NotSent(not_sent),
        Reading::Limited(limited) => NewestOutcome::Limited(limited),
        Reading::KeyRefused(refusal) if refusal.status == 403 => NewestOutcome::Forbidden(refusal),
        Reading::KeyRefused(refusal) => NewestOutcome::KeyRefused(refusal),
        Reading::Unanswered(cause) => NewestOutcome::Failed(Failure::of(cause, None)),
        Reading::Unclear(cause, error) => NewestOutcome::Failed(Failure::of(cause, error.message)),
        Reading::Refused(refusal) => NewestOutcome::Failed(refusal.into()),
        Reading::Success(200, body) => match read(body, parse_first_invoice) {
            Ok(Some(invoice)) => NewestOutcome::Invoice { user_id: invoice.user_id },
            Ok(None) => NewestOutcome::Empty,
            Err(fault) => NewestOutcome::Failed(fault.into()),
        },
        Reading::Success(status, _) => NewestOutcome::Failed(Failure::no_list(status)),
    }
}

/// Returns what became of an expire of this invoice; an answer about another one is none.
pub fn classify_expire(exchange: Exchange<'_>, invoice_id: &str) -> ExpireOutcome {
    match reading(exchange) {
        Reading::NotSent(not_sent) => ExpireOutcome::NotSent(not_sent),
        Reading::Limited(limited) => ExpireOutcome::Limited(limited),
        Reading::KeyRefused(refusal) => ExpireOutcome::KeyRefused(refusal),
        Reading::Unanswered(cause) => ExpireOutcome::Failed(Failure::of(cause, None)),
        Reading::Unclear(cause, error) => ExpireOutcome::Failed(Failure::of(cause, error.message)),
        Reading::Refused(refusal) if matches!(refusal.status, 400 | 404) => {
            ExpireOutcome::NotPending { message: refusal.message }
        }
        Reading::Refused(refusal) => ExpireOutcome::Failed(refusal.into()),
        Reading::Success(_, body) => match read(body, parse_invoice) {
            Ok(invoice) if invoice.id != invoice_id => ExpireOutcome::Failed(Failure {
                code: ANSWER_MISMATCH.to_owned(),
                message: "the answer is about another invoice than the one to expire".to_owned(),
            }),
            Ok(invoice) if invoice.status == InvoiceStatus::Expired => {
                ExpireOutcome::Expired(invoice)
            }
            Ok(invoice) if invoice.status.is_paid() => {
                ExpireOutcome::NotPending { message: "the invoice has been paid".to_owned() }
            }
            Ok(_) => ExpireOutcome::Failed(Failure {
                code: "not_expired".to_owned(),
                message: "the answer does not say that the invoice has expired".to_owned(),
            }),
            Err(fault) => ExpireOutcome::Failed(fault.into()),
        },
    }
}

/// What every kind of request has in common, before a success is read.
enum Reading<'a> {
    NotSent(NotSent),
    Limited(Limited),
    KeyRefused(Refusal),
    /// A 4xx with `error_code`.
    Refused(Refusal),
    /// No answer.
    Unanswered(AmbiguousCause),
    /// An answer that leaves open whether there was an effect.
    Unclear(AmbiguousCause, ErrorBody),
    /// A 2xx.
    Success(u16, Body<'a>),
}

fn reading(exchange: Exchange<'_>) -> Reading<'_> {
    match exchange {
        Exchange::NotSent(not_sent) => Reading::NotSent(not_sent),
        Exchange::TimedOut => Reading::Unanswered(AmbiguousCause::Timeout),
        Exchange::Lost => Reading::Unanswered(AmbiguousCause::ConnectionLost),
        Exchange::NotHttp => Reading::Unanswered(AmbiguousCause::NotHttp),
        Exchange::Answered(answered) => read_answer(answered),
    }
}

fn read_answer(answered: Answered<'_>) -> Reading<'_> {
    let status = answered.status;
    if let 200..=299 = status {
        return Reading::Success(status, answered.body);
    }
    let error = match answered.body {
        Body::Whole(body) => ErrorBody::parse(body),
        Body::Truncated | Body::TooLong => ErrorBody::default(),
    };
    match (status, error.code.is_some()) {
        (429, _) => Reading::Limited(answered.headers.limited(answered.now_ms)),
        (401 | 403, _) => Reading::KeyRefused(Refusal::of(status, error)),
        (408, _) => Reading::Unclear(AmbiguousCause::RequestTimeout, error),
        (409, _) => Reading::Unclear(AmbiguousCause::Conflict, error),
        (400..=499, true) => Reading::Refused(Refusal::of(status, error)),
        (400..=499, false) => Reading::Unclear(AmbiguousCause::BareClientError(status), error),
        (300..=399, _) => Reading::Unclear(AmbiguousCause::Redirect(status), error),
        (500.., _) => Reading::Unclear(AmbiguousCause::ServerError(status), error),
        (0..=299, _) => Reading::Unclear(AmbiguousCause::UnexpectedStatus(status), error),
    }
}

fn read<T>(
    body: Body<'_>,
    parse: impl FnOnce(&[u8]) -> Result<T, ViewError>,
) -> Result<T, Unreadable> {
    match body {
        Body::Whole(body) => parse(body).map_err(|error| match error {
            ViewError::NotJson => Unreadable::NotJson,
            ViewError::WithoutId => Unreadable::WithoutId,
        }),
        Body::Truncated => Err(Unreadable::Truncated),
        Body::TooLong => Err(Unreadable::TooLong),
    }
}

impl Refusal {
    fn of(status: u16, error: ErrorBody) -> Self {
        Self {
            status,
            code: error.code.unwrap_or_else(|| format!("http_{status}")),
            message: error.message.unwrap_or_default(),
            body: error.body,
        }
    }
}

impl Failure {
    fn of(cause: AmbiguousCause, message: Option<String>) -> Self {
        Self { code: cause.code().into_owned(), message: message.unwrap_or_default() }
    }

    /// A success that carries no list.
    fn no_list(status: u16) -> Self {
        Self { code: format!("http_{status}"), message: "a list was expected".to_owned() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, message: refusal.message }
    }
}

impl From<Unreadable> for Failure {
    fn from(fault: Unreadable) -> Self {
        Self { code: "unreadable_answer".to_owned(), message: fault.text().to_owned() }
    }
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(body) => write!(formatter, "Whole({} bytes)", body.len()),
            Self::Truncated => formatter.write_str("Truncated"),
            Self::TooLong => formatter.write_str("TooLong"),
        }
    }
}

#[cfg(test)]
mod tests;
