//! A gateway beside everything else, and callers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    time::Duration,
};

use antre_testkit::{ChildProcess, RedisServer, built_binary, eventually, free_port};
use antre_tests::harness::{Harness, PATIENCE, steady_settings};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any caller is held, so that a test ends.
const ANSWERED_WITHIN: Duration = Duration::from_mins(2);

/// The key of the only caller.
pub(crate) const KEY: &str = "antre-gateway-tests-0123456789abcdef";

/// A harness, and gateways over its Redis.
pub(crate) struct Lab {
    pub(crate) harness: Harness,
    pub(crate) client: Client,
}

/// A gateway as a process; killed when dropped.
pub(crate) struct GatewayProcess {
    pub(crate) process: ChildProcess,
    pub(crate) port: u16,
    _directory: TempDir,
}

/// What a caller got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) replayed: bool,
    pub(crate) retry_after: Option<String>,
    pub(crate) job: Option<String>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error_code"].as_str().unwrap_or_default().to_owned()
    }

    /// Returns the invoice's id, if it is one.
    #[track_caller]
    pub(crate) fn invoice(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["id"].as_str().unwrap().to_owned()
    }
}

/// Returns a bill's body.
pub(crate) fn bill(external_id: &str) -> Value {
    json!({ "external_id": external_id, "amount": 350_000, "description": "Internet" })
}

impl GatewayProcess {
    /// Starts a gateway on this Redis with more lines of configuration.
    pub(crate) async fn start(redis: &RedisServer, further: &str) -> Self {
        Self::start_at(&redis.url(), free_port().unwrap(), further).await
    }

    /// The same on a Redis URL and a port.
    pub(crate) async fn start_at(redis_url: &str, port: u16, further: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let file = format!(
            "http_listen = \"off\"\ngateway_listen = \"127.0.0.1:{port}\"\n{further}\n\
             [accounts.default]\n[accounts.default.callers.shop]\nkey_env = \"SHOP_KEY\"\n"
        );
        std::fs::write(directory.path().join("antre.toml"), file).unwrap();
        // As many systems begin their services: with room for a thousand files unless a process asks for more.
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -Sn 1024 && exec \"$0\" gateway"])
            .arg(built_binary("antre").unwrap())
            .current_dir(directory.path())
            .env_remove("XENDIT_SECRET_KEY")
            .env("ANTRE_REDIS_URL", redis_url)
            .env("SHOP_KEY", KEY);
        let mut process = ChildProcess::start(command).unwrap();
        process.wait_for_line("serving the gateway", PATIENCE).await.unwrap();
        Self { process, port, _directory: directory }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::over(Harness::start(&steady_settings()).await)
    }

    /// Returns the same over this harness.
    pub(crate) fn over(harness: Harness) -> Self {
        // Each request has a connection of its own unless a test wants another one.
        let client = Client::builder().pool_max_idle_per_host(0).no_proxy();
        let client = client.timeout(ANSWERED_WITHIN).build().unwrap();
        Self { harness, client }
    }

    pub(crate) async fn gateway(&self) -> GatewayProcess {
        GatewayProcess::start(&self.harness.redis, "").await
    }

    /// Returns a create with this body, to be sent.
    pub(crate) fn create(&self, gateway: &GatewayProcess, body: &str) -> RequestBuilder {
        let request = self.client.post(gateway.url("/v2/invoices")).basic_auth(KEY, Some(""));
        request.header("content-type", "application/json").body(body.to_owned())
    }

    /// Sends a create and returns what came.
    pub(crate) async fn post(&self, gateway: &GatewayProcess, bill: &Value) -> Got {
        got(self.create(gateway, &bill.to_string()).send().await.unwrap()).await
    }

    /// Returns how many jobs were ever accepted, and how many of them as duplicates.
    pub(crate) async fn accepted(&self) -> (u64, u64) {
        let totals = self.harness.queue.status().await.unwrap().totals;
        (totals.accepted, totals.duplicates)
    }

    /// Waits until this many jobs are accepted.
    pub(crate) async fn until_accepted(&self, count: u64) {
        let what = format!("{count} jobs are accepted");
        self.harness.until(&what, async |_| self.accepted().await.0 >= count).await;
    }

    /// Makes a job's end older than it is.
    pub(crate) async fn age(&self, job: &str, by: Duration) {
        let mut connection = self.harness.redis.connect().await.unwrap();
        let name = self.harness.queue.keys().meta(job);
        let ended: u64 = self.harness.field(job, "ended_at").await.parse().unwrap();
        let earlier = ended - u64::try_from(by.as_millis()).unwrap();
        let mut set = redis::cmd("HSET");
        set.arg(name).arg("ended_at").arg(earlier).exec_async(&mut connection).await.unwrap();
    }

    /// Returns the job that the bill belongs to.
    pub(crate) async fn job_of(&self, external_id: &str) -> String {
        self.harness.queue.bill(external_id).await.unwrap().unwrap().job.unwrap()
    }

    /// Repeats a create as a program does that does not give up, until it gets an invoice.
    pub(crate) async fn insist(&self, gateway: &GatewayProcess, bill: &Value) -> Got {
        eventually(PATIENCE, "the caller gets its invoice", async || {
            let sent = self.create(gateway, &bill.to_string()).send().await;
            let Ok(response) = sent else { return None };
            let got = got(response).await;
            assert!(matches!(got.status, 200 | 503), "{got:?}");
            (got.status == 200).then_some(got)
        })
        .await
        .unwrap()
    }
}

/// Reads an answer.
pub(crate) async fn got(response: Response) -> Got {
    let header = |name| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let (retry_after, job) = (header("retry-after"), header("x-antre-job"));
    let replayed = header("idempotent-replayed").is_some();
    let job = job.map(|job| job.trim_start_matches("default/").to_owned());
    let status = response.status().as_u16();
    Got { status, text: response.text().await.unwrap(), replayed, retry_after, job }
}
