//! Antre beside the portal: a Redis and two workers. One of them serves the gateway, if the portal calls it.

use std::{path::Path, process::Command, time::Duration};

use antre_testkit::{ChildProcess, RedisServer, eventually, free_port};
use anyhow::Result;

use super::{Variant, portal::Setup};

/// The account's key at Xendit; also the portal's at the gateway.
pub(super) const KEY: &str = "xnd_development_portal_0123456789abcdef";
const STARTING: Duration = Duration::from_secs(30);

/// The processes; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Queue {
    // Declared first: they end before their Redis.
    workers: Vec<ChildProcess>,
    redis: RedisServer,
    gateway_port: Option<u16>,
}

impl Queue {
    /// Starts Redis and the workers for a variant that needs them.
    pub(super) async fn start(variant: Variant, setup: &Setup, xendit_url: &str) -> Result<Self> {
        let gateway_port = if variant == Variant::Gateway { Some(free_port()?) } else { None };
        let redis = RedisServer::start().await?;
        let mut queue = Self { workers: Vec::new(), redis, gateway_port };
        queue.start_workers(setup, xendit_url).await?;
        Ok(queue)
    }

    /// Returns the URL of Redis, as clients in every language read it.
    pub(super) fn redis_url(&self) -> String {
        format!("unix://{}", self.redis.socket_path().display())
    }

    /// Returns where the portal sends its creates, if that is the gateway.
    pub(super) fn gateway_url(&self) -> Option<String> {
        self.gateway_port.map(|port| format!("http://127.0.0.1:{port}"))
    }

    /// Starts two workers, and returns when the account is served.
    pub(super) async fn start_workers(&mut self, setup: &Setup, xendit_url: &str) -> Result<()> {
        for listen in [self.gateway_port, None] {
            let mut worker = Command::new(&setup.antre);
            worker
                .arg("worker")
                // No antre.toml is there.
                .current_dir(self.redis.socket_path().parent().unwrap_or(Path::new("/")))
                .env("ANTRE_REDIS_URL", self.redis.url())
                .env("XENDIT_SECRET_KEY", KEY)
                .env("XENDIT_BASE_URL", xendit_url)
                .env("ANTRE_LIMITS", setup.limits)
                .env("ANTRE_HTTP_LISTEN", "off")
                .envs(setup.worker_options.iter().copied());
            if let Some(port) = listen {
                worker.env("ANTRE_GATEWAY_LISTEN", format!("127.0.0.1:{port}"));
            }
            self.workers.push(ChildProcess::start(worker)?);
        }
        if let (Some(_), Some(first)) = (self.gateway_port, self.workers.first_mut()) {
            first.wait_for_line("serving the gateway", STARTING).await?;
        }
        let mut connection = self.redis.connect().await?;
        let mut exists = redis::cmd("EXISTS");
        exists.arg("antre:{default}:inbox");
        eventually(STARTING, "a worker serves the account", async || {
            exists.query_async::<bool>(&mut connection).await
        })
        .await?;
        Ok(())
    }

    /// Kills the workers (SIGKILL), and the gateway with them.
    pub(super) fn kill_workers(&mut self) -> Result<()> {
        for mut worker in self.workers.drain(..) {
            worker.kill()?;
        }
        Ok(())
    }

    /// Returns what the workers wrote.
    pub(super) fn output(&self) -> String {
        self.workers.iter().map(ChildProcess::output).collect()
    }
}
