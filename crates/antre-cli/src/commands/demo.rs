//! `antre demo`

mod ends;
mod interference;
mod report;
mod samples;

use std::time::Duration;

use antre_producer::Producer;
use antre_protocol::{AccountName, Limits};
use antre_store::Redis;
use indicatif::{ProgressBar, ProgressStyle};

use self::ends::{Ends, Journal};
use self::interference::Interference;
use self::report::Report;
use self::samples::{Sample, samples};
use super::playground::{Playground, WorkerSettings};
use crate::context::Context;
use crate::ending::{EXIT_CODES, Ending};
use crate::output::{complain, say, say_json};
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre demo
  antre demo --count 300 --workers 5 --latency 20-300ms
  antre demo --stop-and-continue     # workers are suspended in between
  antre demo --count 40 --limit 5/1s,60/1m --json

Needs redis-server (sh deploy/setup.sh) and nothing else: no account, no key, no
network. One in ten customers is a VIP whose bill comes late and overtakes. The
figures at the end are those of the simulated Xendit, which saw every request
arrive. Ends with code 1 if a link is missing, a bill has two invoices or the
limit was exceeded.
";

/// Send sample invoices through workers to a simulated Xendit, and measure there
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// How many invoices
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// How many worker processes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=32))]
    workers: u32,
    /// The limit of the simulated account, and of the workers
    #[arg(long, default_value = "2/1s")]
    limit: Limits,
    /// How long the simulated Xendit takes to answer: 50ms, 20-300ms or tail:80ms:2s
    #[arg(long, default_value = "20-300ms")]
    latency: xendit_sim::Latency,
    /// Suspend workers at random moments, and continue them
    #[arg(long)]
    stop_and_continue: bool,
    /// The summary as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<Ending> {
    let mut signals = StopSignals::listen()?;
    let mut playground = Playground::new(context.environment())?;
    let played = tokio::select! {
        played = play(&arguments, &mut playground) => Some(played),
        () = signals.next() => None,
    };
    let ended = playground.end().await;
    let Some(report) = played else {
        complain("interrupted; everything has been stopped")?;
        return Ok(Ending::Failed);
    };
    let report = report?;
    ended?;
    if arguments.json {
        say_json(&report.to_json())?;
    } else {
        say(&report.to_string())?;
    }
    Ok(if report.faults().is_empty() { Ending::Done } else { Ending::Failed })
}

async fn play(arguments: &Arguments, playground: &mut Playground) -> anyhow::Result<Report> {
    let bar = bar(arguments.count)?;
    bar.set_message("starting redis, the simulated Xendit and the workers");
    let redis_url = playground.start_redis(None).await?;
    let redis = Redis::open(&redis_url)?;
    let xendit_url = playground.start_xendit(&simulator_arguments(arguments)).await?;
    let settings = WorkerSettings {
        redis_url,
        xendit_url: xendit_url.clone(),
        limits: arguments.limit.to_string(),
        http_listen: "off".to_owned(),
    };
    for _ in 0..arguments.workers {
        playground.start_worker(&settings)?;
    }
    playground.await_workers(&redis).await?;
    bar.set_message("");
    let producer = Producer::new(redis.queue(AccountName::default()));
    let journal = send_and_watch(arguments, playground, &producer, &bar).await?;
    bar.finish_and_clear();
    report::measure(&xendit_url, &arguments.limit, journal, arguments.stop_and_continue).await
}

fn simulator_arguments(arguments: &Arguments) -> Vec<String> {
    let (limit, latency) = (arguments.limit.to_string(), arguments.latency.to_string());
    let all = ["--listen", "127.0.0.1:0", "--limit", &limit, "--latency", &latency];
    all.into_iter().map(str::to_owned).collect()
}

/// Enqueues the samples, those of VIPs when a third has ended, and follows them to their ends.
async fn send_and_watch(
    arguments: &Arguments,
    playground: &mut Playground,
    producer: &Producer,
    bar: &ProgressBar,
) -> anyhow::Result<Journal> {
    let (late, early): (Vec<Sample>, Vec<Sample>) =
        samples(arguments.count).into_iter().partition(|sample| sample.is_vip);
    let mut ends = Ends::new(producer.queue());
    let mut interference = Interference::new(arguments.stop_and_continue);
    let mut journal = Journal::default();
    let mut late = Some(late);
    let count = usize::try_from(arguments.count)?;
    journal.enqueue(producer, early).await?;
    while journal.ended() < count {
        if journal.ended() >= count / 3
            && let Some(late) = late.take()
        {
            journal.enqueue(producer, late).await?;
        }
        for end in ends.next().await? {
            bar.set_message(end.external_id.clone());
            journal.note(end);
        }
        bar.set_position(u64::try_from(journal.ended())?);
        interference.step(playground).await?;
        playground.check()?;
    }
    interference.end(playground).await?;
    Ok(journal)
}

/// Returns a bar on standard error; it stays hidden where that is no terminal.
fn bar(count: u32) -> anyhow::Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len}  {elapsed} of about {duration}  {msg}")?;
    let bar = ProgressBar::new(u64::from(count)).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}
