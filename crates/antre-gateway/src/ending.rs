//! The end of a job as its caller gets it: one total function.
//!
//! What is Xendit's is passed on as it was: the invoice of a done job, the refusal of a dead one.

use std::time::Duration;

use antre_core::{EndState, JobError, JobResult};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::{Answer, Trouble};

/// A caller that repeats every error gets the same refusal again for this long, and it costs no request.
const REFUSAL_REPLAYED: Duration = Duration::from_mins(2);
/// The same for an end that its caller was told to try again after this time.
const GIVING_UP_REPLAYED: Duration = Duration::from_mins(1);
/// An invoice that was paid earlier was meant for another month's bill.
const PAID_LATELY_MS: u64 = 24 * 3600 * 1000;

/// What a caller gets for an end.
#[derive(Debug)]
pub(crate) enum End {
    /// This.
    Answer(Answer),
    /// The invoice, which is not kept here.
    Invoice {
        /// Its id, if the job's end told one.
        id: Option<String>,
    },
}

/// Returns the answer to a create whose job ended so. `response` is in the result, also of a duplicate. `now_ms` is
/// Redis' clock, if it answers.
pub(crate) fn of(result: &JobResult, now_ms: Option<u64>) -> End {
    let answer = match (result.state, &result.error) {
        (EndState::Done, _) => match &result.response {
            Some(text) => of_invoice(text.get(), now_ms),
            None => return End::Invoice { id: result.invoice_id.clone() },
        },
        (EndState::Cancelled, _) => Trouble::Cancelled.into(),
        (EndState::Dead, Some(error)) => of_failure(error, result.response.as_deref()),
        (EndState::Dead, None) => {
            Trouble::Failed { code: "dead".to_owned(), message: "no reason is known".to_owned() }
                .into()
        }
    };
    End::Answer(answer)
}

/// Returns for how long a job's refusal is told again to whoever sends the same body.
pub(crate) fn replayed_for(result: &JobResult) -> Duration {
    let is_passing = result.error.as_ref().is_some_and(|error| {
        let status = of_failure(error, None).status();
        matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE)
    });
    if is_passing { GIVING_UP_REPLAYED } else { REFUSAL_REPLAYED }
}

/// Of an invoice, what tells whether a new bill was meant.
#[derive(Debug, Deserialize)]
struct Payment {
    #[serde(default)]
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    paid_at: Option<String>,
}

/// Returns the invoice, unless it was paid long ago: then somebody would think that a new bill was made.
fn of_invoice(text: &str, now_ms: Option<u64>) -> Answer {
    if let Ok(Payment { id, status, paid_at }) = serde_json::from_str(text)
        && matches!(status.as_str(), "PAID" | "SETTLED")
    {
        // Perhaps it was paid last month, and who takes this for a new bill is not told.
        let Some(now_ms) = now_ms else { return Trouble::Unavailable.into() };
        let paid_ms = paid_at.as_deref().and_then(antre_core::value::unix_ms);
        let paid_ms = paid_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default();
        if now_ms.saturating_sub(paid_ms) >= PAID_LATELY_MS {
            return Trouble::AlreadyPaid { invoice_id: id }.into();
        }
    }
    Answer::xendits(StatusCode::OK, text)
}

fn of_failure(error: &JobError, response: Option<&RawValue>) -> Answer {
    let JobError { code, message, status } = error;
    let (code, message) = (code.clone(), message.clone());
    match code.as_str() {
        "invalid" => Trouble::InvalidToWorker { message }.into(),
        "conflict" => Trouble::Conflict { message }.into(),
        "paid_other_amount" => Trouble::PaidOtherAmount { message }.into(),
        "too_many_duplicates" => {
            Trouble::StillQueued { reason: message, estimated_wait_s: None }.into()
        }
        "expired_before_delivery" | "limited" | "crash_loop" | "lookup_refused" => {
            Trouble::NotTried { code, message }.into()
        }
        "too_many_invoices" | "damaged" | "damaged_bill" => {
            Trouble::Failed { code, message }.into()
        }
        "http_403" | "REQUEST_FORBIDDEN_ERROR" => {
            refusal(StatusCode::FORBIDDEN, code, message, response)
        }
        _ if is_xendits(&code) => match status.and_then(refused_with) {
            Some(status) => refusal(status, code, message, response),
            None => Trouble::GaveUp { code, message }.into(),
        },
        _ => Trouble::GaveUp { code, message }.into(),
    }
}

/// Xendit's codes are in capitals, ours are not.
fn is_xendits(code: &str) -> bool {
    let is_of_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    code.bytes().all(is_of_code) && code.starts_with(|first: char| first.is_ascii_uppercase())
}

/// A caller takes a 429 for the account's limit, and other statuses than these are no refusals.
fn refused_with(status: u16) -> Option<StatusCode> {
    let status = StatusCode::from_u16(status).ok()?;
    (status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS).then_some(status)
}

fn refusal(
    status: StatusCode,
    code: String,
    message: String,
    response: Option<&RawValue>,
) -> Answer {
    match response.map(RawValue::get).filter(|text| text.starts_with('{')) {
        Some(text) => Answer::xendits(status, text),
        None => Trouble::Refused { status, code, message }.into(),
    }
}

#[cfg(test)]
mod tests;
