//! Reads and expiries at Xendit, which the account's workers send in a lane of their own, within its limit.
//!
//! Identical ones under way share one request. Nothing is kept: a PENDING of a moment ago costs money.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antre_core::read::{ReadAnswer, ReadRequest};
use antre_store::{
    Queue, StoreError,
    reads::{ReadEnd, SubmittedRead},
};
use axum::http::StatusCode;
use serde_json::value::RawValue;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    answer::{Answer, Trouble},
    fresh_id,
};

/// A read that was not sent by then is never sent.
const GRANTED_WITHIN: Duration = Duration::from_secs(20);
/// How long its answer may take after that.
const ANSWERED_WITHIN: Duration = Duration::from_secs(35);
const SUBMIT_MAX: Duration = Duration::from_secs(3);
const LOOK_FIRST: Duration = Duration::from_millis(20);
const LOOK_LONGEST: Duration = Duration::from_millis(200);

/// How a read ended, for all who asked the same.
#[derive(Debug, Clone)]
enum Told {
    Answer(ReadAnswer),
    /// It was sent, and there is no answer that can be passed on.
    Failed(String),
    /// It was not sent in time.
    Late,
    Full,
    Closed,
    Unserved,
    Unavailable,
}

/// The reads of an account.
#[derive(Debug)]
pub(crate) struct Reads {
    queue: Queue,
    flights: Mutex<HashMap<ReadRequest, watch::Receiver<Option<Told>>>>,
}

impl Reads {
    pub(crate) fn new(queue: Queue) -> Arc<Self> {
        Arc::new(Self { queue, flights: Mutex::default() })
    }

    /// Returns Xendit's answer to a read.
    pub(crate) async fn ask(self: &Arc<Self>, read: ReadRequest) -> Answer {
        let mut flight = self.flight(read);
        let told = match flight.wait_for(Option::is_some).await {
            Ok(told) => told.clone().unwrap_or(Told::Late),
            // The task that asked is gone.
            Err(_closed) => Told::Unavailable,
        };
        self.answer(told)
    }

    fn flight(self: &Arc<Self>, read: ReadRequest) -> watch::Receiver<Option<Told>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&read).filter(|flight| flight.has_changed().is_ok()) {
            return flight.clone();
        }
        let (sender, flight) = watch::channel(None);
        flights.insert(read.clone(), flight.clone());
        drop(flights);
        let reads = Arc::clone(self);
        tokio::spawn(async move {
            let told = reads.ask_alone(&read).await.unwrap_or_else(|error| {
                tracing::warn!(account = %reads.queue.account(), %error, "a read could not be asked for");
                Told::Unavailable
            });
            reads.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&read);
            sender.send_replace(Some(told));
        });
        flight
    }

    async fn ask_alone(&self, read: &ReadRequest) -> Result<Told, StoreError> {
        let id = fresh_id::next();
        let submitted =
            timeout(SUBMIT_MAX, self.queue.submit_read(&id, read, GRANTED_WITHIN)).await;
        match submitted {
            Ok(submitted) => match submitted? {
                SubmittedRead::Submitted => {}
                SubmittedRead::Full => return Ok(Told::Full),
                SubmittedRead::Closed => return Ok(Told::Closed),
                SubmittedRead::Unserved => return Ok(Told::Unserved),
            },
            Err(_elapsed) => return Ok(Told::Unavailable),
        }
        let deadline = Instant::now() + GRANTED_WITHIN + ANSWERED_WITHIN;
        let sent_by = Instant::now() + GRANTED_WITHIN;
        let mut look = LOOK_FIRST;
        loop {
            match self.queue.read_end(&id).await {
                Ok(Some(ReadEnd::Answer(answer))) => return Ok(Told::Answer(answer)),
                Ok(Some(ReadEnd::Failed(code))) => return Ok(Told::Failed(code)),
                Ok(None) => {}
                Err(error) if !error.is_passing() => return Err(error),
                Err(_passing) => {}
            }
            let now = Instant::now();
            let is_waiting = now < sent_by || self.queue.is_read_known(&id).await.unwrap_or(true);
            if now >= deadline || !is_waiting {
                return Ok(Told::Late);
            }
            sleep(look).await;
            look = (look * 2).min(LOOK_LONGEST);
        }
    }

    fn answer(&self, told: Told) -> Answer {
        let trouble = match told {
            Told::Answer(answer) => return of_answer(answer),
            Told::Failed(code) => {
                let message =
                    "the request was sent and has no readable answer; repeat it".to_owned();
                Trouble::GaveUp { code, message }
            }
            Told::Late => {
                let reason = "no turn for it within 20 s, at the account's pace".to_owned();
                Trouble::StillQueued { reason, estimated_wait_s: None }
            }
            Told::Full => Trouble::Busy,
            Told::Closed => Trouble::XenditDown,
            Told::Unserved => Trouble::NotServed { account: self.queue.account().to_string() },
            Told::Unavailable => Trouble::Unavailable,
        };
        trouble.into()
    }
}

/// Xendit's own, if SDKs can take it.
fn of_answer(answer: ReadAnswer) -> Answer {
    let ReadAnswer { status, headers, body } = answer;
    let is_json = serde_json::from_str::<&RawValue>(&body).is_ok_and(|text| {
        let is_list = status == 200 && text.get().starts_with('[');
        text.get().starts_with('{') || is_list
    });
    match StatusCode::from_u16(status) {
        Ok(code) if is_json => {
            let outcome = if code.is_success() { "read" } else { "refused" };
            Answer::xendits(code, body).with_outcome(outcome).with_headers(headers)
        }
        _ => Trouble::BadGateway { status }.into(),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn status_of(status: u16, body: &str) -> u16 {
        let answer = ReadAnswer { status, headers: Vec::new(), body: body.to_owned() };
        of_answer(answer).into_response().status().as_u16()
    }

    #[test]
    fn what_no_sdk_can_read_is_wrapped() {
        for (status, body, expected) in [
            (200, r#"{"id":"1"}"#, 200),
            (200, "[]", 200),
            (404, r#"{"error_code":"INVOICE_NOT_FOUND_ERROR"}"#, 404),
            (429, r#"{"error_code":"RATE_LIMIT_EXCEEDED"}"#, 429),
            (500, "[]", 502),
            (503, "<html>", 502),
            (200, "", 502),
            (200, r#"{"id":"#, 502),
            (200, "\"text\"", 502),
        ] {
            assert_eq!(status_of(status, body), expected, "{status} {body}");
        }
    }
}
