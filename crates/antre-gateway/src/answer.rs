//! What a caller gets: Xendit's own text, or one JSON object of ours that SDKs turn into their own exception.

use antre_core::{AccountName, state::State};
use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(crate) use trouble::Trouble;

mod trouble;

/// The longest time that a caller is told to stay away, but for jobs that were given up.
const RETRY_AFTER_S_MAX: u64 = 60;
const RETRY_AFTER_S_MIN: u64 = 2;

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    content: Content,
    job: Option<JobSeen>,
    is_replayed: bool,
    /// Headers that Xendit sent with it.
    passed_on: Vec<(String, String)>,
    /// Its word in metrics and logs.
    pub(crate) outcome: &'static str,
}

#[derive(Debug)]
enum Content {
    /// As Xendit wrote it.
    Xendits { status: StatusCode, text: Vec<u8> },
    /// Ours.
    Trouble(Trouble),
    /// The job is in the queue, and its caller did not want to wait.
    Accepted,
}

/// The job that an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobSeen {
    pub(crate) account: AccountName,
    pub(crate) job: String,
    pub(crate) state: &'static str,
}

/// Returns the word for a job's state; one without a record is in the inbox.
pub(crate) fn state_word(state: Option<State>) -> &'static str {
    state.map_or("submitted", State::as_str)
}

impl Answer {
    /// Returns Xendit's own answer.
    pub(crate) fn xendits(status: StatusCode, text: impl Into<Vec<u8>>) -> Self {
        let outcome = if status.is_success() { "created" } else { "refused" };
        Self::new(Content::Xendits { status, text: text.into() }, outcome)
    }

    /// Returns the answer to a caller that asked not to wait.
    pub(crate) fn accepted() -> Self {
        Self::new(Content::Accepted, "accepted")
    }

    fn new(content: Content, outcome: &'static str) -> Self {
        Self { content, job: None, is_replayed: false, passed_on: Vec::new(), outcome }
    }

    pub(crate) fn about(mut self, job: JobSeen) -> Self {
        self.job = Some(job);
        self
    }

    /// Marks an answer that was given before, or that was asked for by somebody else.
    pub(crate) fn replayed(mut self) -> Self {
        self.is_replayed = true;
        if self.outcome == "created" {
            self.outcome = "joined";
        }
        self
    }

    pub(crate) fn with_outcome(mut self, outcome: &'static str) -> Self {
        self.outcome = outcome;
        self
    }

    pub(crate) fn with_headers(mut self, headers: Vec<(String, String)>) -> Self {
        self.passed_on = headers;
        self
    }

    pub(crate) fn job(&self) -> Option<&JobSeen> {
        self.job.as_ref()
    }

    pub(crate) fn status(&self) -> StatusCode {
        match &self.content {
            Content::Xendits { status, .. } => *status,
            Content::Trouble(trouble) => trouble.facts().status,
            Content::Accepted => StatusCode::ACCEPTED,
        }
    }

    fn body(&self) -> Vec<u8> {
        let value = match &self.content {
            Content::Xendits { text, .. } => return text.clone(),
            Content::Trouble(trouble) => trouble_json(trouble, self.job.as_ref()),
            Content::Accepted => json!({ "antre": about_json(self.job.as_ref()) }),
        };
        value.to_string().into_bytes()
    }
}

impl From<Trouble> for Answer {
    fn from(trouble: Trouble) -> Self {
        let outcome = trouble.facts().outcome;
        Self::new(Content::Trouble(trouble), outcome)
    }
}

fn about_json(job: Option<&JobSeen>) -> Value {
    match job {
        Some(JobSeen { account, job, state }) => {
            json!({ "job": format!("{account}/{job}"), "state": state })
        }
        None => json!({}),
    }
}

fn trouble_json(trouble: &Trouble, job: Option<&JobSeen>) -> Value {
    let facts = trouble.facts();
    let mut about = about_json(job);
    about["retryable"] = json!(facts.is_retryable);
    if let Trouble::StillQueued { reason, estimated_wait_s } = trouble {
        about["reason"] = json!(reason);
        about["estimated_wait_s"] = json!(estimated_wait_s);
    }
    let mut body =
        json!({ "error_code": facts.code, "message": trouble.to_string(), "antre": about });
    if let Trouble::Invalid(fault) = trouble {
        let errors: Vec<Value> = fault
            .faults()
            .map(|fault| {
                let path = fault.field.strip_prefix("invoice.").unwrap_or(&fault.field);
                json!({ "path": path, "message": fault.message })
            })
            .collect();
        body["errors"] = json!(errors);
    }
    body
}

/// Returns how long to stay away, given how long the job is thought to wait.
fn retry_after_s(trouble: &Trouble) -> Option<u64> {
    if let Trouble::StillQueued { estimated_wait_s: Some(estimate), .. } = trouble {
        return Some((*estimate).clamp(RETRY_AFTER_S_MIN, RETRY_AFTER_S_MAX));
    }
    trouble.facts().retry_after_s
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Content::Trouble(trouble) = &self.content {
            if let Some(seconds) = retry_after_s(trouble) {
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            if let Trouble::WrongMethod { allow } = trouble {
                headers.insert(ALLOW, HeaderValue::from_static(allow));
            }
            if trouble.facts().status == StatusCode::UNAUTHORIZED {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
            }
            if trouble.ends_connection() {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
        }
        if let Some(JobSeen { account, job, state }) = &self.job {
            let named = HeaderValue::from_str(&format!("{account}/{job}"));
            named.map(|job| headers.insert("x-antre-job", job)).ok();
            headers.insert("x-antre-state", HeaderValue::from_static(state));
        }
        if self.is_replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        for (name, value) in &self.passed_on {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            {
                headers.insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests;
