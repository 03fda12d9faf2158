//! A harness for whole workers: a Redis, a simulated Xendit, and what a test asks of both.

use std::time::Duration;

use antre_store::{Queue, Redis, claim::WorkerIdentity, settings::Settings};
use antre_testkit::{
    RedisServer, eventually,
    queue::{configure, introduce, quick_settings, record},
};
use antre_worker::AccountOptions;
use antre_xendit::{Answer, Call, Client, Reply, SendDeadline};
use serde_json::{Value, json};
use xendit_sim::{Act, Arrival, Fault, Invoice, Limits, Options, RequestKind, Running, Simulator};

use crate::fleet::{RunningWorker, TEST_KEY, account};

/// How long a test waits for what must happen. Generous: two cores may be compiling something else.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// A Redis, a simulated Xendit and the queue of account `default`.
#[derive(Debug)]
pub struct Harness {
    /// The Redis server; stops when dropped.
    pub redis: RedisServer,
    /// The simulated Xendit; stops when dropped.
    pub xendit: Running,
    /// The queue of account `default`.
    pub queue: Queue,
    settings: Settings,
}

/// Returns quick settings with a request time-out that a busy machine does not reach by itself.
pub fn steady_settings() -> Settings {
    Settings { request_timeout: Duration::from_secs(15), ..quick_settings() }
}

/// Returns a job for `external_id` with further fields of the invoice and of the job.
pub fn job_with(external_id: &str, invoice: &Value, further: &Value) -> String {
    let mut job = json!({ "invoice": { "external_id": external_id, "amount": 350_000 } });
    let merge = |target: &mut Value, fields: &Value| {
        let fields = fields.as_object().cloned().unwrap_or_default();
        target.as_object_mut().unwrap().extend(fields);
    };
    merge(&mut job["invoice"], invoice);
    merge(&mut job, further);
    job.to_string()
}

/// Returns a plain job for `external_id`.
pub fn job(external_id: &str) -> String {
    job_with(external_id, &json!({}), &json!({}))
}

/// Returns `count` plain jobs `<prefix>-0`, `<prefix>-1`, …
pub fn jobs(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| job(&format!("{prefix}-{number}"))).collect()
}

/// Returns whether every wait between an answer and the next arrival lasted at least as long as named.
///
/// Redis counts in whole milliseconds, so one is forgiven.
pub fn waited(arrivals: &[Arrival], waits: &[Duration]) -> bool {
    let gaps = arrivals.windows(2).map(|pair| {
        let answered_us = pair[0].finished_us.unwrap_or(pair[0].arrived_us);
        Duration::from_micros(pair[1].arrived_us.saturating_sub(answered_us))
    });
    gaps.zip(waits).all(|(gap, wait)| gap + Duration::from_millis(1) >= *wait)
}

impl Harness {
    /// Starts a Redis and a Xendit without limits.
    pub async fn start(settings: &Settings) -> Self {
        Self::start_with(settings, Options { limits: Limits(Vec::new()), ..Options::default() })
            .await
    }

    /// Starts a Redis and a Xendit with these options; no worker yet.
    pub async fn start_with(settings: &Settings, xendit: Options) -> Self {
        Self::start_on(RedisServer::start().await.unwrap(), settings, xendit).await
    }

    /// The same on this server.
    pub async fn start_on(redis: RedisServer, settings: &Settings, xendit: Options) -> Self {
        let xendit = Simulator::start(xendit).await.unwrap();
        let queue = open(&redis, "default");
        let account = account("default", &xendit.base_url(), settings.clone());
        let client = Client::new(account.client).unwrap();
        let worker = WorkerIdentity {
            name: "tester".to_owned(),
            fingerprint: client.fingerprint(),
            mode: client.mode(),
        };
        introduce(&redis, &queue, &worker).await;
        configure(&queue, settings).await;
        Self { redis, xendit, queue, settings: settings.clone() }
    }

