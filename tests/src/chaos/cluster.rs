//! Everything of one run: Redis, the simulator, workers, and what was submitted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use antre_core::mode::Mode;
use antre_store::{Queue, claim::WorkerIdentity, settings::Configurator, status::Status};
use antre_testkit::{AppendFsync, ChildProcess, eventually, queue::record};
use redis::aio::MultiplexedConnection;
use xendit_sim::{Arrival, Invoice, Options, RequestKind, Simulator};

use super::beside::{BESIDE, BESIDE_KEY, Beside, submit};
use super::bills::{Bill, Submitted};
use super::check::{Evidence, Rules, Violation, check};
use super::conditions::Conditions;
use super::primary::Primary;
use super::worker::Worker;

/// Long enough for two cores that compile something else.
const PATIENCE: Duration = Duration::from_secs(45);

/// Redis, the simulated Xendit and a queue between them.
#[derive(Debug)]
pub struct Cluster {
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

impl Cluster {
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
        let tester = WorkerIdentity::new("tester", "cluster", Mode::Test);
        let by = Configurator { worker: &tester, has_lost_data: false };
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

    /// Submits one bill and returns its id.
    ///
    /// # Errors
    /// As [`Cluster::submit`].
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

    /// Waits until the account's status satisfies `condition`, and returns it.
    ///
    /// # Errors
    /// When it does not in time; with the last status.
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
        condition: impl Fn(&BTreeMap<String, String>) -> bool,
    ) -> anyhow::Result<()> {
        let found = eventually(PATIENCE, what, async || {
            let mut connection = self.redis().await.map_err(|error| error.to_string())?;
            let fields = record(&mut connection, &self.queue, id).await;
            let fields = fields.map_err(|error| error.to_string())?;
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

    /// Asks the checker what is wrong with what came out.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn check(&self, rules: &Rules) -> anyhow::Result<Vec<Violation>> {
        let submitted = self.submitted();
        let account = self.beside.as_ref().map(|beside| beside.account.as_str());
        let is_ours =
            |arrival: &Arrival| account.is_none() || arrival.account.as_deref() != account;
        let arrivals = self.xendit.ledger().arrivals().into_iter().filter(is_ours).collect();
        let (queue, xendit) = (&self.queue, &self.xendit);
        let evidence = Evidence { queue, xendit, submitted: &submitted, arrivals, rules };
        check(&evidence, &mut self.redis().await?).await
    }
}

/// Returns what matters of a status, in one line.
pub fn figures(status: &Status) -> String {
    format!(
        "inbox {}, waiting {:?}, scheduled {}, running {}, done {}, dead {}, follow_ups {}, breaker {:?}, \
         waits {:?} for {}, workers {}",
        status.inbox,
        status.waiting,
        status.scheduled,
        status.running,
        status.done,
        status.dead,
        status.follow_ups,
        status.breaker,
        status.wait,
        status.wait_reason,
        status.workers.len(),
    )
}
