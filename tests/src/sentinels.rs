//! A primary, its two replicas and three Sentinels; fail-overs under load, and what became of every bill.
//!
//! Two replicas: after a fail-over one is left, so claims are confirmed while the server that fell is away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use antre_testkit::{AppendFsync, ChildProcess, RedisServer, eventually};
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;
use xendit_sim::{Options, Simulator};

use crate::fleet::TEST_KEY;

/// The name under which the Sentinels know the primary.
const NAME: &str = "mymaster";
const SENTINELS: usize = 3;
const REPLICAS: usize = 2;
/// Long enough for two cores that compile something else.
const PATIENCE: Duration = Duration::from_mins(1);
const LIMITS: &str = "20/1s";
/// A bill without a link is submitted again after this time: the hourly step of PROTOCOL.md, for a short hour.
const AGAIN_AFTER: Duration = Duration::from_secs(3);

/// How a primary goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fall {
    /// `SENTINEL FAILOVER`.
    Ordered,
    /// SIGKILL; it comes back a little later.
    Killed,
    /// SIGSTOP; it goes on a little later and still believes that it is in charge.
    Stopped,
}

/// What one fail-over did.
#[derive(Debug)]
pub struct Round {
    /// How the primary went.
    pub fall: Fall,
    /// Until the Sentinels named the other server.
    pub named_after: Duration,
    /// From then until the next request at the simulator.
    pub request_after: Duration,
    /// Jobs that were seen as accepted before, and of which the new primary knows nothing.
    pub accepted_and_lost: usize,
}

/// What became of all bills.
#[derive(Debug)]
pub struct Outcome {
    /// Bills that were submitted.
    pub bills: usize,
    /// Bills with several payable invoices.
    pub payable_twice: Vec<String>,
    /// Bills without an invoice.
    pub without_invoice: Vec<String>,
    /// Each fail-over.
    pub rounds: Vec<Round>,
}

/// Servers that change their roles, and those that watch them.
#[derive(Debug)]
pub struct Sentinels {
    servers: Vec<RedisServer>,
    watchers: Vec<ChildProcess>,
    ports: Vec<u16>,
    xendit: xendit_sim::Running,
    workers: Vec<ChildProcess>,
    _directories: Vec<TempDir>,
}

