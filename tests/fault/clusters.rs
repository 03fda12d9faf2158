//! A Redis Cluster under load: an account that moves, and a node that dies.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use antre_core::state::State;
use antre_store::{Queue, Redis};
use antre_testkit::{ChildProcess, built_binary, eventually};
use antre_tests::chaos::moment::pass;
use antre_tests::redis_cluster::RedisCluster;
use tempfile::TempDir;
use xendit_sim::{Options, Running, Simulator};

const NODES: usize = 3;
const ACCOUNTS: usize = 8;
/// Long enough for two cores that compile something else.
const PATIENCE: Duration = Duration::from_mins(2);
const LIMITS: &str = "10/1s";
/// Of each account: shorter than the defaults, for which a test cannot wait.
const TIMES: &str = r#"
lease = "3s"
request_timeout = "2s"
connect_timeout = "1s"
trust_absence_answered = "1s"
trust_absence_unanswered = "3s"
jitter_allowance = "100ms"
"#;
const SUBMIT_EACH: Duration = Duration::from_millis(200);
/// A bill without a link is submitted again after this time, as PROTOCOL.md has it.
const AGAIN_AFTER: Duration = Duration::from_secs(3);

fn name(account: usize) -> String {
    format!("isp-{account}")
}

fn bill_name(account: usize, number: usize) -> String {
    format!("INV-{account}-{number}")
}

fn prefix(account: usize) -> String {
    format!("antre:{{{}}}:", name(account))
}

/// A cluster, a simulated Xendit, two workers, and an application that submits to all accounts.
struct Setting {
    // Declared first: they end before their Redis.
    workers: Vec<ChildProcess>,
    cluster: RedisCluster,
    /// The slot of the first account, where it is and where it goes.
    slot: usize,
    from: usize,
    to: usize,
    xendit: Running,
    queues: Vec<Queue>,
    _directory: TempDir,
}

/// An application that submits to all accounts, reads links, and submits again what has none, as PROTOCOL.md has it.
#[derive(Default)]
struct Application {
    number: usize,
    waiting: Vec<Bill>,
    /// Entries that were seen as jobs, with their accounts.
    accepted: BTreeSet<(usize, String)>,
}

/// A bill without a link.
struct Bill {
    account: usize,
    name: String,
    /// When it was last submitted, and as which entry.
    submitted: Option<(Instant, String)>,
}

async fn start() -> Setting {
    let mut cluster = RedisCluster::start(NODES).await.unwrap();
    let slot = cluster.slot(&prefix(0)).await.unwrap();
    let from = cluster.owner(slot).await.unwrap();
    let to = (from + 1) % NODES;
    // The one that will die gets two: one takes over, and one is left to confirm claims.
    for primary in [0, 1, 2, to] {
        cluster.add_replica(primary).await.unwrap();
    }
    let options = Options { limits: LIMITS.parse().unwrap(), ..Options::default() };
    let xendit = Simulator::start(options).await.unwrap();
    let directory = TempDir::new().unwrap();
    let mut text = String::new();
    for account in 0..ACCOUNTS {
        let key = directory.path().join(format!("key-{account}"));
        std::fs::write(&key, format!("xnd_development_{}", name(account))).unwrap();
        writeln!(
            text,
            "[accounts.{}]\nsecret_key_file = \"{}\"\nbase_url = \"{}\"\nlimits = [\"{LIMITS}\"]\n{TIMES}",
            name(account),
            key.display(),
            xendit.base_url()
        )
        .unwrap();
    }
    let config = directory.path().join("antre.toml");
    std::fs::write(&config, text).unwrap();
    let hosts = cluster.hosts().unwrap();
    let url = format!("redis-cluster://{hosts}");
    let mut workers = Vec::new();
    for (variable, value) in [("ANTRE_REDIS_URL", &url), ("ANTRE_REDIS_CLUSTER", &hosts)] {
        let mut command = Command::new(built_binary("antre").unwrap());
        command
            .arg("worker")
            .arg("--config")
            .arg(&config)
            .current_dir(directory.path())
            .env_clear()
            .env(variable, value)
            .env("ANTRE_HTTP_LISTEN", "off");
        workers.push(ChildProcess::start(command).unwrap());
    }
    let redis = Redis::open(&url).unwrap();
    let queues = (0..ACCOUNTS).map(|account| redis.queue(name(account).parse().unwrap())).collect();
    Setting { workers, cluster, slot, from, to, xendit, queues, _directory: directory }
}

impl Setting {
    fn output(&self) -> String {
        self.workers.iter().map(ChildProcess::output).collect::<Vec<_>>().join("\n--\n")
    }

    async fn done(&self, account: usize) -> u64 {
        self.queues[account].status().await.map(|status| status.totals.done).unwrap_or_default()
    }

