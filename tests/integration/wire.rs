//! The wire protocol from outside: `redis-cli` alone is a whole client.

use std::process::Stdio;

use antre_tests::harness::{Harness, PATIENCE, job, steady_settings};
use serde_json::Value;
use tokio::process::Command;

async fn redis_cli(harness: &Harness, arguments: &[&str]) -> String {
    let socket = harness.redis.socket_path();
    let mut command = Command::new("redis-cli");
    command.arg("-s").arg(socket).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE * 2, command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_cli_alone_enqueues_reads_the_state_and_fetches_the_result() {
    let harness = Harness::start(&steady_settings()).await;
    let enqueue = ["XADD", "antre:{default}:inbox", "NOMKSTREAM", "*", "job", &job("INV-1")];
    let id = redis_cli(&harness, &enqueue).await;
    assert!(id.contains('-'), "{id}");
    let worker = harness.worker("worker");
    let list = format!("antre:{{default}}:result:{id}");
    let wait = ["BLMOVE", &list, &list, "LEFT", "LEFT", "45"];
    let result: Value = serde_json::from_str(&redis_cli(&harness, &wait).await).unwrap();
    assert_eq!((&result["job"], &result["state"]), (&id.as_str().into(), &"done".into()));
    assert_eq!(result["external_id"], "INV-1");
    assert!(result["invoice_url"].as_str().unwrap().starts_with("https://"));
    assert_eq!(result["response"]["id"], result["invoice_id"]);

    let meta = format!("antre:{{default}}:meta:{id}");
    assert_eq!(redis_cli(&harness, &["HGET", &meta, "state"]).await, "done");
    let kept = redis_cli(&harness, &["HGET", &meta, "result"]).await;
    assert_eq!(kept.trim(), "", "the result is kept once");
    let again: Value = serde_json::from_str(&redis_cli(&harness, &wait).await).unwrap();
    assert_eq!(again, result, "it is left there for others");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_cli_reads_every_end_with_a_consumer_group() {
    let harness = Harness::start(&steady_settings()).await;
    let ended = "antre:{default}:ended";
    redis_cli(&harness, &["XGROUP", "CREATE", ended, "billing", "0", "MKSTREAM"]).await;
    let _worker = harness.worker("worker");
    let good = harness.submit_one(&job("INV-1")).await;
    let bad = harness.submit_one("nonsense").await;
    harness.result(&good).await;
    harness.result(&bad).await;
    let read = ["XREADGROUP", "GROUP", "billing", "app", "STREAMS", ended, ">"];
    let entries = redis_cli(&harness, &read).await;
    for part in [&good, &bad, "done", "dead", "invoice_url", "INV-1"] {
        assert!(entries.lines().any(|line| line == part), "{part} is not in {entries}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_cli_learns_that_nobody_serves_an_account() {
    let harness = Harness::start(&steady_settings()).await;
    let enqueue = ["XADD", "antre:{nobody}:inbox", "NOMKSTREAM", "*", "job", &job("INV-1")];
    assert_eq!(redis_cli(&harness, &enqueue).await, "");
}