    /// Returns the queue of another account.
    pub fn queue_of(&self, account: &str) -> Queue {
        open(&self.redis, account)
    }

    /// Returns how a worker serves account `default` here.
    pub fn account(&self) -> AccountOptions {
        account("default", &self.xendit.base_url(), self.settings.clone())
    }

    /// Returns the same by another address of the simulator, with its key made known as the account's.
    pub async fn account_at(&self, base_url: &str) -> AccountOptions {
        let account = account("default", base_url, self.settings.clone());
        let client = Client::new(account.client.clone()).unwrap();
        let worker = WorkerIdentity {
            name: "elsewhere".to_owned(),
            fingerprint: client.fingerprint(),
            mode: client.mode(),
        };
        introduce(&self.redis, &self.queue, &worker).await;
        account
    }

    /// Makes due what follows from jobs that have ended and nobody holds, until nothing of it is left.
    pub async fn finish_follow_ups(&self) {
        let connection = self.redis.connect().await.unwrap();
        let keys = self.queue.keys();
        self.until("no follow-up is left", async |_| {
            let mut redis = connection.clone();
            let place = keys.named("follow_ups");
            let mut all = redis::cmd("ZRANGE");
            let follow_ups: Vec<String> =
                all.arg(&place).arg(0).arg(-1).query_async(&mut redis).await.unwrap();
            for follow_up in &follow_ups {
                let record = keys.named(&format!("follow_up:{follow_up}"));
                let is_held = redis::cmd("HEXISTS").arg(record).arg("claim_token").clone();
                if !is_held.query_async::<bool>(&mut redis).await.unwrap() {
                    let mut hurry = redis::cmd("ZADD");
                    hurry.arg(&place).arg("XX").arg("LT").arg(1).arg(follow_up);
                    hurry.exec_async(&mut redis).await.unwrap();
                }
            }
            redis::cmd("PUBLISH").arg(keys.wake()).arg("*").exec_async(&mut redis).await.unwrap();
            follow_ups.is_empty()
        })
        .await;
    }

    /// Starts a worker for account `default`.
    pub fn worker(&self, name: &str) -> RunningWorker {
        RunningWorker::start(&self.redis.url(), name, vec![self.account()])
    }

    /// Scripts a fault.
    pub fn fault(&self, fault: Fault) {
        self.xendit.add_fault(fault).unwrap();
    }

    /// Scripts a fault of creates that strikes `times` times.
    pub fn creates_fail(&self, act: Act, times: u32) {
        self.fault(Fault::on(RequestKind::Create, act).times(times));
    }

    /// Submits jobs and returns their ids.
    pub async fn submit(&self, jobs: &[String]) -> Vec<String> {
        let ids = self.queue.submit(jobs).await.unwrap();
        ids.into_iter().map(Option::unwrap).collect()
    }

    /// Submits one job and returns its id.
    pub async fn submit_one(&self, job: &str) -> String {
        self.submit(&[job.to_owned()]).await.remove(0)
    }

    /// Submits jobs and waits until all of them are accepted.
    pub async fn submit_accepted(&self, jobs: &[String]) -> Vec<String> {
        let before = self.queue.status().await.unwrap().totals.accepted;
        let after = before + u64::try_from(jobs.len()).unwrap();
        let ids = self.submit(jobs).await;
        self.until("everything is accepted", async |harness| {
            harness.queue.status().await.unwrap().totals.accepted >= after
        })
        .await;
        ids
    }

    /// Waits until the condition holds.
    pub async fn until(&self, what: &str, condition: impl AsyncFn(&Self) -> bool) {
        eventually(PATIENCE, what, async || condition(self).await).await.unwrap();
    }

    /// Waits until so many jobs are done.
    pub async fn until_done(&self, count: u64) {
        let what = format!("{count} jobs are done");
        self.until(&what, async |harness| harness.queue.status().await.unwrap().done >= count)
            .await;
    }

