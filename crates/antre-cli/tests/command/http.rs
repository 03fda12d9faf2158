use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use antre_testkit::{ChildProcess, eventually};
use reqwest::StatusCode;
use serde_json::Value;

use crate::fixture::{Fixture, PATIENCE, run};

const TOKEN: &str = "0123456789abcdef";

/// A fixture whose worker serves HTTP.
pub(crate) struct Served {
    pub(crate) fixture: Fixture,
    pub(crate) worker: ChildProcess,
    /// How this machine reaches it.
    pub(crate) address: String,
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

impl Served {
    pub(crate) async fn start(fixture: Fixture, variables: &[(&str, &str)]) -> Self {
        let command = fixture.command(&["worker"]);
        Self::start_on(fixture, Ipv4Addr::LOCALHOST, command, variables).await
    }

    /// Starts the command with a free port of this address, and returns when it answers.
    pub(crate) async fn start_on(
        fixture: Fixture,
        ip: Ipv4Addr,
        mut command: Command,
        variables: &[(&str, &str)],
    ) -> Self {
        let port = free_port();
        command.env("ANTRE_HTTP_LISTEN", format!("{ip}:{port}")).envs(variables.iter().copied());
        let worker = ChildProcess::start(command).unwrap();
        let served = Self { fixture, worker, address: format!("127.0.0.1:{port}") };
        let answers = async || served.status("/healthz").await == Some(StatusCode::OK);
        eventually(PATIENCE, "HTTP answers", answers).await.unwrap();
        served
    }

    fn get(&self, route: &str) -> reqwest::RequestBuilder {
        client().get(format!("http://{}{route}", self.address))
    }

    pub(crate) async fn status(&self, route: &str) -> Option<StatusCode> {
        self.get(route).send().await.ok().map(|response| response.status())
    }

    pub(crate) async fn text(&self, route: &str) -> String {
        self.get(route).send().await.unwrap().text().await.unwrap()
    }

    /// Tells the worker to stop, and waits until it has ended well.
    pub(crate) async fn end(mut self) {
        self.worker.terminate().unwrap();
        let ended = self.worker.wait(PATIENCE).await;
        assert!(ended.is_ok_and(|status| status.success()), "{}", self.worker.output());
    }

    /// The same, and keeps the fixture.
    pub(crate) async fn end_early(mut self) -> Fixture {
        self.worker.terminate().unwrap();
        self.worker.wait(PATIENCE).await.unwrap();
        self.fixture
    }

    /// Waits until a route's answer holds this text.
    pub(crate) async fn await_text(&self, route: &str, text: &str) {
        let says_so = async || {
            let said = self.text(route).await;
            if said.contains(text) { Ok(true) } else { Err(said) }
        };
        eventually(PATIENCE, &format!("{route} says {text}"), says_so).await.unwrap();
    }

