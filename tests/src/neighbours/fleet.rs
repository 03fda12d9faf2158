//! Where one neighbour plays: workers of the real program with the times of production, a producer that
//! never stops, and somebody who watches.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use antre_store::status::Status;
use antre_testkit::{AppendFsync, eventually, queue::record};
use xendit_sim::Arrival;

use super::count::Count;
use super::feeder::Feeder;
use super::pace::Pace;
use super::row::Row;
use super::watch::Watch;
use crate::chaos::bills::Bill;
use crate::chaos::cluster::{Cluster, figures};
use crate::chaos::conditions::Conditions;
use crate::chaos::moment::pass;
use crate::chaos::worker::Worker;

/// The limit in force, in requests per second.
pub const LIMIT_PER_S: u64 = 20;
/// Two seconds' worth of requests: both workers have had some.
const WARM_REQUESTS: u64 = 40;
const LATENCY: &str = "20-200ms";
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the rest may take after the fault.
const DRAIN_MAX: Duration = Duration::from_mins(2);
const FOLLOW_UPS_MAX: Duration = Duration::from_mins(1);
/// Bills whose story is told.
const BROKEN_MAX: usize = 5;
/// Ids that are asked for in one round trip.
const IDS_AT_ONCE: usize = 500;

/// Returns the program's default times, under a limit of 20 in a second.
pub fn production(durability: &'static str) -> Conditions {
    let (ms, s) = (Duration::from_millis, Duration::from_secs);
    Conditions {
        limits: "20/1s",
        retry_delays: "1s,2s,4s",
        jitter_allowance: ms(5),
        send_within: ms(5),
        lease: s(9),
        request_timeout: s(15),
        connect_timeout: s(5),
        trust_absence_answered: s(5),
        trust_absence_unanswered: s(45),
        breaker_probe: s(5),
        durability,
    }
}

/// An instant by two clocks.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Instant,
    ledger_us: u64,
}

/// One run of one neighbour.
#[derive(Debug)]
pub struct Fleet {
    /// Redis, the simulator and the queue.
    pub cluster: Arc<Cluster>,
    /// What is worth a remark.
    pub remarks: Vec<String>,
    watch: Watch,
    feeder: Option<Feeder>,
    begun: Mark,
    ended: Mark,
}