    /// Waits for a job's result.
    pub async fn result(&self, id: &str) -> Value {
        let mut waiter = self.queue.result_waiter(PATIENCE).await.unwrap();
        let Some(result) = waiter.wait(id).await.unwrap() else {
            let record = self.queue.job(id).await.unwrap();
            unreachable!("job {id} did not end: {record:?}");
        };
        serde_json::from_str(&result).unwrap()
    }

    /// Waits until the key of a worker with these options is known to be the account's.
    pub async fn until_known(&self, options: &AccountOptions) {
        let fingerprint = Client::new(options.client.clone()).unwrap().fingerprint();
        self.until("the worker's key is known", async |harness| {
            harness.queue.status().await.unwrap().owner.keys.contains(&fingerprint)
        })
        .await;
    }

    /// Returns a field of a job's record; empty when it has none.
    pub async fn field(&self, id: &str, field: &str) -> String {
        let mut connection = self.redis.connect().await.unwrap();
        let fields = record(&mut connection, &self.queue, id).await.unwrap();
        fields.get(field).cloned().unwrap_or_default()
    }

    /// Returns what the pacer holds.
    pub async fn pacer(&self, field: &str) -> String {
        let mut connection = self.redis.connect().await.unwrap();
        let key = self.queue.keys().named("pacer");
        let value: Option<String> =
            redis::cmd("HGET").arg(key).arg(field).query_async(&mut connection).await.unwrap();
        value.unwrap_or_default()
    }

    /// Returns the requests for a bill, in order of arrival.
    pub fn requests(&self, external_id: &str) -> Vec<Arrival> {
        let arrivals = self.xendit.ledger().arrivals().into_iter();
        arrivals.filter(|one| one.external_id.as_deref() == Some(external_id)).collect()
    }

    /// Returns the bill's requests as letters: `C` create, `L` look-up, `X` expire.
    pub fn steps(&self, external_id: &str) -> String {
        let letter = |arrival: Arrival| match arrival.kind {
            RequestKind::Create => 'C',
            RequestKind::List => 'L',
            RequestKind::Expire => 'X',
            RequestKind::Get | RequestKind::Other | RequestKind::Unreadable => '?',
        };
        self.requests(external_id).into_iter().map(letter).collect()
    }

    /// Returns the external ids of all creates, in order of arrival.
    pub fn created_order(&self) -> Vec<String> {
        let arrivals = self.xendit.ledger().arrivals().into_iter();
        let creates = arrivals.filter(|one| one.kind == RequestKind::Create);
        creates.filter_map(|one| one.external_id.map(|id| id.to_string())).collect()
    }

    /// Returns the bill's invoices that can be paid or have been.
    pub fn payable(&self, external_id: &str) -> Vec<Invoice> {
        let invoices = self.xendit.invoices(external_id).into_iter();
        invoices.filter(|invoice| invoice.status.is_payable()).collect()
    }

    /// Sends a request with the account's key past Antre, as another program of the merchant's might.
    pub async fn bystander(&self, call: Call) -> Reply {
        let client = Client::new(self.account().client).unwrap();
        let mut connection = client.connect().await.unwrap();
        let latest = tokio::time::Instant::now() + PATIENCE;
        connection.call(&call, SendDeadline::until(latest)).await
    }

    /// Creates an invoice past Antre and returns its id.
    pub async fn bystander_creates(&self, invoice: &Value) -> String {
        let reply = self.bystander(Call::Create { body: invoice.to_string().into() }).await;
        let Answer::Create(antre_xendit::api::outcome::CreateOutcome::Created(invoice)) =
            reply.answer
        else {
            unreachable!("the simulator refused: {reply:?}");
        };
        invoice.id
    }
}

/// Returns the simulator's name of account `name`.
pub fn xendit_account(name: &str) -> String {
    xendit_sim::account_of(&format!("{TEST_KEY}_{name}"))
}

fn open(redis: &RedisServer, account: &str) -> Queue {
    Redis::open(&redis.url()).unwrap().queue(account.parse().unwrap())
}
