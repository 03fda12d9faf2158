//! The reply of a call, and how it is read from the wire.

use std::time::{SystemTime, UNIX_EPOCH};

use antre_core::Quota;
use antre_core::job_outcome::ReadOutcome;
use antre_core::read::ReadAnswer;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::api::outcome::{
    CreateOutcome, ExpireOutcome, LookUpOutcome, NewestOutcome, NotSent, NotSentCause,
};
use crate::api::{
    AnswerHeaders, Answered, Body, Exchange, classify_create, classify_expire, classify_look_up,
    classify_newest, classify_read,
};
use crate::wire::request::Call;

/// The longest id of a request that is kept.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// The headers that a program gets of the answer to its read.
const PASSED_ON: [&str; 6] = [
    "content-type",
    "rate-limit-limit",
    "rate-limit-remaining",
    "rate-limit-reset",
    "retry-after",
    "request-id",
];

/// What became of one call.
#[derive(Clone, Debug)]
pub struct Reply {
    /// When the first byte of the request was written; nothing if none was.
    pub written_at: Option<Instant>,
    /// The HTTP status, if an answer came.
    pub status: Option<StatusCode>,
    /// Xendit's id of the request, for its support.
    pub request_id: Option<String>,
    /// What the answer says about the rate limit.
    pub quota: Quota,
    /// What became of the request.
    pub answer: Answer,
}

/// What became of the request, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Call::Create`].
    Create(CreateOutcome),
    /// To [`Call::LookUp`].
    LookUp(LookUpOutcome),
    /// To [`Call::Newest`].
    Newest(NewestOutcome),
    /// To [`Call::Expire`].
    Expire(ExpireOutcome),
    /// To [`Call::Read`].
    Read(Box<ReadOutcome>),
    /// To any call: the send deadline had passed, so not one byte was written.
    TooLate,
}

/// What was heard after a request was handed over.
pub(crate) enum Heard {
    /// Nothing within the time-out.
    NothingInTime,
    /// The end of the connection.
    End,
    /// Something other than HTTP.
    Nonsense,
    /// An answer.
    Answer { head: Parts, body: HeardBody },
}

/// How much of an answer's body was heard.
pub(crate) enum HeardBody {
    Whole(Vec<u8>),
    Truncated,
    TooLong,
}

impl Heard {
    /// Tells whether an answer was read to its end, so that the connection can carry another.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self, Self::Answer { body: HeardBody::Whole(_), .. })
    }

    fn head(&self) -> Option<&Parts> {
        match self {
            Self::Answer { head, .. } => Some(head),
            Self::NothingInTime | Self::End | Self::Nonsense => None,
        }
    }

    /// Returns an answer that was read to its end as a program gets it.
    fn passed_on(&self) -> Option<ReadAnswer> {
        let Self::Answer { head, body: HeardBody::Whole(body) } = self else { return None };
        let header =
            |name: &&str| Some(((*name).to_owned(), text(&head.headers, name)?.to_owned()));
        Some(ReadAnswer {
            status: head.status.as_u16(),
            headers: PASSED_ON.iter().filter_map(header).collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        })
    }

    fn exchange(&self) -> Exchange<'_> {
        match self {
            Self::NothingInTime => Exchange::TimedOut,
            Self::End => Exchange::Lost,
            Self::Nonsense => Exchange::NotHttp,
            Self::Answer { head, body } => Exchange::Answered(Answered {
                status: head.status.as_u16(),
                headers: rate_headers(&head.headers),
                body: match body {
                    HeardBody::Whole(bytes) => Body::Whole(bytes),
                    HeardBody::Truncated => Body::Truncated,
                    HeardBody::TooLong => Body::TooLong,
                },
                now_ms: unix_ms(),
            }),
        }
    }
}

impl Reply {
    /// The deadline had passed.
    pub(crate) fn too_late() -> Self {
        Self::silent(Answer::TooLate)
    }

    /// Nothing was written.
    pub(crate) fn not_sent(call: &Call, cause: NotSentCause) -> Self {
        let not_sent = NotSent { cause, detail: String::new() };
        Self::silent(Answer::of(call, Exchange::NotSent(not_sent), None))
    }

    /// Something was written, and this was heard.
    pub(crate) fn read(call: &Call, written_at: Instant, heard: &Heard) -> Self {
        let head = heard.head();
        let quota = head.map(|head| rate_headers(&head.headers).quota(unix_ms()));
        Self {
            written_at: Some(written_at),
            status: head.map(|head| head.status),
            request_id: head.and_then(|head| request_id(&head.headers)),
            quota: quota.unwrap_or_default(),
            answer: Answer::to(call, heard),
        }
    }

    fn silent(answer: Answer) -> Self {
        let quota = Quota::default();
        Self { written_at: None, status: None, request_id: None, quota, answer }
    }
}

impl Answer {
    fn to(call: &Call, heard: &Heard) -> Self {
        let passed_on = matches!(call, Call::Read(_)).then(|| heard.passed_on()).flatten();
        Self::of(call, heard.exchange(), passed_on)
    }

    /// `passed_on`: what a program gets of the answer to its read.
    fn of(call: &Call, exchange: Exchange<'_>, passed_on: Option<ReadAnswer>) -> Self {
        match call {
            Call::Create { .. } => Self::Create(classify_create(exchange)),
            Call::LookUp { .. } => Self::LookUp(classify_look_up(exchange)),
            Call::Newest => Self::Newest(classify_newest(exchange)),
            Call::Expire { invoice_id } => Self::Expire(classify_expire(exchange, invoice_id)),
            Call::Read(read) => Self::Read(Box::new(classify_read(exchange, read, passed_on))),
        }
    }
}

fn rate_headers(headers: &HeaderMap) -> AnswerHeaders<'_> {
    AnswerHeaders {
        limit: text(headers, "rate-limit-limit"),
        remaining: text(headers, "rate-limit-remaining"),
        reset: text(headers, "rate-limit-reset"),
        retry_after: text(headers, "retry-after"),
        date: text(headers, "date"),
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = text(headers, "request-id").or_else(|| text(headers, "x-request-id"))?;
    (id.len() <= REQUEST_ID_BYTES_MAX).then(|| id.to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns this machine's clock, against which a date counts only if the answer carries none of its own.
#[expect(clippy::disallowed_methods, reason = "dates in headers; nothing is scheduled by it")]
fn unix_ms() -> Option<i64> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(elapsed.as_millis()).ok()
}
