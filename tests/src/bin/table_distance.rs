//! `just table-distance`: what a Redis that is some milliseconds away costs.
//!
//! Two workers reach Redis through a proxy that delivers everything later, and the simulated Xendit directly. Each row has a
//! Redis and an account of its own.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::process::Command;
use std::time::{Duration, Instant};

use antre_core::Limits;
use antre_store::settings::Settings;
use antre_store::status::Status;
use antre_store::{Queue, Redis};
use antre_testkit::queue::quick_settings;
use antre_testkit::{FaultProxy, RedisServer};
use antre_tests::fleet::{RunningWorker, TEST_KEY, account};
use antre_tests::harness::jobs;
use anyhow::{Context as _, Result, ensure};
use xendit_sim::{Options, RequestKind, Running, Simulator, Totals};

/// Round trips.
const DISTANCES_MS: [u64; 6] = [0, 1, 5, 10, 20, 50];
/// A limit, and how many bills are sent under it.
const SLOW: (&str, usize) = ("2/1s", 20);
const FAST: (&str, usize) = ("50/1s", 500);
const SAMPLES: usize = 30;
const WORKERS: usize = 2;
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::main]
async fn main() -> Result<()> {
    let antre = std::env::current_exe()?.with_file_name("antre");
    ensure!(antre.is_file(), "build it first: cargo build --release --bin antre");
    println!(
        "| round trip | PING | 20 bills at 2/1s | most in any 1 s | send deadline then | 500 bills at 50/1s | most in any 1 s | \
         send deadline then | grants unused | XADD to request, p50 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut pages = Vec::new();
    for distance in DISTANCES_MS {
        let distance = Duration::from_millis(distance);
        let ping = ping(&Fixture::start(distance, SLOW.0).await?).await?;
        let (slow, slow_deadline, page) = drain(distance, SLOW, &antre).await?;
        let (fast, fast_deadline, _) = drain(distance, FAST, &antre).await?;
        let reaction = react(distance).await?;
        println!(
            "| {} ms | {} | {:.1} s | {} | {} | {:.1} s | {} | {} | {} | {} |",
            distance.as_millis(),
            millis(ping),
            slow.took.as_secs_f64(),
            slow.most,
            millis(slow_deadline),
            fast.took.as_secs_f64(),
            fast.most,
            millis(fast_deadline),
            slow.unused + fast.unused,
            millis(reaction),
        );
        pages.push(format!("{} ms\n{page}", distance.as_millis()));
    }
    println!("\nWhat `antre check` and `antre status` say at 2/1s, in the middle of the work:\n");
    println!("{}", pages.join("\n"));
    Ok(())
}

/// A Redis behind a proxy, and a Xendit without one.
struct Fixture {
    server: RedisServer,
    proxy: FaultProxy,
    xendit: Running,
    settings: Settings,
}

impl Fixture {
    async fn start(distance: Duration, limits: &str) -> Result<Self> {
        let server = RedisServer::start().await?;
        let proxy = FaultProxy::start(server.socket_path()).await?;
        proxy.delay(distance / 2);
        let limits: Limits = limits.parse()?;
        let xendit =
            Simulator::start(Options { limits: "none".parse()?, ..Options::default() }).await?;
        let settings = Settings {
            limits,
            jitter_allowance: Duration::from_millis(5),
            request_timeout: Duration::from_secs(15),
            ..quick_settings()
        };
        Ok(Self { server, proxy, xendit, settings })
    }

    fn workers(&self) -> Vec<RunningWorker> {
        let start = |number| {
            let account = account("default", &self.xendit.base_url(), self.settings.clone());
            let name = format!("far-{number}");
            RunningWorker::start(&self.proxy.redis_url(), &name, vec![account])
        };
        (0..WORKERS).map(start).collect()
    }

    /// The queue as one that stands beside Redis sees it.
    fn queue(&self) -> Result<Queue> {
        Ok(Redis::open(&self.server.url())?.queue("default".parse()?))
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Status) -> bool) -> Result<Status> {
        let (queue, begun) = (self.queue()?, Instant::now());
        loop {
            if let Ok(status) = queue.status().await
                && is_so(&status)
            {
                return Ok(status);
            }
            ensure!(begun.elapsed() < PATIENCE, "it never comes: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns what an operator at this distance is told.
    fn page(&self, antre: &std::path::Path) -> Result<String> {
        let mut page = String::new();
        for arguments in [["check"], ["status"]] {
            let mut command = Command::new(antre);
            command.args(arguments).env("ANTRE_REDIS_URL", self.proxy.redis_url());
            command.env("XENDIT_BASE_URL", self.xendit.base_url());
            command.env("XENDIT_SECRET_KEY", format!("{TEST_KEY}_default"));
            command.env("ANTRE_LIMITS", SLOW.0);
            let output = command.output()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let told = ["PING", "FAULT", "nothing is", "sent", "unused"];
            let lines = text.lines().filter(|line| told.iter().any(|word| line.contains(word)));
            page.extend(lines.map(|line| format!("    {}\n", line.trim_end())));
        }
        Ok(page)
    }
}

struct Drained {
    took: Duration,
    most: u64,
    unused: u64,
}

/// Sends bills and returns how that went, the deadline at its end, and what an operator was told in its middle.
async fn drain(
    distance: Duration,
    (limits, count): (&str, usize),
    antre: &std::path::Path,
) -> Result<(Drained, Duration, String)> {
    let fixture = Fixture::start(distance, limits).await?;
    let workers = fixture.workers();
    fixture.until("the workers are there", |it| it.live_workers().count() == WORKERS).await?;
    let wanted = u64::try_from(count)?;
    fixture.queue()?.submit(&jobs("FAR", count)).await?;
    fixture.until("half is done", |it| it.done >= wanted / 2).await?;
    let page = if limits == SLOW.0 { fixture.page(antre)? } else { String::new() };
    let status = fixture.until("all are done", |it| it.done == wanted).await?;
    let summary = fixture.xendit.summary(Duration::from_secs(1));
    let (first, last) =
        summary.totals.first_us.zip(summary.totals.last_us).context("requests arrived")?;
    for worker in workers {
        worker.stop().await;
    }
    let drained = Drained {
        took: Duration::from_micros(last - first),
        most: summary.most_in_any_window,
        unused: status.totals.unused,
    };
    Ok((drained, status.send_within, page))
}

/// Returns how soon a bill is at Xendit, a turn being free.
async fn react(distance: Duration) -> Result<Duration> {
    let fixture = Fixture::start(distance, "1000/1s").await?;
    let workers = fixture.workers();
    fixture.until("the workers are there", |it| it.live_workers().count() == WORKERS).await?;
    let (queue, ledger) = (fixture.queue()?, fixture.xendit.ledger());
    let mut times = Vec::with_capacity(SAMPLES);
    for (job, number) in jobs("ONE", SAMPLES).into_iter().zip(1..) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let begun = Instant::now();
        queue.submit(&[job]).await?;
        let is_there =
            |it: &Totals| it.by_kind.get(&RequestKind::Create).is_some_and(|it| *it >= number);
        ensure!(ledger.wait_until(PATIENCE, is_there).await, "no request");
        times.push(begun.elapsed());
    }
    for worker in workers {
        worker.stop().await;
    }
    median(times)
}

async fn ping(fixture: &Fixture) -> Result<Duration> {
    let redis = Redis::open(&fixture.proxy.redis_url())?;
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let begun = Instant::now();
        redis.ping().await?;
        times.push(begun.elapsed());
    }
    median(times)
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("samples")
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
