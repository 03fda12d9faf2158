//! Everything of one run: Redis, the simulator, workers, and what was submitted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use antre_store::{Queue, settings::Configurator, status::Status};
use antre_testkit::{AppendFsync, ChildProcess, eventually};
use redis::aio::MultiplexedConnection;
use xendit_sim::{Arrival, Invoice, Options, RequestKind, Simulator};

use super::bills::{Bill, Submitted};
use super::check::{Evidence, Rules, Violation, check};
use super::conditions::Conditions;
use super::primary::Primary;
use super::worker::Worker;

/// Long enough for two cores that compile something else.
const PATIENCE: Duration = Duration::from_secs(45);
const BESIDE: &str = "beside";
const BESIDE_KEY: &str = "xnd_development_antre_tests_beside";

/// Redis, the simulated Xendit and a queue between them.
#[derive(Debug)]
pub struct Arena {
    /// The Redis in charge.
    pub primary: tokio::sync::Mutex<Primary>,
    /// The simulated Xendit.
    pub xendit: xendit_sim::Running,
    /// The queue, over a connection that no fault touches but those of Redis itself.
    pub queue: Queue,
    /// What workers are told.
    pub conditions: Conditions,
    binary: PathBuf,
    /// Another account of the same workers, at another account of Xendit; opened where a run wants it.
    pub beside: Option<Beside>,
    redis_path: PathBuf,
    submitted: Mutex<Vec<Submitted>>,
    begun: Instant,
}

