use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::PATIENCE;

fn program(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_xendit-sim"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn the_program_names_its_url_serves_and_ends_when_terminated() {
    let options = ["--listen", "127.0.0.1:0", "--limit", "2/1s,60/1m", "--latency", "1-2ms"];
    let more = ["--list-lag", "2s", "--seed", "1", "--merchant", "brand=key-1,key-2"];
    let also =
        ["--also-listen", "127.0.0.1:0", "--idle-timeout", "60s", "--idempotency-header", "on"];
    let mut child = program(&[&options[..], &more, &also].concat());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let url = line.strip_prefix("simulated Xendit listens on ").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let summary = client.get(format!("{url}/_sim/summary")).send().await.unwrap();
    assert_eq!(summary.status(), 200);
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let also = line.strip_prefix("simulated Xendit listens on ").unwrap();
    let invoice = json!({ "external_id": "INV-1", "amount": 1 });
    let creating = client.post(format!("{also}/v2/invoices")).basic_auth("key-1", Some(""));
    let created: Value = creating.json(&invoice).send().await.unwrap().json().await.unwrap();
    let path = format!("{url}/v2/invoices/{}", created["id"].as_str().unwrap());
    let got = client.get(path).basic_auth("key-2", Some("")).send().await.unwrap();
    assert_eq!(got.json::<Value>().await.unwrap(), created);

    let id = i32::try_from(child.id().unwrap()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(ended.success());
}

#[tokio::test]
async fn a_taken_address_is_reported_and_a_wrong_limit_is_a_usage_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = program(&["--listen", &address]).wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.starts_with(&format!("xendit-sim: cannot listen on {address}: ")), "{said}");
    assert!(said.contains("--listen"), "{said}");
    for wrong in [
        ["--limit", "2"],
        ["--merchant", "xnd_secret"],
        ["--idle-timeout", "soon"],
        ["--idempotency-header", "yes"],
    ] {
        let ended = program(&wrong).wait_with_output().await.unwrap();
        assert_eq!(ended.status.code(), Some(2));
    }
}