    /// Waits until it is not ready because of this.
    pub(crate) async fn await_unready(&self, text: &str) {
        self.await_text("/readyz", text).await;
        assert_eq!(self.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(self.status("/healthz").await, Some(StatusCode::OK));
    }

    pub(crate) async fn await_ready(&self) {
        let is_ready = async || self.status("/readyz").await == Some(StatusCode::OK);
        eventually(PATIENCE, "it is ready", is_ready).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_is_alive_at_once_and_ready_when_redis_is_there() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let mut served = Served::start(fixture, &[]).await;
    assert_eq!(served.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    served.fixture.server.restart().await.unwrap();
    served.await_ready().await;
    served.end().await;
}

#[tokio::test]
async fn a_worker_whose_server_became_a_replica_is_not_ready_and_says_why() {
    let served = Served::start(Fixture::start().await, &[]).await;
    served.await_ready().await;
    let mut command = Command::new("redis-cli");
    command.arg("-s").arg(served.fixture.server.socket_path());
    command.args(["REPLICAOF", "127.0.0.1", "1"]);
    run(command).await.expect(0);
    let says_why = async || served.text("/readyz").await.contains("replica");
    eventually(PATIENCE, "it says why", says_why).await.unwrap();
    assert_eq!(served.status("/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(served.status("/healthz").await, Some(StatusCode::OK));
    let log = served.worker.output();
    assert!(
        log.contains("server has become a replica") || log.contains("server is a replica"),
        "{log}"
    );
}

#[tokio::test]
async fn the_figures_and_metrics_are_those_of_the_queue() {
    let served = Served::start(Fixture::start().await, &[]).await;
    served.await_ready().await;
    served.fixture.bill("INV-1").await.expect(0);
    let status: Value = serde_json::from_str(&served.text("/rate-limiter/status").await).unwrap();
    assert_eq!(status["data"]["completed"], 1, "{status}");
    let metrics = served.text("/metrics").await;
    assert!(metrics.contains("antre_redis_up 1"), "{metrics}");
    // The process's own, from the worker's layers.
    assert!(metrics.contains("_bucket{"), "{metrics}");
}

#[tokio::test]
async fn what_changes_something_needs_the_token() {
    let served = Served::start(Fixture::start().await, &[("ANTRE_HTTP_TOKEN", TOKEN)]).await;
    served.await_ready().await;
    let retry = || {
        let url = format!("http://{}/rate-limiter/retry-failed", served.address);
        client().post(url).header("content-type", "application/json").body("{}")
    };
    assert_eq!(retry().send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(retry().bearer_auth(TOKEN).send().await.unwrap().status(), StatusCode::OK);
    let stranger = retry().bearer_auth(TOKEN).header("host", "evil.example");
    assert_eq!(stranger.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn where_other_machines_can_ask_everything_but_probes_needs_the_token() {
    let fixture = Fixture::start().await;
    let command = fixture.command(&["worker"]);
    let variables = [("ANTRE_HTTP_TOKEN", TOKEN)];
    let served = Served::start_on(fixture, Ipv4Addr::UNSPECIFIED, command, &variables).await;
    served.await_ready().await;
    for route in ["/rate-limiter/status", "/rate-limiter/health", "/metrics"] {
        assert_eq!(served.status(route).await, Some(StatusCode::UNAUTHORIZED), "{route}");
        let shown = served.get(route).bearer_auth(TOKEN).header("host", "10.0.0.1:8080");
        assert_eq!(shown.send().await.unwrap().status(), StatusCode::OK, "{route}");
    }
}

#[tokio::test]
async fn open_metrics_are_read_without_the_token_and_the_figures_are_not() {
    let fixture = Fixture::start().await;
    let command = fixture.command(&["worker"]);
    let variables = [("ANTRE_HTTP_TOKEN", TOKEN), ("ANTRE_HTTP_METRICS", "open")];
    let served = Served::start_on(fixture, Ipv4Addr::UNSPECIFIED, command, &variables).await;
    assert_eq!(served.status("/metrics").await, Some(StatusCode::OK));
    assert_eq!(served.status("/rate-limiter/status").await, Some(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn a_web_page_under_a_name_of_its_own_reads_nothing() {
    let served = Served::start(Fixture::start().await, &[]).await;
    let stranger = served.get("/rate-limiter/status").header("host", "evil.example");
    let answer = stranger.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    let text = answer.text().await.unwrap();
    assert!(text.contains("http_hosts"), "{text}");
}

#[tokio::test]
async fn a_short_token_ends_with_64() {
    let fixture = Fixture::start().await;
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_HTTP_TOKEN", "0123456789abcde");
    let ended = run(command).await.expect(64);
    assert!(ended.stderr.contains("at least 16 visible"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("0123456789"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let fixture = Fixture::start().await;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_HTTP_LISTEN", &address);
    let ended = run(command).await.expect(1);
    assert!(ended.stderr.contains(&format!("cannot listen on {address}: ")), "{}", ended.stderr);
    for word in ["in use", "http_listen", "ANTRE_HTTP_LISTEN"] {
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
}
