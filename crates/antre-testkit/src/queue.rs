//! One account's queue on a Redis server of the test's own: settings, jobs, claims and their outcomes.
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken fixture fails its test"
)]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Findings;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Limited;
use antre_core::job_outcome::Outcome;
use antre_core::limit::Limits;
use antre_core::mode::Mode;
use antre_core::retry::RetrySchedule;
use antre_store::{
    Queue, Redis,
    claim::{Claim, Grant, WorkerIdentity},
    intake::Submission,
    settings::{Configurator, Settings},
};
use redis::aio::MultiplexedConnection;

use crate::RedisServer;

/// A queue and the server that holds it.
#[derive(Debug)]
pub struct QueueFixture {
    /// The server; stops when dropped.
    pub server: RedisServer,
    /// The queue of account `default`.
    pub queue: Queue,
    /// Who claims; its key is known to be the account's.
    pub worker: Arc<WorkerIdentity>,
}

/// Returns the worker that tests claim as.
pub fn tester() -> Arc<WorkerIdentity> {
    Arc::new(WorkerIdentity::new("tester", "tester-key", Mode::Test))
}

/// Puts `settings` in force, as a worker does whose key is known.
pub async fn configure(queue: &Queue, settings: &Settings) {
    let by = Configurator { worker: &tester(), has_lost_data: false };
    queue.configure(settings, by).await.unwrap();
}

/// Makes the worker's key known as the account's, as if a request with it had shown that.
pub async fn introduce(server: &RedisServer, queue: &Queue, worker: &WorkerIdentity) {
    let mut connection = server.connect().await.unwrap();
    for fingerprint in [worker.fingerprint.as_str(), "tester-key"] {
        redis::cmd("HSET")
            .arg(queue.keys().named("identity"))
            .arg(format!("key:{fingerprint}"))
            .arg(1)
            .arg("mode")
            .arg(worker.mode.as_str())
            .exec_async(&mut connection)
            .await
            .unwrap();
    }
}

/// Returns settings with short times, and limits that never make a test wait.
///
/// A test that needs others names only those: `Settings { lease, ..quick_settings() }`.
pub fn quick_settings() -> Settings {
    Settings {
        limits: "10000/100ms".parse::<Limits>().unwrap(),
        mode: Mode::Test,
        jitter_allowance: Duration::ZERO,
        send_within: Duration::from_millis(5),
        lease: Duration::from_secs(9),
        request_timeout: Duration::from_millis(200),
        trust_absence_answered: Duration::ZERO,
        trust_absence_unanswered: Duration::ZERO,
        retry_delays: "1ms,2ms,4ms".parse::<RetrySchedule>().unwrap(),
        head_start_high: Duration::from_hours(48),
        head_start_normal: Duration::from_hours(24),
        breaker_probe: Duration::from_millis(20),
        read_share: 4,
        retention_done: Duration::from_hours(7 * 24),
        retention_dead: Duration::from_hours(90 * 24),
    }
}

impl QueueFixture {
    /// Starts a server and a queue with [`quick_settings`].
    pub async fn start() -> Self {
        Self::start_with(&quick_settings()).await
    }

    /// Starts a server and a queue with `settings`.
    pub async fn start_with(settings: &Settings) -> Self {
        Self::start_on(RedisServer::start().await.unwrap(), settings).await
    }

    /// Starts a queue with `settings` on this server.
    pub async fn start_on(server: RedisServer, settings: &Settings) -> Self {
        let fixture = Self::found_on(server);
        introduce(&fixture.server, &fixture.queue, &fixture.worker).await;
        configure(&fixture.queue, settings).await;
        fixture
    }

    /// Takes the queue that is on this server already.
    pub fn found_on(server: RedisServer) -> Self {
        let redis = Redis::open(&server.url()).unwrap();
        let queue = redis.queue("default".parse().unwrap());
        Self { server, queue, worker: tester() }
    }

    /// Submits and accepts a job at an instant of the stopped clock, which its id tells; changed by `change`.
    pub async fn accept_at(
        &self,
        now_us: u64,
        external_id: &str,
        change: impl FnOnce(&mut Submission),
    ) -> String {
        let mut connection = self.server.connect().await.unwrap();
        let mut add = redis::cmd("XADD");
        add.arg(self.queue.keys().inbox()).arg(format!("{}-*", now_us / 1000));
        let id = add.arg("job").arg("{}").query_async(&mut connection).await.unwrap();
        self.accept_entry(id, external_id, change).await
    }

    /// Claims under the stopped clock, which goes on from `now_us` as the queue says, by `within` at most.
    pub async fn claim_at(&self, now_us: &mut u64, within: Duration) -> Option<Grant> {
        let end_us = *now_us + u64::try_from(within.as_micros()).unwrap();
        loop {
            self.queue.set_clock(Some(*now_us)).await.unwrap();
            let claim_token = claim_token();
            let wait = match self.queue.claim_next(&claim_token, &self.worker, 0).await.unwrap() {
                Claim::Granted(grant) => return Some(*grant),
                Claim::Again => Duration::ZERO,
                Claim::Wait { wait, .. } => wait.max(Duration::from_millis(1)),
                Claim::Idle { due } => due?.max(Duration::from_millis(1)),
                Claim::Stranger { .. } | Claim::Unconfigured => return None,
            };
            *now_us += u64::try_from(wait.as_micros()).unwrap();
            if *now_us > end_us {
                return None;
            }
        }
    }

