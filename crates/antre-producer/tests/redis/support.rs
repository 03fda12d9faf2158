//! A queue without a worker, and a worker's steps one by one.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job::MAX_JOB_BYTES;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_core::job_outcome::ProbeOutcome;
use antre_producer::{JobId, Producer};
use antre_store::{
    Queue, Redis,
    claim::{Claim, Grant, GrantKind},
    intake::{ACCEPT_MAX, Submission},
};
use antre_testkit::{
    RedisBuilder, RedisServer, eventually,
    queue::{claim_token, configure, quick_settings, tester},
};

/// Generous: it ends a test that would hang, and is never reached otherwise.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Returns the JSON of a job.
pub(crate) fn job(external_id: &str) -> String {
    format!(r#"{{"invoice":{{"external_id":"{external_id}","amount":350000}}}}"#)
}

/// A served account, its producer and the steps of a worker.
pub(crate) struct Fixture {
    pub(crate) server: RedisServer,
    pub(crate) queue: Queue,
    pub(crate) producer: Producer,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::start_on(RedisServer::builder()).await
    }

    pub(crate) async fn start_on(server: RedisBuilder) -> Self {
        let server = server.start().await.unwrap();
        let queue = Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
        configure(&queue, &quick_settings()).await;
        let producer = Producer::connect(&server.url(), "default".parse().unwrap()).await.unwrap();
        Self { server, queue, producer }
    }

    /// Restarts the server and returns once the queue's connection is there again.
    pub(crate) async fn restart(&mut self) {
        self.server.restart().await.unwrap();
        let ping = async || self.queue.redis().ping().await.map(|()| true);
        eventually(LIMIT, "the server answers", ping).await.unwrap();
    }

    pub(crate) async fn enqueue(&self, external_id: &str) -> JobId {
        self.producer.enqueue(&job(external_id)).await.unwrap()
    }

    /// Accepts what is in the inbox. Returns how many jobs that were.
    pub(crate) async fn accept_all(&self) -> u32 {
        let mut taken = 0;
        loop {
            let entries =
                self.queue.read_inbox(ACCEPT_MAX, MAX_JOB_BYTES + 1, "tester").await.unwrap();
            if entries.is_empty() {
                return taken;
            }
            let submissions: Vec<Submission> = entries
                .into_iter()
                .map(|entry| submission(entry.id, entry.fields[0].1.clone()))
                .collect();
            taken += self.queue.accept(&submissions).await.unwrap().taken;
        }
    }

    /// Accepts what is in the inbox and claims the best job, once something may leave.
    pub(crate) async fn claim(&self) -> Grant {
        self.accept_all().await;
        eventually(LIMIT, "a grant", async || {
            let claim = self.queue.claim_next(&claim_token(), &tester(), 0).await.unwrap();
            match claim {
                // The first request of a new account shows whose the key is.
                Claim::Granted(grant) if grant.kind == GrantKind::Probe => {
                    let silent = Outcome::Probe(ProbeOutcome::Silent { code: String::new() });
                    self.queue.finish(&grant, &silent, Quota::default()).await.unwrap();
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

    /// Delivers an invoice for the best job. Returns the job's id.
    pub(crate) async fn deliver(&self) -> String {
        let grant = self.claim().await;
        let invoice = Invoice {
            id: format!("invoice-of-{}", grant.external_id()),
            url: Some(format!("https://checkout.example/{}", grant.external_id())),
            response: r#"{"status":"PENDING"}"#.to_owned(),
            ..Invoice::default()
        };
        let delivery = Delivery { invoice, warnings: Vec::new() };
        let created = Outcome::Job(JobOutcome::Created(delivery));
        self.queue.finish(&grant, &created, Quota::default()).await.unwrap();
        grant.id
    }

    /// Lets the best job die.
    pub(crate) async fn reject(&self) {
        let grant = self.claim().await;
        let cause = Cause::new("API_VALIDATION_ERROR", "amount is too small");
        let rejected = Outcome::Job(JobOutcome::Rejected(cause));
        self.queue.finish(&grant, &rejected, Quota::default()).await.unwrap();
    }

    /// Returns what a client of another kind sees with `command`.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let mut connection = self.server.connect().await.unwrap();
        let mut asked = redis::cmd(command[0]);
        asked.arg(&command[1..]);
        asked.query_async(&mut connection).await.unwrap()
    }

    /// Returns once a client waits in a blocking read.
    pub(crate) async fn somebody_blocks(&self) {
        eventually(LIMIT, "a client blocks", async || {
            let info: String = self.ask(&["INFO", "clients"]).await;
            !info.contains("blocked_clients:0")
        })
        .await
        .unwrap();
    }
}

fn submission(id: String, data: Vec<u8>) -> Submission {
    let job = antre_xendit::body::parse(&data).unwrap();
    Submission {
        id,
        external_id: job.bill.external_id.clone(),
        amount: job.bill.amount.as_str().to_owned(),
        priority: job.priority.to_string(),
        batch: job.batch.clone().unwrap_or_default(),
        reference: job.reference.clone().unwrap_or_default(),
        max_attempts: "1".to_owned(),
        data,
        ..Submission::default()
    }
}