impl Sentinels {
    /// Starts servers, Sentinels, the simulator and two workers of the program `binary`: one by a URL, one by options.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(binary: &Path) -> anyhow::Result<Self> {
        let builder = || RedisServer::builder().append_only(AppendFsync::EverySecond).tcp();
        let primary = builder().start().await?;
        let address = primary.tcp_address()?;
        let mut servers = vec![primary];
        for _ in 0..REPLICAS {
            servers.push(builder().replica_of(address).start().await?);
        }
        let (mut sentinels, mut ports, mut directories) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SENTINELS {
            let directory = tempfile::Builder::new().prefix("antre-sentinel-").tempdir()?;
            let port = antre_testkit::free_port()?;
            let text = format!(
                "port {port}\nbind 127.0.0.1\nsentinel monitor {NAME} {} {} 2\nsentinel down-after-milliseconds {NAME} 1000\n\
                 sentinel failover-timeout {NAME} 4000\nsentinel parallel-syncs {NAME} 1\n",
                address.ip(),
                address.port(),
            );
            std::fs::write(directory.path().join("sentinel.conf"), text)?;
            let mut command = Command::new("redis-server");
            command.args(["sentinel.conf", "--sentinel"]).current_dir(directory.path());
            sentinels.push(ChildProcess::start(command)?);
            ports.push(port);
            directories.push(directory);
        }
        let options = Options { limits: LIMITS.parse()?, ..Options::default() };
        let xendit = Simulator::start(options).await?;
        let mut set = Self {
            servers,
            watchers: sentinels,
            ports,
            xendit,
            workers: Vec::new(),
            _directories: directories,
        };
        set.until_ready().await?;
        let hosts =
            set.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect::<Vec<_>>().join(",");
        set.add_worker(
            binary,
            &[("ANTRE_REDIS_URL", &format!("redis-sentinel://{hosts}/0?master={NAME}"))],
        )?;
        set.add_worker(
            binary,
            &[("ANTRE_REDIS_SENTINELS", &hosts), ("ANTRE_REDIS_SENTINEL_MASTER", NAME)],
        )?;
        Ok(set)
    }

    /// Starts a worker with the defaults, but for what a test cannot wait for.
    fn add_worker(&mut self, binary: &Path, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        let mut command = Command::new(binary);
        command
            .arg("worker")
            .current_dir(std::env::temp_dir())
            .env_clear()
            .env("ANTRE_HTTP_LISTEN", "off")
            .env("ANTRE_LIMITS", LIMITS)
            .env("ANTRE_LEASE", "3s")
            .env("ANTRE_REQUEST_TIMEOUT", "2s")
            .env("ANTRE_CONNECT_TIMEOUT", "1s")
            .env("ANTRE_TRUST_ABSENCE_ANSWERED", "1s")
            .env("ANTRE_TRUST_ABSENCE_UNANSWERED", "3s")
            .env("ANTRE_JITTER_ALLOWANCE", "100ms")
            .env("XENDIT_BASE_URL", self.xendit.base_url())
            .env("XENDIT_SECRET_KEY", TEST_KEY)
            .envs(variables.iter().copied());
        self.workers.push(ChildProcess::start(command)?);
        Ok(())
    }

    /// Waits until each Sentinel knows the others, and two replicas that could take over.
    async fn until_ready(&self) -> anyhow::Result<()> {
        eventually(PATIENCE, "the Sentinels know sound replicas", async || {
            let mut ready = 0;
            for port in &self.ports {
                let known: BTreeMap<String, String> = redis::cmd("SENTINEL")
                    .arg("MASTER")
                    .arg(NAME)
                    .query_async(&mut connect(*port).await?)
                    .await?;
                let replicas: Vec<BTreeMap<String, String>> = redis::cmd("SENTINEL")
                    .arg("REPLICAS")
                    .arg(NAME)
                    .query_async(&mut connect(*port).await?)
                    .await?;
                let is_sound = |replica: &BTreeMap<String, String>| {
                    replica.get("flags").is_some_and(|flags| flags == "slave")
                        && replica.get("master-link-status").is_some_and(|status| status == "ok")
                };
                let has_peers =
                    known.get("num-other-sentinels").is_some_and(|number| number == "2");
                let is_up = known.get("flags").is_some_and(|flags| flags == "master");
                let sound = replicas.iter().filter(|it| is_sound(it)).count();
                ready += usize::from(is_up && has_peers && sound == REPLICAS);
            }
            Ok::<_, antre_testkit::Error>(ready == SENTINELS)
        })
        .await?;
        Ok(())
    }

    /// Returns the port of the server that most Sentinels name.
    async fn primary(&self) -> anyhow::Result<u16> {
        let mut named = BTreeMap::<u16, usize>::new();
        for port in &self.ports {
            let address: (String, u16) = redis::cmd("SENTINEL")
                .arg("GET-MASTER-ADDR-BY-NAME")
                .arg(NAME)
                .query_async(&mut connect(*port).await?)
                .await?;
            *named.entry(address.1).or_default() += 1;
        }
        let most = named.into_iter().max_by_key(|(_port, count)| *count);
        Ok(most.map(|(port, _count)| port).unwrap_or_default())
    }

    fn server_at(&mut self, port: u16) -> anyhow::Result<&mut RedisServer> {
        let is_it =
            |server: &&mut RedisServer| server.tcp_address().is_ok_and(|at| at.port() == port);
        self.servers
            .iter_mut()
            .find(is_it)
            .ok_or_else(|| anyhow::anyhow!("no server at port {port}"))
    }

    /// Runs these fail-overs while bills come in, and returns what became of them.
    ///
    /// # Errors
    /// When a server does not do what it is told, or something does not come within a minute.
    pub async fn run(mut self, falls: &[Fall], tell: impl Fn(&Round)) -> anyhow::Result<Outcome> {
        let mut producer = Producer::default();
        let mut rounds = Vec::new();
        producer.run(&self, Duration::from_secs(3)).await;
        for fall in falls {
            self.until_ready().await?;
            producer.run(&self, Duration::from_secs(2)).await;
            let round = self.round(*fall, &mut producer).await?;
            tell(&round);
            rounds.push(round);
        }
        let begun = Instant::now();
        while !producer.waiting.is_empty() && begun.elapsed() < PATIENCE {
            producer.step(&self, 0).await;
        }
        for worker in &mut self.workers {
            worker.terminate()?;
            let status = worker.wait(PATIENCE).await?;
            anyhow::ensure!(status.success(), "{status}: {}", worker.output());
        }
        for watcher in &mut self.watchers {
            watcher.kill()?;
        }
        let payable = |bill: &String| {
            self.xendit.invoices(bill).iter().filter(|it| it.status.is_payable()).count()
        };
        Ok(Outcome {
            bills: producer.number,
            payable_twice: producer.bills().filter(|bill| payable(bill) > 1).collect(),
            without_invoice: producer.bills().filter(|bill| payable(bill) == 0).collect(),
            rounds,
        })
    }

    async fn round(&mut self, fall: Fall, producer: &mut Producer) -> anyhow::Result<Round> {
        let before = self.primary().await?;
        let accepted = producer.accepted.clone();
        match fall {
            Fall::Ordered => {
                let mut sentinel = connect(self.ports[0]).await?;
                redis::cmd("SENTINEL").arg("FAILOVER").arg(NAME).exec_async(&mut sentinel).await?;
            }
            Fall::Killed => self.server_at(before)?.kill()?,
            Fall::Stopped => self.server_at(before)?.suspend()?,
        }
        let begun = Instant::now();
        let after = eventually(PATIENCE, "the Sentinels name another server", async || {
            let named = self.primary().await.ok();
            Ok::<_, antre_testkit::Error>(named.filter(|named| *named != before))
        })
        .await?;
        let named_after = begun.elapsed();
        let (requests, named) = (self.xendit.ledger().totals().requests, Instant::now());
        while self.xendit.ledger().totals().requests == requests {
            anyhow::ensure!(
                named.elapsed() < PATIENCE,
                "no request after the fail-over: {}",
                self.output()
            );
            producer.step(self, 5).await;
        }
        let request_after = named.elapsed();
        let mut redis = connect(after).await?;
        let mut accepted_and_lost = 0;
        for id in &accepted {
            let is_known: bool = redis::cmd("EXISTS").arg(meta(id)).query_async(&mut redis).await?;
            accepted_and_lost += usize::from(!is_known);
        }
        match fall {
            Fall::Ordered => {}
            Fall::Killed => self.server_at(before)?.restart().await?,
            Fall::Stopped => self.server_at(before)?.resume()?,
        }
        Ok(Round { fall, named_after, request_after, accepted_and_lost })
    }

    fn output(&self) -> String {
        self.workers.iter().map(ChildProcess::output).collect::<Vec<_>>().join("\n--\n")
    }
}

