//! A Redis, a simulated Xendit and a worker that serves accounts on them, all of the test's own.

use std::time::Duration;

use antre_store::Redis;
use antre_testkit::{RedisServer, eventually, queue::quick_settings};
use redis::aio::MultiplexedConnection;
use xendit_sim::{Options, Simulator};

use crate::fleet::{RunningWorker, account};

const LIMIT: Duration = Duration::from_mins(1);

/// Accounts that are served while this lives.
#[derive(Debug)]
pub struct Served {
    server: RedisServer,
    _worker: RunningWorker,
    xendit: xendit_sim::Running,
}

impl Served {
    /// Starts everything; these accounts are served when this returns.
    pub async fn start(accounts: &[&str]) -> Self {
        // redis-cli cannot reach a Unix socket by URL, hence the port.
        let server = RedisServer::builder().tcp().start().await.unwrap();
        let options = Options { limits: "100/1s".parse().unwrap(), ..Options::default() };
        let xendit = Simulator::start(options).await.unwrap();
        let mut settings = quick_settings();
        settings.limits = "50/1s".parse().unwrap();
        settings.jitter_allowance = Duration::from_millis(5);
        // Long enough for what the simulator answers on a busy machine, also where it takes 8 s on purpose.
        settings.request_timeout = Duration::from_secs(20);
        let options = |name: &&str| account(name, &xendit.base_url(), settings.clone());
        let worker = RunningWorker::start(
            &server.url(),
            "billing-1",
            accounts.iter().map(options).collect(),
        );
        for name in accounts {
            let queue = Redis::open(&server.url()).unwrap().queue(name.parse().unwrap());
            let is_served = async || queue.status().await.is_ok_and(|status| status.is_known());
            eventually(LIMIT, "the account is served", is_served).await.unwrap();
        }
        Self { server, _worker: worker, xendit }
    }

    /// Lets Xendit take so long for each answer from now on.
    pub fn set_latency(&self, latency: &str) {
        self.xendit.set_latency(latency.parse().unwrap());
    }

    /// Opens a connection to this Redis.
    pub async fn connection(&self) -> MultiplexedConnection {
        self.server.connect().await.unwrap()
    }

    /// Returns the URL for programs.
    pub fn redis_url(&self) -> String {
        self.server.tcp_url().unwrap()
    }
}
