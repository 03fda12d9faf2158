//! `just table-idle`: what an idle worker asks of Redis, and how soon a submitted job is at Xendit.
//!
//! One Redis, one worker and the simulated Xendit without latency, all on this machine.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::time::{Duration, Instant};

use antre_store::Redis;
use antre_testkit::{RedisServer, queue::quick_settings};
use antre_tests::fleet::{RunningWorker, account};
use anyhow::{Context, Result};
use xendit_sim::{Options, Simulator};

const WORKERS: usize = 3;
const IDLE: Duration = Duration::from_secs(30);
const SAMPLES: usize = 500;
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<()> {
    let server = RedisServer::start().await?;
    let xendit =
        Simulator::start(Options { limits: "none".parse()?, ..Options::default() }).await?;
    let mut settings = quick_settings();
    settings.request_timeout = Duration::from_secs(15);
    let workers: Vec<RunningWorker> = (0..WORKERS)
        .map(|number| {
            let accounts = vec![account("default", &xendit.base_url(), settings.clone())];
            RunningWorker::start(&server.url(), &format!("idle-{number}"), accounts)
        })
        .collect();
    let queue = Redis::open(&server.url())?.queue("default".parse()?);
    tokio::time::sleep(Duration::from_secs(3)).await;

    let before = commands(&server).await?;
    tokio::time::sleep(IDLE).await;
    let asked = commands(&server).await?.saturating_sub(before);
    let per_second = ratio(asked) / IDLE.as_secs_f64() / ratio(u64::try_from(WORKERS)?);
    println!(
        "idle fleet of {WORKERS}: {per_second:.2} Redis commands per second and worker (over {IDLE:?})"
    );

    let mut times = Vec::with_capacity(SAMPLES);
    let ledger = xendit.ledger();
    for sample in 0..SAMPLES {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let job = format!(r#"{{"invoice":{{"external_id":"IDLE-{sample}","amount":350000}}}}"#);
        let wanted = u64::try_from(sample + 1)?;
        let begun = Instant::now();
        queue.submit(&[job]).await?;
        let arrived = ledger.wait_until(PATIENCE, |totals| totals.requests >= wanted).await;
        anyhow::ensure!(arrived, "no request for sample {sample}");
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let at = |percent: usize| -> Result<f64> {
        let time = times.get(SAMPLES * percent / 100).context("a sample")?;
        Ok(time.as_secs_f64() * 1000.0)
    };
    println!("\n| XADD to request at the simulator, a token being free | ms |\n|---|---|");
    println!("| p50 | {:.2} |\n| p99 | {:.2} |", at(50)?, at(99)?);
    for worker in workers {
        worker.stop().await;
    }
    Ok(())
}

fn ratio(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

async fn commands(server: &RedisServer) -> Result<u64> {
    let mut connection = server.connect().await?;
    let info: redis::InfoDict =
        redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await?;
    // The other counters hold what scripts and functions call inside Redis, which costs no round trip.
    let calls = |command: &str| -> u64 {
        let line: String = info.get(&format!("cmdstat_{command}")).unwrap_or_default();
        let calls = line.split(',').find_map(|part| part.strip_prefix("calls="));
        calls.and_then(|calls| calls.parse().ok()).unwrap_or_default()
    };
    Ok(["fcall", "evalsha", "xread", "ping"].into_iter().map(calls).sum())
}
