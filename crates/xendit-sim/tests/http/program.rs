use std::process::Stdio;

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
    let mut child = program(&[&options[..], &["--list-lag", "2s", "--seed", "1"]].concat());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let url = line.strip_prefix("simulated Xendit listens on ").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let summary = client.get(format!("{url}/_sim/summary")).send().await.unwrap();
    assert_eq!(summary.status(), 200);

    let id = child.id().unwrap().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
    assert!(told.success());
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
    let ended = program(&["--limit", "2"]).wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(2));
}
