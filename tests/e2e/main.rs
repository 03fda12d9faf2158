//! The real program as processes: a month's bills from a file to their links, as an operator does it.
#![expect(clippy::unwrap_used, reason = "a broken fixture fails its test")]

use std::{path::Path, process::Command, time::Duration};

use antre_testkit::{ChildProcess, RedisServer, built_binary, eventually};
use serde_json::Value;
use tempfile::TempDir;
use xendit_sim::{Options, Running, Simulator};

const PATIENCE: Duration = Duration::from_mins(1);
const BILLS: u64 = 100;

struct Fleet {
    redis: RedisServer,
    xendit: Running,
    directory: TempDir,
}

impl Fleet {
    async fn start(limits: &str) -> Self {
        let options = Options {
            limits: limits.parse().unwrap(),
            latency: "20-120ms".parse().unwrap(),
            ..Options::default()
        };
        Self {
            redis: RedisServer::start().await.unwrap(),
            xendit: Simulator::start(options).await.unwrap(),
            directory: TempDir::new().unwrap(),
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
            .env("ANTRE_LIMITS", "20/1s")
            .env("ANTRE_LEASE", "1500ms")
            .env("ANTRE_REQUEST_TIMEOUT", "2s")
            .env("ANTRE_CONNECT_TIMEOUT", "1s")
            .env("ANTRE_SETTLE_ANSWERED", "200ms")
            .env("ANTRE_SETTLE_UNANSWERED", "500ms")
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

    async fn served(&self) {
        eventually(PATIENCE, "a worker", async || {
            let accounts = self.json(&["status", "--json"]).to_string();
            accounts.contains("\"is_known\":true")
        })
        .await
        .unwrap();
    }
}

fn write_bills(file: &Path) {
    let header = "external_id,amount,customer.given_names,customer.mobile_number,priority,batch";
    let rows = (0..BILLS).map(|number| {
        let priority = if number % 10 == 0 { "high" } else { "normal" };
        format!("INV-{number},350000,Pelanggan {number},081200000{number:03},{priority},2026-12")
    });
    let lines: Vec<String> = std::iter::once(header.to_owned()).chain(rows).collect();
    std::fs::write(file, lines.join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_months_bills_become_one_invoice_each_although_a_worker_is_killed() {
    let fleet = Fleet::start("20/1s").await;
    let mut workers = [fleet.worker(), fleet.worker(), fleet.worker()];
    fleet.served().await;
    write_bills(&fleet.directory.path().join("bills.csv"));
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
    let accounts = fleet.json(&["status", "--json"]).to_string();
    assert!(accounts.contains("\"dead\":0"), "{accounts}");
    for worker in &mut workers[1..] {
        worker.terminate().unwrap();
        let status = worker.wait(PATIENCE).await.unwrap();
        assert_eq!(status.code(), Some(0), "{}", worker.output());
    }
}
