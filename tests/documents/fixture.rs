//! What the examples run against, and how: one Redis, one worker, one simulated Xendit a document.

use std::{path::PathBuf, process::Command, time::Duration};

use antre_store::Redis;
use antre_testkit::{ChildProcess, RedisServer, eventually, queue::quick_settings};
use antre_tests::fleet::{RunningWorker, account};
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;
use xendit_sim::{Options, Simulator};

use crate::{markdown::Example, output};

const LIMIT: Duration = Duration::from_mins(1);

/// Where examples run.
pub(crate) struct Fixture {
    server: RedisServer,
    _worker: RunningWorker,
    xendit: xendit_sim::Running,
    directory: TempDir,
    python: PathBuf,
    examples_run: usize,
}

impl Fixture {
    /// Starts everything, for the Python of this machine; the account `default` is served when this returns.
    pub(crate) async fn start() -> Self {
        Self::start_with(python_with_redis().await).await
    }

    /// Starts everything, for a Python that has redis-py.
    pub(crate) async fn start_with(python: PathBuf) -> Self {
        // redis-cli cannot reach a Unix socket by URL, hence the port.
        let server = RedisServer::builder().tcp().start().await.unwrap();
        let options = Options { limits: "100/1s".parse().unwrap(), ..Options::default() };
        let xendit = Simulator::start(options).await.unwrap();
        let mut settings = quick_settings();
        settings.limits = "50/1s".parse().unwrap();
        settings.jitter_allowance = Duration::from_millis(5);
        // Long enough for what the simulator answers on a busy machine, also where it takes 8 s on purpose.
        settings.request_timeout = Duration::from_secs(20);
        let accounts = vec![account("default", &xendit.base_url(), settings)];
        let worker = RunningWorker::start(&server.url(), "billing-1", accounts);
        let queue = Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
        let is_served = async || queue.status().await.is_ok_and(|status| status.is_known());
        eventually(LIMIT, "the account is served", is_served).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("variables"), "").unwrap();
        Self { server, _worker: worker, xendit, directory, python, examples_run: 0 }
    }

    /// Lets Xendit take so long for each answer from now on.
    pub(crate) fn set_latency(&self, latency: &str) {
        self.xendit.set_latency(latency.parse().unwrap());
    }

    /// Opens a connection to the Redis of the examples.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        self.server.connect().await.unwrap()
    }

    /// Runs an example and returns what is wrong with it, if anything.
    pub(crate) async fn fault(&mut self, example: &Example) -> Option<String> {
        let mut child = self.run(example);
        let status = match child.wait(LIMIT).await {
            Ok(status) => status,
            Err(error) => return Some(format!("does not end: {error}\n{}", child.output())),
        };
        if !status.success() {
            return Some(format!("fails with {status}\n{}", child.output()));
        }
        let written = child.stdout();
        let error = output::error_of_redis(&written).map(str::to_owned);
        let difference = || output::difference(example.output.as_ref()?, &written);
        let fault = error.or_else(difference)?;
        Some(format!("{fault}\n{}", child.stderr()))
    }

    fn run(&mut self, example: &Example) -> ChildProcess {
        self.examples_run += 1;
        let is_python = example.block.language == "python";
        let name = format!("example-{}.{}", self.examples_run, if is_python { "py" } else { "sh" });
        std::fs::write(self.directory.path().join(&name), &example.block.text).unwrap();
        let mut command = if is_python {
            let mut command = Command::new(&self.python);
            command.arg(&name);
            command
        } else {
            // Variables live on from block to block, as in one terminal.
            let script = format!("set -aeu; . ./variables; . ./{name}; export -p > variables");
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        };
        command.current_dir(self.directory.path()).env("REDIS_URL", self.server.tcp_url().unwrap());
        ChildProcess::start(command).unwrap()
    }
}

/// Returns the first Python that has redis-py.
pub(crate) async fn python_with_redis() -> PathBuf {
    for program in ["python3", "/usr/bin/python3"] {
        let mut command = Command::new(program);
        command.args(["-c", "import redis"]);
        let Ok(mut child) = ChildProcess::start(command) else { continue };
        if child.wait(LIMIT).await.is_ok_and(|status| status.success()) {
            return PathBuf::from(program);
        }
    }
    panic!("no python3 with redis-py: run sh deploy/setup.sh, or pip install redis");
}
