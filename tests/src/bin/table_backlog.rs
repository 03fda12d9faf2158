//! `just table-backlog`: what a backlog of 100,000 jobs costs, with the limit lifted.
//!
//! One Redis with an append-only file, one worker of 32 slots and the simulated Xendit, all on this machine.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::time::{Duration, Instant};

use antre_store::{Queue, Redis};
use antre_testkit::{
    AppendFsync, RedisServer,
    queue::{configure, quick_settings},
};
use antre_tests::fleet::{RunningWorker, account};
use anyhow::{Context, Result};
use xendit_sim::{Options, Simulator};

const JOBS: usize = 100_000;
const DUE_AT_ONCE: usize = 20_000;
const CHUNK: usize = 500;
const PATIENCE: Duration = Duration::from_mins(10);

#[tokio::main]
async fn main() -> Result<()> {
    let server = RedisServer::builder()
        .append_only(AppendFsync::EverySecond)
        .config_line("latency-tracking-info-percentiles 50 99 99.9 100")
        .start()
        .await?;
    let xendit =
        Simulator::start(Options { limits: "none".parse()?, ..Options::default() }).await?;
    let redis = Redis::open(&server.url())?;
    let queue = redis.queue("default".parse()?);
    let mut settings = quick_settings();
    settings.request_timeout = Duration::from_secs(15);
    configure(&queue, &settings).await;

    println!("| {JOBS} jobs | seconds | per second |\n|---|---|---|");
    let memory_empty = redis.server().await?.memory_used_bytes;
    let begun = Instant::now();
    submit(&queue, JOBS, None).await?;
    row("submitted (XADD, pipelined)", JOBS, begun);

    queue.pause("bench", "accept only", None).await?;
    let mut options = account("default", &xendit.base_url(), settings);
    options.concurrency = 32;
    let begun = Instant::now();
    let worker = RunningWorker::start(&server.url(), "bench", vec![options]);
    until(&queue, async || Ok(queue.status().await?.waiting_total() == count(JOBS))).await?;
    row("accepted", JOBS, begun);
    let memory_waiting = redis.server().await?.memory_used_bytes;

    queue.resume("bench").await?;
    let begun = Instant::now();
    for tenth in 1..=10 {
        let wanted = count(JOBS * tenth / 10);
        let part = Instant::now();
        until(&queue, async || Ok(queue.status().await?.done >= wanted)).await?;
        if tenth == 1 || tenth == 10 {
            row(&format!("drained, {tenth}. tenth"), JOBS / 10, part);
        }
    }
    row("drained, all", JOBS, begun);
    let memory_done = redis.server().await?.memory_used_bytes;

    let due_ms = redis.time_us().await? / 1000 + 8000;
    submit(&queue, DUE_AT_ONCE, Some(due_ms)).await?;
    until(&queue, async || Ok(queue.status().await?.scheduled == count(DUE_AT_ONCE))).await?;
    until(&queue, async || Ok(queue.status().await?.scheduled < count(DUE_AT_ONCE))).await?;
    let begun = Instant::now();
    until(&queue, async || Ok(queue.status().await?.done == count(JOBS + DUE_AT_ONCE))).await?;
    row("due at one instant: promoted and drained", DUE_AT_ONCE, begun);

    println!("\n| memory a job | bytes |\n|---|---|");
    println!("| waiting | {} |", memory_waiting.saturating_sub(memory_empty) / count(JOBS));
    println!(
        "| done, with its result | {} |",
        memory_done.saturating_sub(memory_empty) / count(JOBS)
    );
    script_times(&server).await?;
    let summary = xendit.summary(Duration::from_secs(1));
    println!(
        "\nat the simulator: {} created, {} several payable",
        summary.created, summary.payable.external_ids_with_several
    );
    worker.stop().await;
    Ok(())
}

fn count(jobs: usize) -> u64 {
    u64::try_from(jobs).unwrap_or(u64::MAX)
}

fn row(what: &str, jobs: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    let per_second = f64::from(u32::try_from(jobs).unwrap_or(u32::MAX)) / seconds;
    println!("| {what} | {seconds:.1} | {per_second:.0} |");
}

async fn submit(queue: &Queue, jobs: usize, run_at_ms: Option<u64>) -> Result<()> {
    let kind = if run_at_ms.is_some() { "LATER" } else { "NOW" };
    let run_at = match run_at_ms {
        Some(ms) => {
            let instant = chrono::DateTime::from_timestamp_millis(i64::try_from(ms)?)
                .context("an instant")?;
            format!(r#","run_at":"{}""#, instant.to_rfc3339())
        }
        None => String::new(),
    };
    let numbers: Vec<usize> = (0..jobs).collect();
    for chunk in numbers.chunks(CHUNK) {
        let lines: Vec<String> = chunk
            .iter()
            .map(|number| format!(
                r#"{{"invoice":{{"external_id":"{kind}-{number}","amount":350000,"description":"Internet 20 Mbps","customer":{{"given_names":"Pelanggan {number}","mobile_number":"+628120000{number:05}"}}}},"batch":"bench"{run_at}}}"#
            ))
            .collect();
        queue.submit(&lines).await?;
    }
    Ok(())
}

async fn until(queue: &Queue, mut reached: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !reached().await? {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "not reached: {:?}", queue.status().await?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Prints how long scripts took. The longest ones of a busy machine are Redis waiting for a processor.
async fn script_times(server: &RedisServer) -> Result<()> {
    let mut connection = server.connect().await?;
    let info: redis::InfoDict =
        redis::cmd("INFO").arg("everything").query_async(&mut connection).await?;
    let percentiles: String =
        info.get("latency_percentiles_usec_fcall").context("latency statistics")?;
    println!("\nscripts, microseconds: {percentiles}");
    Ok(())
}
