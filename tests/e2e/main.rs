//! The real program as processes: a month's bills from a file to their links, as an operator does it.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

use std::{path::Path, process::Command, time::Duration};

use antre_testkit::{ChildProcess, RedisServer, built_binary, eventually};
use serde_json::Value;
use tempfile::TempDir;
use xendit_sim::{Options, Running, Simulator};

const PATIENCE: Duration = Duration::from_mins(1);
const BILLS: u64 = 100;
const LIMITS: &str = "20/1s";
const CONCURRENCY: u64 = 5;

struct Fleet {
    redis: RedisServer,
    xendit: Running,
    directory: TempDir,
    request_timeout: &'static str,
}

impl Fleet {
    async fn start(latency: &str, request_timeout: &'static str) -> Self {
        let options = Options {
            limits: LIMITS.parse().unwrap(),
            latency: latency.parse().unwrap(),
            ..Options::default()
        };
        Self {
            redis: RedisServer::start().await.unwrap(),
            xendit: Simulator::start(options).await.unwrap(),
            directory: TempDir::new().unwrap(),
            request_timeout,
        }
    }

    fn antre(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built_binary("antre").unwrap());
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("ANTRE_REDIS_URL", self.redis.url())
            .env("XENDIT_SECRET_KEY", "xnd_development_antre_e2e")
            .env("XENDIT_BASE_URL", self.xendit.base_url())
            .env("ANTRE_LIMITS", LIMITS)
            .env("ANTRE_LEASE", "1500ms")
            .env("ANTRE_CONCURRENCY", CONCURRENCY.to_string())
            .env("ANTRE_REQUEST_TIMEOUT", self.request_timeout)
            .env("ANTRE_CONNECT_TIMEOUT", "1s")
            .env("ANTRE_TRUST_ABSENCE_ANSWERED", "200ms")
            .env("ANTRE_TRUST_ABSENCE_UNANSWERED", "500ms")
            .env("ANTRE_HTTP_LISTEN", "off");
        command
    }

    fn worker(&self) -> ChildProcess {
        ChildProcess::start(self.antre(&["worker"])).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.antre(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Returns the account's state as `status --json` shows it.
    fn status(&self) -> Value {
        self.json(&["status", "--json"])["accounts"][0].clone()
    }

    async fn served(&self) {
        eventually(PATIENCE, "a worker", async || self.status()["is_known"] == true).await.unwrap();
    }
}

/// Returns how many leases ran out.
fn lapsed(status: &Value) -> u64 {
    status["totals"]["lapsed"].as_u64().unwrap_or_default()
}

fn write_bills(file: &Path, count: u64) {
    let header = "external_id,amount,customer.given_names,customer.mobile_number,priority,batch";
    let rows = (0..count).map(|number| {
        let priority = if number % 10 == 0 { "high" } else { "normal" };
        format!("INV-{number},350000,Pelanggan {number},081200000{number:03},{priority},2026-12")
    });
    let lines: Vec<String> = std::iter::once(header.to_owned()).chain(rows).collect();
    std::fs::write(file, lines.join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_months_bills_become_one_invoice_each_although_a_worker_is_killed() {
    let fleet = Fleet::start("20-120ms", "2s").await;
    let mut workers = [fleet.worker(), fleet.worker(), fleet.worker()];
    fleet.served().await;
    write_bills(&fleet.directory.path().join("bills.csv"), BILLS);
    let mut enqueue =
        ChildProcess::start(fleet.antre(&["enqueue", "bills.csv", "--wait"])).unwrap();
    let halfway = fleet.xendit.ledger().wait_until(PATIENCE, |totals| totals.requests >= 30).await;
    assert!(halfway, "{}", workers[0].output());
    workers[0].kill().unwrap();
    let ended = enqueue.wait(PATIENCE).await.unwrap();
    assert!(ended.success(), "{}", enqueue.output());

    let summary = fleet.xendit.summary(Duration::from_secs(1));
    assert_eq!(summary.payable.external_ids_with_one, BILLS, "{summary:?}");
    assert_eq!(summary.payable.external_ids_with_several, 0);
    assert!(summary.most_in_any_window <= 20, "{summary:?}");
    let status = fleet.status();
    assert_eq!(status["dead"], 0, "{status}");
    // Nobody lost a lease but the one that was killed, and that one held no more than it may.
    assert!(lapsed(&status) <= CONCURRENCY, "{status}");
    for worker in &mut workers[1..] {
        worker.terminate().unwrap();
        let status = worker.wait(PATIENCE).await.unwrap();
        assert_eq!(status.code(), Some(0), "{}", worker.output());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lease_runs_out_where_nobody_is_harmed_although_every_request_outlasts_it() {
    let fleet = Fleet::start("2s", "30s").await;
    let _workers = [fleet.worker(), fleet.worker()];
    fleet.served().await;
    write_bills(&fleet.directory.path().join("bills.csv"), 20);
    let mut enqueue =
        ChildProcess::start(fleet.antre(&["enqueue", "bills.csv", "--wait"])).unwrap();
    let ended = enqueue.wait(PATIENCE).await.unwrap();
    assert!(ended.success(), "{}", enqueue.output());
    let (status, totals) = (fleet.status(), fleet.xendit.ledger().totals());
    assert_eq!((lapsed(&status), &status["done"]), (0, &Value::from(20)), "{status}");
    assert_eq!(
        totals.requests, 21,
        "one shows whose the key is, nothing was looked up: {totals:?}"
    );
}
