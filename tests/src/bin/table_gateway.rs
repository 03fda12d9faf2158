//! `just table-gateway`: what the gateway adds to a create, what a caller that waits costs in memory, and how many repeats
//! it answers a second.
//!
//! A gateway and a worker as processes, a Redis, and the simulated Xendit without latency and without a limit. The account's
//! limit is 10,000 a second, so pacing does not count. About two minutes, on Linux.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{
    fs,
    time::{Duration, Instant},
};

use antre_testkit::{ChildProcess, eventually, free_port};
use antre_tests::outside::Outside;
use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use reqwest::{Client, RequestBuilder, Response};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use xendit_sim::{Act, Fault, Options, RequestKind};

const KEY: &str = "antre-table-gateway-0123456789abcdef";
/// The same as HTTP has it: `KEY:` in base64.
const BASIC: &str = "YW50cmUtdGFibGUtZ2F0ZXdheS0wMTIzNDU2Nzg5YWJjZGVmOg==";
const LIMITS: &str = "10000/1s";
const SAMPLES: usize = 500;
const WARM_UP: usize = 50;
/// Between two samples: the queue is idle then.
const PAUSE: Duration = Duration::from_millis(20);
/// How many callers are held, and how many of them come at once.
const WAITING: [(usize, usize); 4] = [(200, 100), (1_000, 100), (5_000, 100), (5_000, 5_000)];
/// Longer than anything is measured here.
const HANG_MS: u64 = 300_000;
const REPEATING: Duration = Duration::from_secs(5);
const CALLERS: usize = 32;
const STARTING: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let world = World::start().await?;
    world.latency().await?;
    world.repeats().await?;
    world.memory().await
}

/// Everything but a gateway.
struct World {
    // Declared first: it ends before its Redis.
    _worker: ChildProcess,
    outside: Outside,
    client: Client,
}

/// A gateway of its own.
struct Gateway {
    process: ChildProcess,
    port: u16,
    http_port: u16,
}

impl World {
    async fn start() -> Result<Self> {
        let xendit = Options { limits: "none".parse()?, ..Options::default() };
        let outside = Outside::start(xendit).await?;
        let mut worker = outside.antre()?;
        worker
            .arg("worker")
            .env("XENDIT_BASE_URL", outside.xendit.base_url())
            .env("XENDIT_SECRET_KEY", "xnd_development_table_gateway")
            .env("ANTRE_LIMITS", LIMITS)
            .env("ANTRE_REQUEST_TIMEOUT", "10m");
        let worker = ChildProcess::start(worker)?;
        let client = Client::builder().no_proxy().build()?;
        Ok(Self { _worker: worker, outside, client })
    }

    async fn gateway(&self, waiting_max: usize) -> Result<Gateway> {
        let (port, http_port) = (free_port()?, free_port()?);
        let file = format!(
            "gateway_listen = \"127.0.0.1:{port}\"\ngateway_waiting_max = {waiting_max}\n\
             [accounts.default]\n[accounts.default.callers.table]\nkey_env = \"TABLE_KEY\"\n"
        );
        let file = self.outside.write(&format!("gateway-{port}.toml"), &file)?;
        let mut command = self.outside.antre()?;
        command
            .arg("gateway")
            .arg("--config")
            .arg(file)
            .env("TABLE_KEY", KEY)
            .env("ANTRE_HTTP_LISTEN", format!("127.0.0.1:{http_port}"))
            .env("ANTRE_LOG", "warn");
        let gateway = Gateway { process: ChildProcess::start(command)?, port, http_port };
        let is_ready = async || {
            let answer = self.client.get(gateway.url("/readyz")).send().await;
            answer.and_then(Response::error_for_status).is_ok()
        };
        eventually(STARTING, "a gateway", is_ready).await?;
        Ok(gateway)
    }

    fn create(&self, base_url: &str, bill: &str) -> RequestBuilder {
        let request = self.client.post(format!("{base_url}/v2/invoices"));
        let json = "application/json";
        request.basic_auth(KEY, Some("")).header("content-type", json).body(body(bill))
    }

    /// Prints how long a create takes directly, and through the gateway.
    async fn latency(&self) -> Result<()> {
        let gateway = self.gateway(1_000).await?;
        println!("| a create, nothing else under way | p50 | p99 |\n|---|--:|--:|");
        self.times("directly", &self.outside.xendit.base_url(), "D").await?;
        self.times("through the gateway", &gateway.url(""), "G").await
    }

