//! A Redis, a simulated Xendit and the binary between them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use antre_store::{Redis, status::Status};
use antre_testkit::{ChildProcess, RedisServer, eventually};
use serde_json::Value;
use tempfile::TempDir;
use xendit_sim::{Limits, Merchant, Options, Running, SecretKey, Simulator};

/// The most a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The account's key, and another key of the same merchant.
pub(crate) const KEY: &str = "xnd_development_test";
pub(crate) const SECOND_KEY: &str = "xnd_development_second";
/// A key of its live mode.
pub(crate) const LIVE_KEY: &str = "xnd_production_test";
/// A key of another merchant.
pub(crate) const FOREIGN_KEY: &str = "xnd_development_foreign";

pub(crate) struct Fixture {
    pub(crate) server: RedisServer,
    pub(crate) xendit: Running,
    directory: TempDir,
}

/// What a program that has ended leaves.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Fails unless the program ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Returns the binary as it is started in an empty directory, with nothing of this machine's environment
/// but what finds and stores programs' files.
pub(crate) fn antre(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antre"));
    command.args(arguments).current_dir(directory).env_clear();
    let kept = ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"];
    let kept = kept.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    command.envs(kept.collect::<Vec<(&str, OsString)>>());
    command
}

/// Runs a program to its end.
pub(crate) async fn run(command: Command) -> Ended {
    run_with_input(command, "").await
}

pub(crate) async fn run_with_input(command: Command, input: &str) -> Ended {
    let what = format!("{command:?}");
    let mut child = ChildProcess::start_with_input(command, input.as_bytes()).unwrap();
    let ended = child.wait(PATIENCE).await;
    let status = ended.unwrap_or_else(|error| panic!("{error}: {what}\n{}", child.output()));
    Ended { code: status.code(), stdout: child.stdout(), stderr: child.stderr() }
}

impl Fixture {
    /// Starts a Redis and a simulated Xendit without limits.
    pub(crate) async fn start() -> Self {
        Self::start_on(RedisServer::start().await.unwrap()).await
    }

    /// Starts a simulated Xendit without limits beside this Redis.
    pub(crate) async fn start_on(server: RedisServer) -> Self {
        let keys = [KEY, SECOND_KEY, LIVE_KEY].map(SecretKey::new);
        let merchants = vec![Merchant::new("ours", keys).unwrap()];
        let options = Options { limits: Limits(Vec::new()), merchants, ..Options::default() };
        Self {
            server,
            xendit: Simulator::start(options).await.unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Writes a file into the programs' directory.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs one command of Redis, past Antre.
    pub(crate) async fn tell(&self, words: &[&str]) {
        let mut command = Command::new("redis-cli");
        command.arg("-e").arg("-s").arg(self.server.socket_path()).args(words);
        run(command).await.expect(0);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = antre(self.directory.path(), arguments);
        command
            .env("ANTRE_REDIS_URL", self.server.url())
            .env("XENDIT_BASE_URL", self.xendit.base_url())
            .env("XENDIT_SECRET_KEY", KEY)
            .env("ANTRE_HTTP_LISTEN", "off")
            .env("ANTRE_LIMITS", "50/1s")
            // Two busy cores must not make grants come too late.
            .env("ANTRE_SEND_WITHIN", "250ms");
        command
    }

    pub(crate) async fn antre(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    /// Starts a worker and returns it once it serves.
    pub(crate) async fn worker(&self) -> ChildProcess {
        let worker = ChildProcess::start(self.command(&["worker"])).unwrap();
        self.await_worker().await;
        worker
    }

    /// Starts a worker with this key and returns at once.
    pub(crate) fn worker_with_key(&self, key: &str) -> ChildProcess {
        let mut command = self.command(&["worker"]);
        command.env("XENDIT_SECRET_KEY", key);
        ChildProcess::start(command).unwrap()
    }

    /// Waits until the account's view is like this, and returns it.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&Status) -> bool) -> Status {
        let queue = self.queue();
        let look = async || queue.status().await.ok().filter(|status| is_so(status));
        eventually(PATIENCE, what, look).await.unwrap()
    }

    /// Submits one bill without waiting for anything.
    pub(crate) async fn submit(&self, external_id: &str) {
        run_with_input(self.command(&["enqueue"]), &bill(external_id)).await.expect(0);
    }

    /// Waits until a worker has shown itself.
    pub(crate) async fn await_worker(&self) {
        let queue = self.queue();
        // Its key is known from its first request on; before that it takes nothing in.
        let serves = async || {
            let status = queue.status().await;
            status.is_ok_and(|it| !it.workers.is_empty() && !it.owner.keys.is_empty())
        };
        eventually(PATIENCE, "a worker serves", serves).await.unwrap();
    }

    pub(crate) fn queue(&self) -> antre_store::Queue {
        Redis::open(&self.server.url()).unwrap().queue("default".parse().unwrap())
    }

    /// Enqueues one bill and waits for its end.
    pub(crate) async fn bill(&self, external_id: &str) -> Ended {
        let job = bill(external_id);
        run_with_input(self.command(&["enqueue", "--wait", "--results", "one.jsonl"]), &job).await
    }
}

/// Returns a job with a customer whose data must not be shown.
pub(crate) fn bill(external_id: &str) -> String {
    format!(
        r#"{{"invoice":{{"external_id":"{external_id}","amount":350000,"customer":{{"given_names":"Budi Hush","email":"hush@example.com"}}}}}}"#
    )
}
