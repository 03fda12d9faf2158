//! `just table-peers`: what an invoice costs Redis, beside a queue that a user might take instead.
//!
//! The same invoices go through BullMQ and through Antre, each on a Redis of its own, with 50 requests at once to the
//! same simulated Xendit. It needs Node and `npm install --prefix tests/peers`. Their number may be told: `just table-peers
//! 100000`.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{path::PathBuf, process::Command, time::Duration};

use antre_tests::outside::{Outside, Used};
use anyhow::{Context as _, Result};
use xendit_sim::Options;

const INVOICES: u64 = 20_000;
const CONCURRENCY: &str = "50";
const PATIENCE: Duration = Duration::from_mins(5);

#[tokio::main]
async fn main() -> Result<()> {
    let invoices = match std::env::args().nth(1) {
        Some(number) => number.parse().context("the number of invoices")?,
        None => INVOICES,
    };
    let rows = [("BullMQ", bullmq(invoices).await?), ("Antre", antre(invoices).await?)];
    println!(
        "| {invoices} invoices | Redis us an invoice | invoices/s | bytes a finished one | worker us |"
    );
    println!("|---|---|---|---|---|");
    for (name, row) in &rows {
        println!(
            "| {name} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.redis_us, row.per_second, row.bytes, row.worker_us
        );
    }
    let [(_, bullmq), (_, antre)] = rows;
    println!(
        "| Antre / BullMQ | {:.2} | {:.2} | {:.2} | {:.2} |",
        antre.redis_us / bullmq.redis_us,
        antre.per_second / bullmq.per_second,
        antre.bytes / bullmq.bytes,
        antre.worker_us / bullmq.worker_us
    );
    Ok(())
}

struct Row {
    redis_us: f64,
    per_second: f64,
    bytes: f64,
    worker_us: f64,
}

fn row(invoices: u64, begun: Used, working: Used, ended: Used) -> Row {
    let invoices = f64::from(u32::try_from(invoices).unwrap_or(u32::MAX));
    Row {
        redis_us: (ended.redis_s - begun.redis_s) / invoices * 1e6,
        per_second: invoices / (ended.at - working.at).as_secs_f64(),
        bytes: (ended.memory - begun.memory) / invoices,
        worker_us: (ended.processes_s - working.processes_s) / invoices * 1e6,
    }
}

async fn start() -> Result<Outside> {
    Outside::start(Options { limits: "none".parse()?, ..Options::default() }).await
}

async fn bullmq(invoices: u64) -> Result<Row> {
    let mut outside = start().await?;
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers/bullmq.js");
    let node = |what: &str, outside: &Outside| {
        let mut command = Command::new("node");
        command.arg(&script).arg(what).arg(outside.socket_path());
        command.args([&invoices.to_string(), CONCURRENCY, &outside.xendit.base_url()]);
        command
    };
    let begun = outside.used().await?;
    let added = node("add", &outside).status().context("node does not start")?;
    anyhow::ensure!(added.success(), "is BullMQ there? npm install --prefix tests/peers");
    let work = node("work", &outside);
    let working = outside.used().await?;
    outside.spawn(work)?;
    // The worker ends by itself, and takes its processor time with it.
    let mut ended = working;
    while outside.members(&["bull:invoices:completed".to_owned()]).await? < invoices {
        anyhow::ensure!(working.at.elapsed() < PATIENCE, "not worked off: {}", outside.said());
        tokio::time::sleep(Duration::from_millis(50)).await;
        ended = outside.used().await.unwrap_or(ended);
    }
    ended = outside.used().await.unwrap_or(ended);
    Ok(row(invoices, begun, working, ended))
}

async fn antre(invoices: u64) -> Result<Row> {
    let mut outside = start().await?;
    let begun = outside.used().await?;
    let jobs: Vec<(String, String)> =
        (0..invoices).map(|number| ("default".to_owned(), job(number))).collect();
    outside.enqueue(&jobs).await?;
    let mut command = outside.antre()?;
    command
        .arg("worker")
        .env("XENDIT_BASE_URL", outside.xendit.base_url())
        .env("XENDIT_SECRET_KEY", "xnd_development_peers")
        .env("ANTRE_LIMITS", "10000/1s")
        .env("ANTRE_CONCURRENCY", CONCURRENCY)
        .env("ANTRE_SEND_WITHIN", "200ms");
    let working = outside.used().await?;
    outside.spawn(command)?;
    outside.until("antre:{default}:done", invoices, PATIENCE).await?;
    let ended = outside.used().await?;
    Ok(row(invoices, begun, working, ended))
}

fn job(number: u64) -> String {
    let priority = ["high", "normal", "low"][usize::try_from(number % 3).unwrap_or_default()];
    format!(
        r#"{{"invoice":{{"external_id":"INV-{number}","amount":350000,"currency":"IDR","description":"Internet December 2026","customer":{{"given_names":"Budi Santoso","email":"budi@example.com","mobile_number":"+6281234567890"}}}},"priority":"{priority}"}}"#
    )
}