impl Fleet {
    /// Opens a fleet without workers.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn open(binary: &Path, durability: &'static str) -> anyhow::Result<Self> {
        let cluster =
            Cluster::start(binary, production(durability), AppendFsync::EverySecond).await?;
        cluster.xendit.set_latency(LATENCY.parse()?);
        let watch = Watch::start(cluster.primary.lock().await.url());
        let now = mark(&cluster);
        let cluster = Arc::new(cluster);
        Ok(Self { cluster, remarks: Vec::new(), watch, feeder: None, begun: now, ended: now })
    }

    /// Starts a worker and lets it be watched.
    ///
    /// # Errors
    /// When it does not say where it serves HTTP.
    pub async fn employ(&self, worker: Worker) -> anyhow::Result<Worker> {
        let mut worker = worker.with_http();
        worker.start()?;
        let line = worker.line("serving http").await?;
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.ok_or_else(|| anyhow::anyhow!("no address in {line}"))?;
        self.watch.ask_worker(address.parse()?);
        Ok(worker)
    }

    /// Keeps `backlog` jobs waiting from now on, and waits until the first requests were answered.
    ///
    /// # Errors
    /// When they are not.
    pub async fn warm_up(&mut self, backlog: u64) -> anyhow::Result<()> {
        self.feeder = Some(Feeder::start(Arc::clone(&self.cluster), backlog));
        let ledger = self.cluster.xendit.ledger();
        let is_warm = ledger.wait_until(PATIENCE, |it| it.finished >= WARM_REQUESTS).await;
        anyhow::ensure!(is_warm, "no requests: {}", figures(&self.cluster.queue.status().await?));
        Ok(())
    }

    /// The fault begins now.
    pub fn begin(&mut self) {
        self.watch.forget();
        self.begun = mark(&self.cluster);
    }

    /// The fault has ended now.
    pub fn end(&mut self) {
        self.ended = mark(&self.cluster);
    }

    /// Waits for the next such request after the end of the fault that was answered well; returns how
    /// long after it that arrived.
    pub async fn next_request(
        &self,
        limit: Duration,
        is_one: impl Fn(&Arrival) -> bool,
    ) -> Option<Duration> {
        let found = eventually(limit, "the next request", async || {
            let arrivals = self.cluster.xendit.ledger().arrivals();
            let after = arrivals.iter().filter(|it| it.arrived_us > self.ended.ledger_us);
            let found = after.filter(|it| it.status == Some(200)).find(|it| is_one(it));
            found.map(|it| Ok::<_, String>(it.arrived_us - self.ended.ledger_us))
        });
        found.await.ok()?.ok().map(Duration::from_micros)
    }

    /// Submits the first bills again, as somebody does who is not sure.
    ///
    /// # Errors
    /// When Redis does not acknowledge them.
    pub async fn submit_again(&self, count: usize) -> anyhow::Result<()> {
        let submitted = self.cluster.submitted();
        let bills: Vec<Bill> = submitted.into_iter().take(count).map(|job| job.bill).collect();
        self.cluster.submit(&bills).await.map(drop)
    }

    /// Ends the producer, lets everything end, and looks at what came of it.
    ///
    /// # Errors
    /// When Redis does not answer in the end.
    pub async fn close(
        mut self,
        next_request: Option<Duration>,
        is_healthy: Option<&(dyn Fn(&Arrival) -> bool + Sync)>,
    ) -> anyhow::Result<Row> {
        if let Some(feeder) = self.feeder.take() {
            feeder.stop().await;
        }
        let forgotten = self.submit_forgotten().await?;
        let is_drained = self.arena_drains().await;
        let all_done = is_drained.is_ok().then(|| self.ended.at.elapsed());
        self.remarks.extend(is_drained.err().map(|error| format!("{error:#}")));
        let drained = self.cluster.drain(FOLLOW_UPS_MAX).await;
        self.remarks.extend(drained.err().map(|error| format!("{error:#}")));
        let count = Count { forgotten, ..Count::of(&self.cluster).await? };
        for (what, bill) in count.broken.iter().take(BROKEN_MAX) {
            let story = story(&self.cluster, bill, self.ended.ledger_us).await?;
            self.remarks.push(format!("{what} {bill}: {story}"));
        }
        let status = self.cluster.queue.status().await?;
        self.remarks.push(format!("totals {:?}", status.totals));
        self.remarks.push(format!("words {:?}", self.watch.all_since(self.begun.at)));
        let arrivals = self.cluster.xendit.ledger().arrivals();
        let struck = arrivals.iter().filter(|it| it.fault.is_some()).count();
        self.remarks.push(format!("requests {}, struck by a fault {struck}", arrivals.len()));
        let pace = is_healthy.map(|is_healthy| {
            let is_one =
                |it: &&Arrival| it.status == Some(200) && it.fault.is_none() && is_healthy(it);
            let healthy: Vec<&Arrival> = arrivals.iter().filter(is_one).collect();
            Pace::of(&healthy, self.begun.ledger_us..self.ended.ledger_us)
        });
        let word = self.watch.first_since(self.begun.at);
        Ok(Row { count, pace, word, next_request, all_done, remarks: self.remarks })
    }

    /// Submits again what Redis acknowledged and does not know any more, as `PROTOCOL.md` teaches.
    async fn submit_forgotten(&self) -> anyhow::Result<usize> {
        let submitted = self.cluster.submitted();
        let mut forgotten = Vec::new();
        for jobs in submitted.chunks(IDS_AT_ONCE) {
            let ids: Vec<String> = jobs.iter().map(|job| job.id.clone()).collect();
            let known = self.cluster.queue.are_known(&ids).await?;
            let unknown = jobs.iter().zip(known).filter(|(_, is_known)| !is_known);
            forgotten.extend(unknown.map(|(job, _)| job.bill.clone()));
        }
        if !forgotten.is_empty() {
            // The first try may meet a connection to a server that is a replica by now.
            let again = eventually(PATIENCE, "what was forgotten is submitted again", async || {
                self.cluster
                    .submit(&forgotten)
                    .await
                    .map(|_| true)
                    .map_err(|error| error.to_string())
            });
            again.await?;
        }
        Ok(forgotten.len())
    }

    async fn arena_drains(&self) -> anyhow::Result<()> {
        let drained = eventually(DRAIN_MAX, "every job ends", async || {
            let status = self.cluster.queue.status().await.map_err(|error| error.to_string())?;
            if left(&status) == 0 { Ok(true) } else { Err(figures(&status)) }
        });
        Ok(drained.await?)
    }
}

fn left(status: &Status) -> u64 {
    status.inbox + status.waiting_total() + status.scheduled + status.running
}

fn mark(cluster: &Cluster) -> Mark {
    Mark { at: Instant::now(), ledger_us: cluster.now_us() }
}

/// Lets the fault last.
pub async fn last(time: Duration) {
    pass(time).await;
}

/// Tells what happened to a bill: its jobs and its requests, in seconds from the end of the fault.
async fn story(cluster: &Cluster, bill: &str, ended_us: u64) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    let seconds = |us: u64| {
        let (sign, us) = if us < ended_us { ("-", ended_us - us) } else { ("", us - ended_us) };
        format!("{sign}{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000)
    };
    for job in cluster.submitted().iter().filter(|job| job.bill.external_id == bill) {
        let fields = record(&mut cluster.redis().await?, &cluster.queue, &job.id).await?;
        lines.push(format!("submitted {} as {}: {fields:?}", seconds(job.at_us), job.id));
    }
    for it in cluster.arrivals(bill) {
        let (kind, status, invoice) = (it.kind, it.status, it.invoice_id.as_deref());
        let (fault, at) = (it.fault.as_deref(), seconds(it.arrived_us));
        lines
            .push(format!("{at} {kind} listener {} {status:?} {fault:?} {invoice:?}", it.listener));
    }
    for invoice in cluster.xendit.invoices(bill) {
        lines.push(format!("{} {:?} mark {:?}", invoice.id, invoice.status, invoice.metadata));
    }
    Ok(lines.join("\n    "))
}