/// An application that follows PROTOCOL.md: it submits, reads links, and submits again what has none.
#[derive(Debug, Default)]
struct Producer {
    number: usize,
    /// Bills without a link: when they were last submitted, and as which entry.
    waiting: BTreeMap<String, (Instant, String)>,
    /// Entries that were seen as jobs.
    accepted: BTreeSet<String>,
}

impl Producer {
    fn bills(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.number).map(|number| format!("INV-{number}"))
    }

    async fn run(&mut self, set: &Sentinels, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.step(set, 5).await;
        }
    }

    /// Submits so many new bills, looks for links, and waits a moment. A server that does not answer is asked again.
    async fn step(&mut self, set: &Sentinels, new: usize) {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let Ok(primary) = set.primary().await else { return };
        let Ok(mut redis) = connect(primary).await else { return };
        for _ in 0..new {
            let bill = format!("INV-{}", self.number);
            let Ok(id) = submit(&mut redis, &bill).await else { return };
            self.number += 1;
            self.waiting.insert(bill, (Instant::now(), id));
        }
        for (bill, (since, id)) in self.waiting.clone() {
            let state: Result<Option<String>, _> =
                redis::cmd("HGET").arg(meta(&id)).arg("state").query_async(&mut redis).await;
            let Ok(state) = state else { return };
            if state.is_some() {
                self.accepted.insert(id);
            }
            if state.as_deref() == Some("done") {
                self.waiting.remove(&bill);
            } else if since.elapsed() >= AGAIN_AFTER {
                let Ok(id) = submit(&mut redis, &bill).await else { return };
                self.waiting.insert(bill, (Instant::now(), id));
            }
        }
    }
}

async fn submit(redis: &mut MultiplexedConnection, bill: &str) -> redis::RedisResult<String> {
    let job = format!(r#"{{"invoice":{{"external_id":"{bill}","amount":350000}}}}"#);
    redis::cmd("XADD")
        .arg("antre:{default}:inbox")
        .arg("*")
        .arg("job")
        .arg(job)
        .query_async(redis)
        .await
}

fn meta(id: &str) -> String {
    format!("antre:{{default}}:meta:{id}")
}

async fn connect(port: u16) -> redis::RedisResult<MultiplexedConnection> {
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(Duration::from_secs(1)));
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}"))?;
    client.get_multiplexed_async_connection_with_config(&config).await
}
