use std::net::{Ipv4Addr, TcpListener};

use antre_testkit::{ChildProcess, eventually};
use reqwest::StatusCode;
use serde_json::Value;

use crate::stage::{PATIENCE, Stage, run};

const TOKEN: &str = "0123456789abcdef";

/// A stage whose worker serves HTTP.
struct Served {
    stage: Stage,
    worker: ChildProcess,
    url: String,
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

impl Served {
    async fn start(stage: Stage, token: Option<&str>) -> Self {
        let url = format!("127.0.0.1:{}", free_port());
        let mut command = stage.command(&["worker"]);
        command.env("ANTRE_HTTP_LISTEN", &url);
        if let Some(token) = token {
            command.env("ANTRE_HTTP_TOKEN", token);
        }
        let worker = ChildProcess::start(command).unwrap();
        let served = Self { stage, worker, url: format!("http://{url}") };
        let answers = async || served.status("/healthz").await == Some(StatusCode::OK);
        eventually(PATIENCE, "HTTP answers", answers).await.unwrap();
        served
    }

    async fn status(&self, route: &str) -> Option<StatusCode> {
        let response = client().get(format!("{}{route}", self.url)).send().await;
        response.ok().map(|response| response.status())
    }

    async fn text(&self, route: &str) -> String {
        client().get(format!("{}{route}", self.url)).send().await.unwrap().text().await.unwrap()
    }

    async fn await_ready(&self) {
        let is_ready = async || self.status("/readyz").await == Some(StatusCode::OK);
        eventually(PATIENCE, "it is ready", is_ready).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_is_alive_at_once_and_ready_when_redis_is_there() {
    let mut stage = Stage::start().await;
    stage.server.stop().await.unwrap();
    let mut served = Served::start(stage, None).await;
    assert_eq!(served.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    served.stage.server.restart().await.unwrap();
    served.await_ready().await;
    served.worker.terminate().unwrap();
    assert!(served.worker.wait(PATIENCE).await.unwrap().success(), "{}", served.worker.output());
}

#[tokio::test]
async fn a_worker_whose_server_became_a_replica_is_not_ready_and_says_why() {
    let served = Served::start(Stage::start().await, None).await;
    served.await_ready().await;
    let mut command = std::process::Command::new("redis-cli");
    command.arg("-s").arg(served.stage.server.socket_path());
    command.args(["REPLICAOF", "127.0.0.1", "1"]);
    run(command).await.expect(0);
    let says_why = async || served.text("/readyz").await.contains("replica");
    eventually(PATIENCE, "it says why", says_why).await.unwrap();
    assert_eq!(served.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(served.status("/healthz").await, Some(StatusCode::OK));
    let log = served.worker.output();
    assert!(log.contains("this server has become a replica"), "{log}");
}

#[tokio::test]
async fn the_figures_and_metrics_are_those_of_the_queue() {
    let served = Served::start(Stage::start().await, None).await;
    served.await_ready().await;
    served.stage.bill("INV-1").await.expect(0);
    let status: Value = serde_json::from_str(&served.text("/rate-limiter/status").await).unwrap();
    assert_eq!(status["data"]["completed"], 1, "{status}");
    let metrics = served.text("/metrics").await;
    assert!(metrics.contains("antre_redis_up 1"), "{metrics}");
    // The process's own, from the worker's layers.
    assert!(metrics.contains("_bucket{"), "{metrics}");
}

#[tokio::test]
async fn what_changes_something_needs_the_token() {
    let served = Served::start(Stage::start().await, Some(TOKEN)).await;
    served.await_ready().await;
    let retry = || {
        let url = format!("{}/rate-limiter/retry-failed", served.url);
        client().post(url).header("content-type", "application/json").body("{}")
    };
    assert_eq!(retry().send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(retry().bearer_auth(TOKEN).send().await.unwrap().status(), StatusCode::OK);
    let stranger = retry().bearer_auth(TOKEN).header("host", "evil.example");
    assert_eq!(stranger.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let stage = Stage::start().await;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = stage.command(&["worker"]);
    command.env("ANTRE_HTTP_LISTEN", &address);
    let ended = run(command).await.expect(1);
    assert!(ended.stderr.contains(&format!("cannot listen on {address}: ")), "{}", ended.stderr);
}