impl Arena {
    /// Starts everything but workers; `binary` is the program `antre`.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(
        binary: &Path,
        conditions: Conditions,
        fsync: AppendFsync,
    ) -> anyhow::Result<Self> {
        let primary = Primary::start(fsync).await?;
        let begun = Instant::now();
        let limits = conditions.limits.parse()?;
        let xendit = Simulator::start(Options { limits, ..Options::default() }).await?;
        let queue = antre_store::Redis::open(&primary.url())?.queue("default".parse()?);
        let by = Configurator { fingerprint: "arena", has_lost_data: false };
        queue.configure(&conditions.settings()?, by).await?;
        Ok(Self {
            redis_path: primary.path(),
            primary: tokio::sync::Mutex::new(primary),
            xendit,
            queue,
            conditions,
            binary: binary.to_owned(),
            beside: None,
            submitted: Mutex::default(),
            begun,
        })
    }

    /// Prepares a worker with links of its own; nothing runs yet.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn worker(&self) -> anyhow::Result<Worker> {
        self.worker_at(self.xendit.address()).await
    }

    /// Prepares a worker that reaches the simulator by this listener of it; nothing runs yet.
    ///
    /// Each place has an address of its own, so its key is made known as the account's here.
    ///
    /// # Errors
    /// When no port can be had, or Redis does not answer.
    pub async fn worker_at(&self, xendit: SocketAddr) -> anyhow::Result<Worker> {
        let worker = self.place(xendit).await?;
        self.introduce(&worker).await?;
        Ok(worker)
    }

    /// Prepares a worker with a key that nobody has seen here; nothing runs yet.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn newcomer(&self, key: &str) -> anyhow::Result<Worker> {
        Ok(self.place(self.xendit.address()).await?.with_key(key))
    }

    async fn place(&self, xendit: SocketAddr) -> anyhow::Result<Worker> {
        Worker::prepare(&self.binary, &self.conditions, self.redis_path.clone(), xendit).await
    }

    /// Makes the key of a worker known as the account's.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn introduce(&self, worker: &Worker) -> anyhow::Result<()> {
        self.make_known(&self.queue, &worker.fingerprint()?).await
    }

    async fn make_known(&self, queue: &Queue, fingerprint: &str) -> anyhow::Result<()> {
        let mut identity = redis::cmd("HSET");
        identity.arg(queue.keys().named("identity"));
        identity.arg(format!("key:{fingerprint}")).arg(1).arg("mode").arg("test");
        Ok(identity.exec_async(&mut self.redis().await?).await?)
    }

    /// Runs a command of the program to its end, and returns its output when it ended well.
    ///
    /// # Errors
    /// When it cannot be started, does not end, or not with 0.
    pub async fn antre(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(std::env::temp_dir()).env_clear();
        command.env("ANTRE_REDIS_URL", format!("redis+unix://{}", self.redis_path.display()));
        let mut process = ChildProcess::start(command)?;
        let status = process.wait(PATIENCE).await?;
        anyhow::ensure!(status.success(), "{status}: {}", process.output());
        Ok(process.stdout())
    }

    /// Opens the account beside: nobody harms it, so it must come to no harm.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn open_beside(&mut self) -> anyhow::Result<()> {
        let queue = self.queue.redis().queue(BESIDE.parse()?);
        let by = Configurator { fingerprint: "arena", has_lost_data: false };
        queue.configure(&self.conditions.settings()?, by).await?;
        let account = self.xendit.account_of(BESIDE_KEY);
        self.beside = Some(Beside { queue, account, submitted: Mutex::default() });
        Ok(())
    }

    /// Prepares a worker with a key and a listener of the simulator of its own; nothing runs yet.
    /// Serves the account beside, too, if that is open. Returns the listener's number as well.
    ///
    /// # Errors
    /// When no port can be had, or Redis does not answer.
    pub async fn worker_of_its_own(&self, key: &str) -> anyhow::Result<(Worker, u32)> {
        let listener = self.xendit.add_listener().await?;
        let mut worker = self.place(listener.address).await?.with_key(key);
        self.introduce(&worker).await?;
        if let Some(beside) = &self.beside {
            worker = worker.serving_too(BESIDE, BESIDE_KEY)?;
            let fingerprint = worker.fingerprint_of(BESIDE_KEY)?;
            self.make_known(&beside.queue, &fingerprint).await?;
        }
        Ok((worker, listener.number))
    }

    /// Starts a worker and waits until the queue has heard of it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn working(&self) -> anyhow::Result<Worker> {
        let mut worker = self.worker().await?;
        self.start_working(&mut worker).await?;
        Ok(worker)
    }

    /// Starts a prepared worker and waits until the queue has heard of it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn start_working(&self, worker: &mut Worker) -> anyhow::Result<()> {
        let before = self.queue.status().await?.workers.len();
        worker.start()?;
        let heard =
            self.until("a worker's first heartbeat", |status| status.workers.len() > before);
        heard.await.map(drop).map_err(|error| error.context(worker.output()))
    }

    /// Returns the time in microseconds since the simulator started: the clock of its ledger.
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Submits `bills` in one round trip and returns their ids.
    ///
    /// # Errors
    /// When Redis does not acknowledge them; some may have arrived all the same.
    pub async fn submit(&self, bills: &[Bill]) -> anyhow::Result<Vec<String>> {
        let submitted = submit(&self.queue, bills, self.now_us()).await?;
        let ids = submitted.iter().map(|submitted| submitted.id.clone()).collect();
        self.note(submitted);
        Ok(ids)
    }

    /// Submits `bills` to the account beside.
    ///
    /// # Errors
    /// As [`Arena::submit`], and when it is not open.
    pub async fn submit_beside(&self, bills: &[Bill]) -> anyhow::Result<()> {
        let beside = self.beside.as_ref().ok_or_else(|| anyhow::anyhow!("no account beside"))?;
        let submitted = submit(&beside.queue, bills, self.now_us()).await?;
        beside.submitted.lock().unwrap_or_else(PoisonError::into_inner).extend(submitted);
        Ok(())
    }

    /// Submits one bill and returns its id.
    ///
    /// # Errors
    /// As [`Arena::submit`].
    pub async fn submit_one(&self, external_id: &str) -> anyhow::Result<String> {
        let mut ids = self.submit(&[Bill::new(external_id)]).await?;
        ids.pop().ok_or_else(|| anyhow::anyhow!("no id for {external_id}"))
    }

    /// Remembers what was acknowledged elsewhere.
    pub fn note(&self, submitted: impl IntoIterator<Item = Submitted>) {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner).extend(submitted);
    }

    /// Returns everything that was acknowledged so far.
    pub fn submitted(&self) -> Vec<Submitted> {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what was acknowledged, after data was destroyed on purpose.
    pub fn forget_submitted(&self) {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until the account's picture satisfies `condition`, and returns it.
    ///
    /// # Errors
    /// When it does not in time; with the last picture.
    pub async fn until(
        &self,
        what: &str,
        condition: impl Fn(&Status) -> bool,
    ) -> anyhow::Result<Status> {
        let found = eventually(PATIENCE, what, async || {
            let status = self.queue.status().await.map_err(|error| error.to_string())?;
            if condition(&status) { Ok(Some(status)) } else { Err(figures(&status)) }
        });
        Ok(found.await?)
    }

    /// Waits until a job's record has `value` in `field`.
    ///
    /// # Errors
    /// When it does not in time; with the record.
    pub async fn until_field(&self, id: &str, field: &str, value: &str) -> anyhow::Result<()> {
        let what = format!("job {id} has {field} = {value}");
        self.until_record(id, &what, |fields| fields.get(field).is_some_and(|it| it == value)).await
    }

    /// Waits until a job's record satisfies `condition`.
    ///
    /// # Errors
    /// When it does not in time; with the record.
    pub async fn until_record(
        &self,
        id: &str,
        what: &str,
        condition: impl Fn(&HashMap<String, String>) -> bool,
    ) -> anyhow::Result<()> {
        let found = eventually(PATIENCE, what, async || {
            let job = self.queue.job(id).await.map_err(|error| error.to_string())?;
            let fields = job.map(|job| job.fields.into_iter().collect()).unwrap_or_default();
            if condition(&fields) { Ok(true) } else { Err(format!("{fields:?}")) }
        });
        Ok(found.await?)
    }

    /// Waits until a request of this kind for `external_id` has arrived at the simulator.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn until_arrived(&self, external_id: &str, kind: RequestKind) -> anyhow::Result<()> {
        let what = format!("a {kind} request for {external_id} arrives");
        let found = eventually(PATIENCE, &what, async || {
            self.arrivals(external_id).iter().any(|arrival| arrival.kind == kind)
        });
        Ok(found.await?)
    }

    /// Returns the requests for `external_id` that reached the simulator.
    pub fn arrivals(&self, external_id: &str) -> Vec<Arrival> {
        let all = self.xendit.ledger().arrivals();
        all.into_iter().filter(|it| it.external_id.as_deref() == Some(external_id)).collect()
    }

    /// Returns how many requests of a kind for `external_id` reached the simulator.
    pub fn count(&self, external_id: &str, kind: RequestKind) -> usize {
        self.arrivals(external_id).iter().filter(|arrival| arrival.kind == kind).count()
    }

    /// Returns the invoices of `external_id` that a customer could pay or has paid.
    pub fn payable(&self, external_id: &str) -> Vec<Invoice> {
        let invoices = self.xendit.invoices(external_id);
        invoices.into_iter().filter(|invoice| invoice.status.is_payable()).collect()
    }

    /// Opens a connection to the Redis in charge.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn redis(&self) -> anyhow::Result<MultiplexedConnection> {
        Ok(self.primary.lock().await.server.connect().await?)
    }

    /// Waits until every job has ended and every chore is done, the late audits of a quarter of an
    /// hour brought forward.
    ///
    /// # Errors
    /// When something is left over after `limit`; with the last picture.
    pub async fn settle(&self, limit: Duration) -> anyhow::Result<()> {
        self.settle_queue(&self.queue, limit).await?;
        match &self.beside {
            Some(beside) => self.settle_queue(&beside.queue, limit).await,
            None => Ok(()),
        }
    }

    async fn settle_queue(&self, queue: &Queue, limit: Duration) -> anyhow::Result<()> {
        let drained = eventually(limit, "every job ends", async || {
            let status = queue.status().await.map_err(|error| error.to_string())?;
            let left = status.inbox + status.waiting_total() + status.scheduled + status.running;
            if left == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        drained.await?;
        let mut connection = self.redis().await?;
        let done = eventually(limit, "every chore is done", async || {
            hurry_audits(queue, &mut connection).await.map_err(|error| error.to_string())?;
            let status = queue.status().await.map_err(|error| error.to_string())?;
            if status.chores == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        Ok(done.await?)
    }

    /// Asks the checker what is wrong with what came out.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn check(&self, rules: &Rules) -> anyhow::Result<Vec<Violation>> {
        let submitted = self.submitted();
        let account = self.beside.as_ref().map(|beside| beside.account.as_str());
        let is_ours = |arrival: &Arrival| account.is_none() || arrival.account.as_deref() != account;
        let arrivals = self.xendit.ledger().arrivals().into_iter().filter(is_ours).collect();
        let (queue, xendit) = (&self.queue, &self.xendit);
        let evidence = Evidence { queue, xendit, submitted: &submitted, arrivals, rules };
        check(&evidence, &mut self.redis().await?).await
    }

    /// Asks the checker the same of the account beside.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn check_beside(&self, rules: &Rules) -> anyhow::Result<Vec<Violation>> {
        let Some(beside) = &self.beside else { return Ok(Vec::new()) };
        let submitted = beside.submitted();
        let is_its = |arrival: &Arrival| arrival.account.as_deref() == Some(&*beside.account);
        let arrivals = self.xendit.ledger().arrivals().into_iter().filter(is_its).collect();
        let (queue, xendit) = (&beside.queue, &self.xendit);
        let evidence = Evidence { queue, xendit, submitted: &submitted, arrivals, rules };
        check(&evidence, &mut self.redis().await?).await
    }
}

/// An account that shares workers and Redis with the one that is harmed.
#[derive(Debug)]
pub struct Beside {
    /// Its queue.
    pub queue: Queue,
    /// Its account at the simulator.
    pub account: String,
    submitted: Mutex<Vec<Submitted>>,
}

impl Beside {
    /// Returns everything that was acknowledged so far.
    pub fn submitted(&self) -> Vec<Submitted> {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn submit(queue: &Queue, bills: &[Bill], at_us: u64) -> anyhow::Result<Vec<Submitted>> {
    let jobs: Vec<String> = bills.iter().map(Bill::to_json).collect();
    let ids: Option<Vec<String>> = queue.submit(&jobs).await?.into_iter().collect();
    let ids = ids.ok_or_else(|| anyhow::anyhow!("nobody serves the account"))?;
    let note = |(bill, id): (&Bill, String)| Submitted { id, bill: bill.clone(), at_us };
    Ok(bills.iter().zip(ids).map(note).collect())
}

/// Makes every audit that nobody holds due now; the clock itself cannot be hurried.
async fn hurry_audits(
    queue: &Queue,
    connection: &mut MultiplexedConnection,
) -> anyhow::Result<()> {
    let keys = queue.keys();
    let chores: Vec<String> = redis::cmd("ZRANGE")
        .arg(keys.named("chores"))
        .arg(0)
        .arg(-1)
        .query_async(connection)
        .await?;
    let mut pipeline = redis::pipe();
    for chore in chores.iter().filter(|chore| chore.starts_with("audit-")) {
        let record = keys.named(&format!("chore:{chore}"));
        let is_held: bool =
            redis::cmd("HEXISTS").arg(record).arg("fence").query_async(connection).await?;
        if !is_held {
            pipeline
                .cmd("ZADD")
                .arg(keys.named("chores"))
                .arg("XX")
                .arg("LT")
                .arg(1)
                .arg(chore);
        }
    }
    pipeline.cmd("PUBLISH").arg(keys.wake()).arg("1");
    Ok(pipeline.exec_async(connection).await?)
}

/// Returns what matters of a picture, in one line.
pub fn figures(status: &Status) -> String {
    format!(
        "inbox {}, waiting {:?}, scheduled {}, running {}, done {}, dead {}, chores {}, breaker {:?}, \
         waits {:?} for {}, workers {}",
        status.inbox,
        status.waiting,
        status.scheduled,
        status.running,
        status.done,
        status.dead,
        status.chores,
        status.breaker,
        status.wait,
        status.wait_reason,
        status.workers.len(),
    )
}