    /// Submits and looks until so many more jobs of each of these accounts are done.
    async fn until_more_are_done(
        &self,
        accounts: &[usize],
        more: u64,
        application: &mut Application,
    ) {
        for account in accounts {
            let begun = Instant::now();
            let before = self.done(*account).await;
            while self.done(*account).await < before + more {
                assert!(
                    begun.elapsed() < PATIENCE,
                    "account {account} stands still: {}",
                    self.output()
                );
                application.step(self, true).await;
            }
        }
    }
}

impl Application {
    /// Submits a bill to each account and looks for all links.
    async fn step(&mut self, setting: &Setting, is_new: bool) {
        pass(SUBMIT_EACH).await;
        if is_new {
            let name = |account| bill_name(account, self.number);
            let bill = |account| Bill { account, name: name(account), submitted: None };
            self.waiting.extend((0..ACCOUNTS).map(bill));
            self.number += 1;
        }
        let mut left = Vec::new();
        for mut bill in std::mem::take(&mut self.waiting) {
            let queue = &setting.queues[bill.account];
            if !self.look_after(&mut bill, queue).await {
                left.push(bill);
            }
        }
        self.waiting = left;
    }

    /// Returns whether the bill has its link. A node that does not answer is asked again.
    async fn look_after(&mut self, bill: &mut Bill, queue: &Queue) -> bool {
        if let Some((since, id)) = &bill.submitted {
            let Ok(job) = queue.job(id).await else { return false };
            if let Some(job) = job {
                self.accepted.insert((bill.account, id.clone()));
                if job.state == Some(State::Done) {
                    return true;
                }
            }
            if since.elapsed() < AGAIN_AFTER {
                return false;
            }
        }
        let job = format!(r#"{{"invoice":{{"external_id":"{}","amount":350000}}}}"#, bill.name);
        if let Ok(ids) = queue.submit(&[job]).await
            && let Some(Some(id)) = ids.into_iter().next()
        {
            bill.submitted = Some((Instant::now(), id));
        }
        false
    }
}

/// Waits until all is done, stops the workers, and looks at every bill of every account.
async fn verify(mut setting: Setting, mut application: Application) {
    let begun = Instant::now();
    while !application.waiting.is_empty() {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} wait: {}",
            application.waiting.len(),
            setting.output()
        );
        application.step(&setting, false).await;
    }
    for (account, id) in &application.accepted {
        let known = setting.queues[*account].job(id).await.unwrap();
        assert!(known.is_some(), "job {id} of account {account} was accepted and is lost");
    }
    for worker in &mut setting.workers {
        worker.terminate().unwrap();
        let status = worker.wait(PATIENCE).await.unwrap();
        assert!(status.success(), "{status}: {}", worker.output());
    }
    for number in 0..application.number {
        for bill in (0..ACCOUNTS).map(|account| bill_name(account, number)) {
            let invoices = setting.xendit.invoices(&bill);
            let payable = invoices.iter().filter(|it| it.status.is_payable()).count();
            assert_eq!(payable, 1, "{bill}");
        }
    }
    let refused = setting.xendit.summary(Duration::from_secs(1)).totals.count_429;
    assert_eq!(refused, 0, "a window was exceeded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_moves_and_a_node_dies_without_a_bill_lost_or_made_twice() {
    let mut setting = start().await;
    let mut application = Application::default();
    let all: Vec<usize> = (0..ACCOUNTS).collect();
    setting.until_more_are_done(&all, 3, &mut application).await;

    let Setting { slot, from, to, .. } = setting;
    let moved = {
        let moving = setting.cluster.migrate(slot, from, to);
        tokio::pin!(moving);
        loop {
            tokio::select! {
                moved = &mut moving => break moved.unwrap(),
                () = application.step(&setting, true) => {}
            }
        }
    };
    assert!(moved > 50, "only {moved} keys moved: it was no move under load");
    assert_eq!(setting.cluster.owner(slot).await.unwrap(), to);
    setting.until_more_are_done(&all, 3, &mut application).await;

    // The node that has the account by now.
    setting.cluster.nodes()[to].kill().unwrap();
    let heirs = eventually(PATIENCE, "a replica takes over", async || {
        let owner = setting.cluster.owner(slot).await;
        owner.map(|owner| (owner != to).then_some(owner)).map_err(|error| error.to_string())
    });
    let heir = heirs.await.unwrap();
    assert!(heir >= NODES, "node {heir} is no replica");
    setting.until_more_are_done(&all, 3, &mut application).await;

    setting.cluster.nodes()[to].restart().await.unwrap();
    setting.cluster.until_sound().await.unwrap();
    setting.until_more_are_done(&all, 3, &mut application).await;
    verify(setting, application).await;
}