    async fn times(&self, way: &str, base_url: &str, prefix: &str) -> Result<()> {
        let mut times = Vec::with_capacity(SAMPLES);
        for sample in 0..WARM_UP + SAMPLES {
            tokio::time::sleep(PAUSE).await;
            let begun = Instant::now();
            let answer = self.create(base_url, &format!("{prefix}-{sample}")).send().await?;
            let status = answer.status();
            let text = answer.text().await?;
            ensure!(status.is_success(), "{way}: {status} {text}");
            if sample >= WARM_UP {
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        times.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| times.get(SAMPLES * percent / 100).copied().context("a sample");
        println!("| {way} | {:.2} ms | {:.2} ms |", at(50)?, at(99)?);
        Ok(())
    }

    /// Prints how many repeats are answered: of a bill that is done, and of one that is being made.
    async fn repeats(&self) -> Result<()> {
        let gateway = self.gateway(1_000).await?;
        let base_url = gateway.url("");
        println!("\n| repeats by {CALLERS} callers at once | a second |\n|---|--:|");
        let done = "R-done";
        self.create(&base_url, done).send().await?.error_for_status()?;
        let count = self.repeated(done, 200, || self.create(&base_url, done)).await;
        let count = count.with_context(|| gateway.process.output())?;
        println!("| of a bill that is done: the same invoice again | {count:.0} |");
        let running = "R-running";
        let hang = Act::Hang { max_ms: HANG_MS };
        self.outside.xendit.add_fault(Fault::on(RequestKind::Create, hang).times(1))?;
        let join = || self.create(&base_url, running).header("prefer", "respond-async");
        let count = self.repeated(running, 202, join).await?;
        println!("| of a bill that is being made: joined, and told so at once | {count:.0} |");
        Ok(())
    }

    async fn repeated(
        &self,
        bill: &str,
        status: u16,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<f64> {
        let begun = Instant::now();
        let callers = (0..CALLERS).map(async |_| {
            let mut count = 0_u32;
            while begun.elapsed() < REPEATING {
                let answer = request().send().await?;
                ensure!(answer.status().as_u16() == status, "{bill}: {}", answer.text().await?);
                answer.bytes().await?;
                count += 1;
            }
            Ok(count)
        });
        let counts = try_join_all(callers).await?;
        Ok(f64::from(counts.iter().sum::<u32>()) / begun.elapsed().as_secs_f64())
    }

    /// Prints what connections and waits cost a gateway. The worker's five requests hang, so nobody's job ends.
    async fn memory(&self) -> Result<()> {
        let hang = Act::Hang { max_ms: HANG_MS };
        self.outside.xendit.add_fault(Fault::on(RequestKind::Create, hang))?;
        println!(
            "\n| callers | come at once | VmRSS without them | an idle connection | one that waits | VmRSS then |\n\
             |--:|--:|--:|--:|--:|--:|"
        );
        for (callers, at_once) in WAITING {
            let gateway = self.gateway(callers).await?;
            self.until_waiting(&gateway, 0).await?;
            let none = gateway.memory_kib()?;
            let mut connections = Vec::with_capacity(callers);
            for _ in 0..callers {
                connections.push(gateway.connection().await?);
            }
            let idle = gateway.memory_kib()?;
            let mut held = Ok(());
            for first in (0..callers).step_by(at_once) {
                let portion = connections.iter_mut().enumerate().skip(first).take(at_once);
                for (number, connection) in portion {
                    let request = create_text(&format!("W-{callers}-{at_once}-{number}"));
                    connection.write_all(request.as_bytes()).await?;
                }
                held = held.and(self.until_waiting(&gateway, callers.min(first + at_once)).await);
            }
            for connection in &connections {
                let mut answer = [0; 1_024];
                if let Ok(length) = connection.try_read(&mut answer) {
                    let answer = answer.get(..length).unwrap_or_default();
                    bail!("a caller was answered: {}", String::from_utf8_lossy(answer));
                }
            }
            held?;
            let waiting = gateway.memory_kib()?;
            let each = |before: u32, after: u32| {
                let callers = u32::try_from(callers).unwrap_or(u32::MAX);
                (f64::from(after) - f64::from(before)) / f64::from(callers)
            };
            println!(
                "| {callers} | {at_once} | {none} KiB | {:.1} KiB | {:.1} KiB | {waiting} KiB |",
                each(none, idle),
                each(none, waiting)
            );
        }
        Ok(())
    }

    /// Waits until a gateway holds so many callers.
    async fn until_waiting(&self, gateway: &Gateway, callers: usize) -> Result<()> {
        let what = format!("{callers} callers are held");
        let holds_all = async || {
            let answer = self.client.get(gateway.metrics_url()).send().await?.error_for_status()?;
            let metrics = answer.text().await?;
            let held = metrics.lines().find_map(|line| line.strip_prefix("antre_gateway_waiting "));
            anyhow::Ok(held.unwrap_or("0") == callers.to_string())
        };
        eventually(STARTING, &what, holds_all).await?;
        Ok(())
    }
}

impl Gateway {
    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.http_port)
    }

    fn memory_kib(&self) -> Result<u32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.pid()))?;
        let field = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(field.context("VmRSS")?.trim().trim_end_matches(" kB").parse()?)
    }

    /// Opens a connection that has had one answer, and is idle.
    async fn connection(&self) -> Result<TcpStream> {
        let opened = TcpStream::connect(("127.0.0.1", self.port)).await;
        let mut connection = opened.context("more descriptors are needed: ulimit -n 16384")?;
        connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n").await?;
        let mut answer = Vec::new();
        while !answer.ends_with(br#"{"status":"ok"}"#) {
            ensure!(connection.read_buf(&mut answer).await? > 0, "a connection was closed");
        }
        Ok(connection)
    }
}

fn body(bill: &str) -> String {
    format!(
        r#"{{"external_id":"{bill}","amount":350000,"description":"Internet 50 Mbps","customer":{{"given_names":"Sari","mobile_number":"+6281234567890"}}}}"#
    )
}

/// Returns the bytes of a create whose caller waits as long as it may.
fn create_text(bill: &str) -> String {
    let body = body(bill);
    format!(
        "POST /v2/invoices HTTP/1.1\r\nhost: gateway\r\nauthorization: Basic {BASIC}\r\nprefer: wait=120\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
