//! `antre demo`: sample invoices through workers to a simulated Xendit, measured there.

mod ends;
mod faults;
mod report;
mod samples;

use antre_core::{AccountName, Limits};
use antre_producer::Producer;
use antre_store::Redis;
use xendit_sim::Latency;

use self::ends::{Ends, Journal};
use self::faults::Faults;
pub use self::report::{Report, Row};
use self::samples::{Sample, samples};
use crate::Result;
use crate::local_setup::{Host, LocalSetup, WorkerSettings};

/// What a demo is.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many invoices.
    pub count: u32,
    /// How many worker processes.
    pub workers: u32,
    /// The limit of the simulated account, and of the workers.
    pub limits: Limits,
    /// How long the simulated Xendit takes to answer.
    pub latency: Latency,
    /// Whether workers are suspended at random moments, and continued.
    pub are_workers_stopped: bool,
}

/// How far a demo is.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// The processes start.
    Starting,
    /// All of them are there.
    Ready,
    /// So many invoices have come to their end, the last of them this one.
    Ended {
        /// How many.
        count: usize,
        /// The bill of the last one.
        external_id: &'a str,
    },
    /// All of them have; the simulated Xendit is asked.
    Measuring,
}

/// Runs a demo to its end and returns what was measured; nothing if `stop` comes true before.
///
/// All processes are gone when this returns.
///
/// # Errors
/// If a process cannot be started, ends too early, or does not do its part in time.
pub async fn run(
    options: &Options,
    host: Host,
    stop: impl Future<Output = ()>,
    tell: impl FnMut(Progress<'_>),
) -> Result<Option<Report>> {
    let mut setup = LocalSetup::new(host)?;
    let played = tokio::select! {
        played = play(options, &mut setup, tell) => Some(played),
        () = stop => None,
    };
    let ended = setup.end().await;
    let report = played.transpose()?;
    if report.is_some() {
        ended?;
    }
    Ok(report)
}

async fn play(
    options: &Options,
    setup: &mut LocalSetup,
    mut tell: impl FnMut(Progress<'_>),
) -> Result<Report> {
    tell(Progress::Starting);
    let redis_url = setup.start_redis(None).await?;
    let redis = Redis::open(&redis_url)?;
    let (limits, latency) = (options.limits.to_string(), options.latency.to_string());
    let simulator = ["--listen", "127.0.0.1:0", "--limit", &limits, "--latency", &latency];
    let xendit_url = setup.start_xendit(&simulator).await?;
    let settings = WorkerSettings {
        redis_url,
        xendit_url: xendit_url.clone(),
        limits,
        http_listen: "off".to_owned(),
        gateway_listen: "off".to_owned(),
    };
    for _ in 0..options.workers {
        setup.start_worker(&settings)?;
    }
    setup.await_workers(&redis).await?;
    tell(Progress::Ready);
    let producer = Producer::new(redis.queue(AccountName::default()));
    let journal = send_and_watch(options, setup, &producer, &mut tell).await?;
    tell(Progress::Measuring);
    report::measure(&xendit_url, options, &journal).await
}

/// Enqueues the samples, those of VIPs when a third has ended, and follows them to their ends.
async fn send_and_watch(
    options: &Options,
    setup: &mut LocalSetup,
    producer: &Producer,
    tell: &mut impl FnMut(Progress<'_>),
) -> Result<Journal> {
    let (late, early): (Vec<Sample>, Vec<Sample>) =
        samples(options.count).into_iter().partition(|sample| sample.is_vip);
    let mut ends = Ends::new(producer.queue());
    let mut faults = Faults::new(options.are_workers_stopped);
    let mut journal = Journal::default();
    let count = late.len() + early.len();
    let mut late = Some(late);
    journal.enqueue(producer, early).await?;
    while journal.ended() < count {
        if journal.ended() >= count / 3
            && let Some(late) = late.take()
        {
            journal.enqueue(producer, late).await?;
        }
        for end in ends.next().await? {
            let external_id = end.external_id.clone();
            journal.note(end);
            tell(Progress::Ended { count: journal.ended(), external_id: &external_id });
        }
        faults.step(setup).await?;
        setup.check()?;
    }
    faults.end(setup).await?;
    Ok(journal)
}