    /// Submits and accepts a job for `external_id`, changed by `change`. Returns its id.
    pub async fn accept(&self, external_id: &str, change: impl FnOnce(&mut Submission)) -> String {
        let id = self.queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
        self.accept_entry(id, external_id, change).await
    }

    async fn accept_entry(
        &self,
        id: String,
        external_id: &str,
        change: impl FnOnce(&mut Submission),
    ) -> String {
        let mut submission = Submission {
            id: id.clone(),
            external_id: external_id.to_owned(),
            amount: "350000".to_owned(),
            priority: "normal".to_owned(),
            max_attempts: "4".to_owned(),
            data: b"{}".to_vec(),
            ..Submission::default()
        };
        change(&mut submission);
        self.queue.accept(&[submission]).await.unwrap();
        id
    }

    /// Claims until something is granted; waits as the queue says.
    pub async fn claim(&self) -> Grant {
        match self.try_claim().await {
            Some(grant) => grant,
            None => panic!("nothing to claim"),
        }
    }

    /// Claims; follows waits of up to a second, and returns `None` when nothing is ready or will be by then.
    pub async fn try_claim(&self) -> Option<Grant> {
        self.try_claim_as(&self.worker).await
    }

    /// Returns another worker with the same key.
    pub fn worker_called(&self, name: &str) -> Arc<WorkerIdentity> {
        Arc::new(WorkerIdentity { name: name.to_owned(), ..(*self.worker).clone() })
    }

    /// As [`QueueFixture::try_claim`], for `worker`.
    pub async fn try_claim_as(&self, worker: &Arc<WorkerIdentity>) -> Option<Grant> {
        for _ in 0..10_000 {
            let claim_token = claim_token();
            let wait = match self.queue.claim_next(&claim_token, worker, 0).await.unwrap() {
                Claim::Granted(grant) => return Some(*grant),
                Claim::Again => Duration::ZERO,
                Claim::Wait { wait, .. }
                | Claim::Stranger { wait, .. }
                | Claim::Idle { due: Some(wait) }
                    if wait < Duration::from_secs(1) =>
                {
                    wait.max(Duration::from_micros(200))
                }
                Claim::Wait { .. }
                | Claim::Idle { .. }
                | Claim::Stranger { .. }
                | Claim::Unconfigured => return None,
            };
            tokio::time::sleep(wait).await;
        }
        panic!("a claim that never ends");
    }

    /// Returns a field of a job's record; empty when it has none.
    pub async fn field(&self, id: &str, field: &str) -> String {
        let mut connection = self.server.connect().await.unwrap();
        let fields = record(&mut connection, &self.queue, id).await.unwrap();
        fields.get(field).cloned().unwrap_or_default()
    }

    /// Returns a job's state.
    pub async fn state(&self, id: &str) -> String {
        self.field(id, "state").await
    }
}

/// Returns a job's record as Redis holds it; empty when there is none.
///
/// # Errors
/// When Redis does not answer.
pub async fn record(
    connection: &mut MultiplexedConnection,
    queue: &Queue,
    id: &str,
) -> redis::RedisResult<BTreeMap<String, String>> {
    redis::cmd("HGETALL").arg(queue.keys().meta(id)).query_async(connection).await
}

/// Returns a claim token that no other claim of this process has.
pub fn claim_token() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("claim-{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An invoice `id` with all that is told of it.
pub fn invoice(id: &str) -> Invoice {
    Invoice {
        id: id.to_owned(),
        url: Some(format!("https://checkout.example/{id}")),
        expiry_date: Some("2026-12-31T00:00:00.000Z".to_owned()),
        expires_at_ms: Some(1_798_675_200_000),
        response: format!(r#"{{"id":"{id}"}}"#),
        ..Invoice::default()
    }
}

/// A create's answer with invoice `id`.
pub fn created(id: &str) -> Outcome {
    delivered(invoice(id))
}

/// A create's answer with this invoice.
pub fn delivered(invoice: Invoice) -> Outcome {
    Outcome::Job(JobOutcome::Created(Delivery { invoice, warnings: Vec::new() }))
}

/// A look-up that found this invoice, and others that are to be expired.
pub fn adopted(invoice: Invoice, surplus: &[&str]) -> Outcome {
    let surplus = surplus.iter().map(|id| (*id).to_owned()).collect();
    let delivery = Delivery { invoice, warnings: Vec::new() };
    let adoption = Adoption { delivery, surplus, ..Adoption::default() };
    Outcome::Job(JobOutcome::Adopted(Box::new(adoption)))
}

/// A refusal for good with this code.
pub fn rejected(code: &str) -> Outcome {
    Outcome::Job(JobOutcome::Rejected(Cause::new(code, "")))
}

/// A create of which nobody knows the end.
pub fn ambiguous(is_answered: bool) -> Outcome {
    let cause = Cause::new("code_ambiguous", "as told");
    Outcome::Job(JobOutcome::Ambiguous { is_answered, cause })
}

/// A look-up that found nothing.
pub fn absent() -> Outcome {
    Outcome::Job(JobOutcome::Absent { remarks: Vec::new() })
}

/// A limit that was reached.
pub fn limited(wait: Duration) -> Outcome {
    Outcome::Job(JobOutcome::Limited(Limited { code: "code_limited".to_owned(), wait }))
}

/// A follow-up that leaves nothing behind.
pub fn follow_up_done() -> Outcome {
    Outcome::FollowUp(FollowUpOutcome::Done(Findings::default()))
}
