//! One request to the invoice API, from its arrival to its answer.

mod answer;
mod operation;

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

use self::operation::{Call, perform};
use crate::account::Caller;
use crate::connection::Stamps;
use crate::delivery::{End, Reply, Unanswered, deliver};
use crate::idempotency::IdempotencyKey;
use crate::ledger::Arrival;
use crate::refusal::Refusal;
use crate::simulation::Simulation;

/// Bodies over 1 MiB are refused.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// `POST /v2/invoices`
    Create,
    /// `GET /v2/invoices`
    List,
    /// `GET /v2/invoices/{id}`
    Get,
    /// `POST /invoices/{id}/expire!`
    Expire,
    /// Anything else; answered 404.
    Other,
    /// Bytes that never became a request.
    Unreadable,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::List => "list",
            Self::Get => "get",
            Self::Expire => "expire",
            Self::Other => "other",
            Self::Unreadable => "unreadable",
        })
    }
}

/// Returns a path with one slash where several stand: some SDKs join a base URL and a path with two.
fn collapsed(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !collapsed.ends_with('/') {
            collapsed.push(character);
        }
    }
    collapsed
}

/// Returns what a request asks for, and the id of the invoice it names.
fn classify<'a>(method: &Method, path: &'a str) -> (RequestKind, &'a str) {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path == "/v2/invoices" {
        return match *method {
            Method::POST => (RequestKind::Create, ""),
            Method::GET => (RequestKind::List, ""),
            _ => (RequestKind::Other, ""),
        };
    }
    let expired = path
        .strip_prefix("/invoices/")
        .and_then(|rest| rest.strip_suffix("/expire!").or_else(|| rest.strip_suffix("/expire%21")));
    let named = path.strip_prefix("/v2/invoices/").filter(|id| !id.contains('/'));
    match (method, expired, named) {
        (&Method::POST, Some(id), _) => (RequestKind::Expire, id),
        (&Method::GET, _, Some(id)) => (RequestKind::Get, id),
        _ => (RequestKind::Other, ""),
    }
}

/// Serves one request. Once its body has been read it takes effect whether or not its client stays.
pub(crate) async fn serve(
    (simulation, listener): (Arc<Simulation>, u32),
    stamps: Arc<Stamps>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Unanswered> {
    let arrived_us = stamps.begin_request();
    let (head, body) = request.into_parts();
    let mut call = enter(&simulation, &head, (listener, arrived_us));
    let mut client =
        Client { simulation: &simulation, sequence: call.sequence, phase: Phase::Sending };
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => {
            stamps.end_request();
            call.body = body.to_bytes();
        }
        Err(error) if error.is::<LengthLimitError>() => {
            // What is left of the body is no request: the stamps stay within this one.
            call.refusal.get_or_insert(Refusal::body_too_large());
        }
        Err(_) => return Err(Unanswered),
    }
    client.phase = Phase::Waiting;
    // A task of its own: the connection drops this future when its client leaves.
    let performed = tokio::spawn(perform(Arc::clone(&simulation), call)).await;
    let ending = performed.unwrap_or_else(|_| {
        let mut reply = Reply::refusal(&Refusal::usual_for(500));
        reply.rate = None;
        End::Reply(reply)
    });
    let delivered = deliver(ending, &stamps).await;
    client.phase = Phase::Served;
    delivered
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Judges a request by its head at the instant of its arrival, and enters it in the ledger.
fn enter(simulation: &Simulation, head: &Parts, (listener, arrived_us): (u32, u64)) -> Call {
    let path = collapsed(head.uri.path());
    let (kind, invoice_id) = classify(&head.method, &path);
    let mut arrival = Arrival::new(kind, arrived_us, simulation.clock.wall_at(arrived_us));
    arrival.listener = listener;
    head.method.as_str().clone_into(&mut arrival.method);
    let mut call = Call {
        kind,
        sequence: 0,
        account: "".into(),
        key: "".into(),
        listener,
        invoice_id: invoice_id.to_owned(),
        uri: head.uri.clone(),
        body: Bytes::new(),
        is_form: is_form(&head.headers),
        idempotency_key: IdempotencyKey::name(&head.headers),
        refusal: None,
        rate: None,
    };
    match simulation.accounts.authenticate(&head.headers) {
        Ok(Caller { key, account, rights }) => {
            let verdict = simulation.gate.judge(&account, kind, arrived_us);
            let forbidden = || (!rights.allow(kind)).then(|| Refusal::usual_for(403));
            call.rate = verdict.rate;
            call.refusal = verdict.is_refused.then(Refusal::limited).or_else(forbidden);
            arrival.account = Some(Arc::clone(&account));
            arrival.key = Some(Arc::clone(&key));
            (call.account, call.key) = (account, key);
        }
        Err(refusal) => call.refusal = Some(refusal),
    }
    call.sequence = simulation.ledger.enter(arrival);
    call
}

/// Notices in the ledger when the client leaves early.
struct Client<'a> {
    simulation: &'a Simulation,
    sequence: u64,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The client is still sending its request.
    Sending,
    /// The request is complete; the client waits.
    Waiting,
    /// The answer began, or the connection is being ended on purpose.
    Served,
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        if self.phase == Phase::Served {
            return;
        }
        self.simulation.ledger.amend(self.sequence, |arrival| arrival.is_client_gone = true);
        if self.phase == Phase::Sending {
            self.simulation.ledger.finish(self.sequence, None, self.simulation.clock.now_us());
        }
    }
}

#[cfg(test)]
mod tests;
