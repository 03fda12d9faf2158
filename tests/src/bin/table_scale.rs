//! `just table-scale`: what a fleet and many accounts cost Redis, and how much of the limits they use.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{fmt::Write as _, time::Duration};

use antre_tests::outside::{Outside, Used};
use anyhow::Result;
use xendit_sim::Options;

const FLEETS: [u32; 3] = [1, 4, 16];
const FLEET_MEASURED: Duration = Duration::from_secs(10);
/// Accounts, and workers that serve them all.
const MANY: [(usize, usize); 3] = [(100, 2), (300, 2), (1_000, 2)];
const MANY_LIMITS: &str = "2/1s";
const MANY_HEAD: &str = "\
| accounts | workers | share of the limits | 429 | leases lost | calls an invoice | Redis us an invoice | idle: Redis | idle: workers |
|---|---|---|---|---|---|---|---|---|";
const NODES: usize = 3;
const MANY_MEASURED: Duration = Duration::from_secs(15);
/// How long workers get until all their keys were shown.
const SETTLED: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> Result<()> {
    println!("One account at 20/1s, requests of 50 ms:\n");
    println!("| workers | requests in 10 s | calls an invoice | Redis us an invoice | worker us |");
    println!("|---|---|---|---|---|");
    for workers in FLEETS {
        fleet(workers).await?;
    }
    println!("\nMany accounts at 2/1s, on one Redis:\n");
    println!("{MANY_HEAD}");
    for (accounts, workers) in MANY {
        many(Outside::start(limited(MANY_LIMITS)?).await?, accounts, workers).await?;
    }
    println!("\nThe same on a cluster of {NODES} nodes:\n");
    println!("{MANY_HEAD}");
    for (accounts, workers) in MANY {
        let outside = Outside::start_on_cluster(NODES, limited(MANY_LIMITS)?).await?;
        many(outside, accounts, workers).await?;
    }
    Ok(())
}

fn job(number: usize) -> String {
    format!(r#"{{"invoice":{{"external_id":"INV-{number}","amount":350000}}}}"#)
}

/// What was used between two instants, in all and for each invoice.
struct Between {
    seconds: f64,
    calls: f64,
    redis_us: f64,
    processes_us: f64,
    redis_share: f64,
    processes_share: f64,
}

fn between(before: Used, after: Used, invoices: f64) -> Between {
    let seconds = (after.at - before.at).as_secs_f64();
    let (redis_s, processes_s) =
        (after.redis_s - before.redis_s, after.processes_s - before.processes_s);
    Between {
        seconds,
        calls: (after.calls - before.calls) / invoices,
        redis_us: redis_s / invoices * 1e6,
        processes_us: processes_s / invoices * 1e6,
        redis_share: redis_s / seconds * 100.0,
        processes_share: processes_s / seconds * 100.0,
    }
}

fn whole(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn fleet(workers: u32) -> Result<()> {
    let limits = "20/1s";
    let options =
        Options { limits: limits.parse()?, latency: "50ms".parse()?, ..Options::default() };
    let mut outside = Outside::start(options).await?;
    for _ in 0..workers {
        let mut command = outside.antre()?;
        command
            .arg("worker")
            .env("XENDIT_BASE_URL", outside.xendit.base_url())
            .env("XENDIT_SECRET_KEY", "xnd_development_scale")
            .env("ANTRE_LIMITS", limits);
        outside.spawn(command)?;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let jobs: Vec<(String, String)> =
        (0..400).map(|number| ("default".to_owned(), job(number))).collect();
    outside.enqueue(&jobs).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let done = ["antre:{default}:done".to_owned()];
    let (before, done_before) = (outside.used().await?, outside.members(&done).await?);
    tokio::time::sleep(FLEET_MEASURED).await;
    let (after, done_after) = (outside.used().await?, outside.members(&done).await?);
    let invoices = whole(done_after - done_before);
    let used = between(before, after, invoices);
    println!(
        "| {workers} | {:.0} | {:.1} | {:.0} | {:.0} |",
        invoices * FLEET_MEASURED.as_secs_f64() / used.seconds,
        used.calls,
        used.redis_us,
        used.processes_us
    );
    Ok(())
}

fn limited(limits: &str) -> Result<Options> {
    Ok(Options { limits: limits.parse()?, ledger_capacity: 1_000_000, ..Options::default() })
}

async fn many(mut outside: Outside, accounts: usize, workers: usize) -> Result<()> {
    let config = configuration(&outside, accounts, MANY_LIMITS)?;
    for _ in 0..workers {
        let mut command = outside.antre()?;
        command.arg("worker").arg("--config").arg(&config).env("ANTRE_LOG", "warn");
        outside.spawn(command)?;
    }
    tokio::time::sleep(SETTLED).await;
    let idle = outside.used().await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = between(idle, outside.used().await?, 1.0);

    let each = 2 * usize::try_from(MANY_MEASURED.as_secs())?;
    let jobs: Vec<(String, String)> =
        (0..each).flat_map(|number| (0..accounts).map(move |it| (name(it), job(number)))).collect();
    outside.enqueue(&jobs).await?;
    let before = outside.used().await?;
    tokio::time::sleep(MANY_MEASURED).await;
    let after = outside.used().await?;
    let done: Vec<String> =
        (0..accounts).map(|it| format!("antre:{{{}}}:done", name(it))).collect();
    let invoices = outside.members(&done).await?;
    let used = between(before, after, whole(invoices));
    let possible = 2.0 * used.seconds * whole(u64::try_from(accounts)?);
    println!(
        "| {accounts} | {workers} | {:.0} % | {} | {} | {:.1} | {:.0} | {:.0} % | {:.0} % |",
        whole(invoices) / possible * 100.0,
        outside.xendit.summary(Duration::from_secs(1)).totals.count_429,
        outside.said().matches("lease lost").count(),
        used.calls,
        used.redis_us,
        idle.redis_share,
        idle.processes_share
    );
    Ok(())
}

fn name(account: usize) -> String {
    format!("t{account:04}")
}

/// Writes a configuration of so many accounts, each with a key of its own.
fn configuration(outside: &Outside, accounts: usize, limits: &str) -> Result<std::path::PathBuf> {
    let mut text = String::new();
    let url = outside.xendit.base_url();
    for account in 0..accounts {
        let name = name(account);
        let key = outside.write(&format!("key-{name}"), &format!("xnd_development_{name}"))?;
        writeln!(
            text,
            "[accounts.{name}]\nsecret_key_file = \"{}\"\nbase_url = \"{url}\"\nlimits = [\"{limits}\"]\nconcurrency = 2",
            key.display()
        )?;
    }
    outside.write("antre.toml", &text)
}
