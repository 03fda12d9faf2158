//! `antre serve`: the routes without a worker.

use std::net::Ipv4Addr;
use std::process::Command;

use antre_testkit::eventually;
use reqwest::StatusCode;
use serde_json::Value;

use crate::fixture::{Fixture, PATIENCE, run};
use crate::http::{Served, client};

/// A server's command: it is given no key.
fn command(fixture: &Fixture) -> Command {
    let mut command = fixture.command(&["serve"]);
    command.env_remove("XENDIT_SECRET_KEY").env_remove("XENDIT_BASE_URL");
    command
}

async fn serve(fixture: Fixture) -> Served {
    let command = command(&fixture);
    Served::start_on(fixture, Ipv4Addr::LOCALHOST, command, &[]).await
}

async fn scaling(served: &Served) -> Value {
    serde_json::from_str(&served.text("/scaling").await).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_without_a_worker_and_knows_what_workers_measured() {
    let served = serve(Fixture::start().await).await;
    let fixture = &served.fixture;
    assert_eq!(served.status("/readyz").await, Some(StatusCode::OK));
    assert_eq!(scaling(&served).await["estimated_wait_s"], Value::Null);
    let metrics = served.text("/metrics").await;
    assert!(metrics.contains("antre_served{account=\"default\"} 0"), "{metrics}");
    let mut worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    worker.terminate().unwrap();
    assert!(worker.wait(PATIENCE).await.unwrap().success(), "{}", worker.output());
    let remembered = fixture.queue().request_time().await.unwrap().unwrap();
    assert_eq!(remembered.concurrency, 5);
    // What another program wrote there counts as nothing.
    fixture.tell(&["SET", "antre:{default}:request_time", "soon"]).await;
    assert_eq!(scaling(&served).await["useful_workers"], 10);
    fixture.submit("INV-2").await;
    let answer = scaling(&served).await;
    assert_eq!((&answer["waiting"], &answer["unfinished"]), (&1.into(), &1.into()), "{answer}");
    assert_eq!(answer["estimated_wait_s"], Value::Null);
    // It is no worker: nobody serves the account, and nothing is sent.
    served.await_text("/rate-limiter/health", "no_worker").await;
    assert_eq!(fixture.queue().status().await.unwrap().workers.len(), 0);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_without_redis_and_is_ready_when_redis_comes() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let mut served = serve(fixture).await;
    assert_eq!(served.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(served.status("/scaling").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    served.fixture.server.restart().await.unwrap();
    served.await_text("/readyz", "\"ready\"").await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_address_or_a_token_it_says_what_to_write() {
    let fixture = Fixture::start().await;
    let off = run(command(&fixture)).await.expect(64);
    assert!(off.stderr.contains("write an address such as 127.0.0.1:8080"), "{off:?}");
    let mut open = command(&fixture);
    open.env("ANTRE_HTTP_LISTEN", "0.0.0.0:0");
    let open = run(open).await.expect(64);
    assert!(open.stderr.contains("set ANTRE_HTTP_TOKEN or http_token_file"), "{open:?}");
    let mut unknown = fixture.command(&["serve", "-a", "nobody"]);
    unknown.env("ANTRE_HTTP_LISTEN", "127.0.0.1:0");
    let unknown = run(unknown).await.expect(64);
    assert!(unknown.stderr.contains("account nobody is not configured"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_changes_the_token_and_a_fault_changes_nothing() {
    let fixture = Fixture::start().await;
    fixture.write("antre.toml", "http_token_file = \"token\"\n");
    fixture.write("token", "a-first-token-of-16");
    let mut served = serve(fixture).await;
    let retry = async |served: &Served, token: &str| {
        let url = format!("http://{}/rate-limiter/retry-failed", served.address);
        let request = client().post(url).bearer_auth(token).json(&serde_json::json!({}));
        request.send().await.unwrap().status()
    };
    assert_eq!(retry(&served, "a-first-token-of-16").await, StatusCode::OK);
    assert_eq!(retry(&served, "another-token-of-16").await, StatusCode::UNAUTHORIZED);
    served.fixture.write("token", "another-token-of-16");
    served.worker.hang_up().unwrap();
    let changed = async || retry(&served, "another-token-of-16").await == StatusCode::OK;
    eventually(PATIENCE, "the new token is in force", changed).await.unwrap();
    served.fixture.write("token", "short");
    served.worker.hang_up().unwrap();
    served.worker.wait_for_line("the old configuration stays in force", PATIENCE).await.unwrap();
    assert_eq!(retry(&served, "another-token-of-16").await, StatusCode::OK);
    served.end().await;
}
