//! A queue in a known state, and requests to the routes.

use std::time::Duration;

use antre_admin::{AdminState, router};
use antre_core::Quota;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_core::job_outcome::ProbeOutcome;
use antre_store::{
    Queue, Redis,
    claim::{Claim, Grant, GrantKind},
    intake::Submission,
    lease::Heartbeat,
    settings::Settings,
};
use antre_testkit::{
    RedisServer, eventually,
    queue::{claim_token, configure, quick_settings, tester},
};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, request},
    response::Response,
};
use serde_json::Value;
use tower::ServiceExt;

/// Generous: it ends a test that would hang, and is never reached otherwise.
const LIMIT: Duration = Duration::from_mins(1);

/// A Redis, and the state of routes for account `default` on it.
pub(crate) struct Fixture {
    pub(crate) server: RedisServer,
    pub(crate) state: AdminState,
    pub(crate) queue: Queue,
}

impl Fixture {
    /// Starts with the account configured and served by a live worker.
    pub(crate) async fn start() -> Self {
        let server = RedisServer::start().await.unwrap();
        let redis = Redis::open(&server.url()).unwrap();
        let queue = redis.queue("default".parse().unwrap());
        serve(&queue).await;
        let state = AdminState::new(redis, vec!["default".parse().unwrap()]);
        Self { server, state, queue }
    }

    /// Adds a configured account that a worker serves.
    pub(crate) async fn add_account(&mut self, name: &str) -> Queue {
        let redis = self.queue.redis().clone();
        let queue = redis.queue(name.parse().unwrap());
        serve(&queue).await;
        let accounts = vec!["default".parse().unwrap(), name.parse().unwrap()];
        self.state = AdminState::new(redis, accounts);
        queue
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Response {
        router(self.state.clone()).oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        json(self.ask(get(path)).await).await
    }

    /// Posts as a well-behaved client on this machine does.
    pub(crate) async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        json(self.ask(post(path).body(Body::from(body.to_owned())).unwrap()).await).await
    }
}

/// Puts settings in force and gives a sign of life.
async fn serve(queue: &Queue) {
    configure(queue, &settings()).await;
    let heartbeat = Heartbeat {
        version: Some("1".into()),
        running: Some(0),
        concurrency: Some(5),
        uptime_s: Some(1),
        is_connected: Some(true),
        has_http: true,
        ..Heartbeat::default()
    };
    queue.renew("tester", &heartbeat, &[]).await.unwrap();
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", "localhost:8080").body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str) -> request::Builder {
    Request::post(path).header("host", "localhost:8080").header("content-type", "application/json")
}

pub(crate) async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) async fn json(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    (status, serde_json::from_str(&text(response).await).unwrap())
}

/// Returns the code of an error after looking at its shape.
pub(crate) fn code(error: &Value) -> &str {
    let names: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(names, ["code", "message", "request_id"]);
    assert!(error["request_id"].as_str().unwrap().len() > 16);
    error["code"].as_str().unwrap()
}

/// Submits and accepts a job, changed by `change`.
pub(crate) async fn accept(
    queue: &Queue,
    external_id: &str,
    change: fn(&mut Submission),
) -> String {
    let id = queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
    let mut submission = Submission {
        id: id.clone(),
        external_id: external_id.to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        max_attempts: "1".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    };
    change(&mut submission);
    queue.accept(&[submission]).await.unwrap();
    id
}

/// Makes a submission one that is no valid job.
pub(crate) fn invalid(submission: &mut Submission) {
    submission.external_id.clear();
    "invalid".clone_into(&mut submission.error_code);
    "invoice.amount is missing".clone_into(&mut submission.error_message);
}

pub(crate) async fn claim(queue: &Queue) -> Grant {
    eventually(LIMIT, "a grant", async || {
        let claim = queue.claim_next(&claim_token(), &tester(), 0).await.unwrap();
        match claim {
            // The first request of a new account shows whose the key is.
            Claim::Granted(grant) if grant.kind == GrantKind::Probe => {
                let silent = Outcome::Probe(ProbeOutcome::Silent { code: String::new() });
                queue.finish(&grant, &silent, Quota::default()).await.unwrap();
                None
            }
            Claim::Granted(grant) => Some(*grant),
            Claim::Wait { .. }
            | Claim::Idle { .. }
            | Claim::Again
            | Claim::Stranger { .. }
            | Claim::Unconfigured => None,
        }
    })
    .await
    .unwrap()
}

/// Accepts a job and delivers its invoice.
pub(crate) async fn deliver(queue: &Queue, external_id: &str) {
    accept(queue, external_id, |_| {}).await;
    let invoice = Invoice { id: "i1".to_owned(), ..Invoice::default() };
    let delivery = Delivery { invoice, warnings: Vec::new() };
    let created = Outcome::Job(JobOutcome::Created(delivery));
    queue.finish(&claim(queue).await, &created, Quota::default()).await.unwrap();
}

/// Accepts a job and lets it die of Xendit's refusal.
pub(crate) async fn reject(queue: &Queue, external_id: &str) {
    accept(queue, external_id, |_| {}).await;
    let rejected = Outcome::Job(JobOutcome::Rejected(Cause::new("SOME_CODE", "")));
    queue.finish(&claim(queue).await, &rejected, Quota::default()).await.unwrap();
}

/// Limits that make no test wait, so the estimated wait is 0 or 1 s.
fn settings() -> Settings {
    Settings { lease: Duration::from_mins(10), ..quick_settings() }
}
