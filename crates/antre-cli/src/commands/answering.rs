//! A process that answers and sends nothing: `antre serve`, `antre gateway`.

use antre_gateway::Gateway;
use antre_store::Redis;
use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::http::{self, GatewayServer, Routes, Served, Server};
use super::reload;
use super::systemd::{self, Watchdog};
use super::worker::remark;
use crate::config::Config;
use crate::context::Context;
use crate::exit_status::ExitStatus;
use crate::logging;
use crate::signals::{Order, WorkerSignals};

/// What such a process is.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Reads the configuration as it is now.
    pub(super) configured: fn(&Context) -> anyhow::Result<Config>,
    /// Whether it serves the gateway beside the HTTP routes.
    pub(super) has_gateway: bool,
    /// What the log says at an order to stop.
    pub(super) stopping: &'static str,
}

/// Answers until it is told to stop.
pub(super) async fn run(kind: Kind, context: &Context) -> anyhow::Result<ExitStatus> {
    let config = (kind.configured)(context)?;
    let mut signals = WorkerSignals::listen()?;
    logging::start(&config);
    remark(&config);
    Service::start(kind, config).await?.run(&mut signals, context).await
}

/// The running process.
struct Service {
    kind: Kind,
    redis: Redis,
    config: Config,
    routes: Routes,
    gateway: Option<Gateway>,
    serving: JoinSet<()>,
    stopping: CancellationToken,
}

impl Service {
    /// Takes the sockets and begins to answer.
    async fn start(kind: Kind, config: Config) -> anyhow::Result<Self> {
        let redis = config.redis.open()?;
        let stopping = CancellationToken::new();
        let mut serving = JoinSet::new();
        let server = Server::bind(served(&config), &redis).await?;
        let routes = server.routes();
        let gateway_server =
            if kind.has_gateway { GatewayServer::bind(&config, &redis).await? } else { None };
        let gateway = gateway_server.as_ref().map(GatewayServer::gateway);
        if let Some(gateway_server) = gateway_server {
            serving.spawn(gateway_server.serve(stopping.clone().cancelled_owned()));
        }
        serving.spawn(server.serve(stopping.clone().cancelled_owned()));
        systemd::tell_ready();
        Ok(Self { kind, redis, config, routes, gateway, serving, stopping })
    }

    async fn run(
        mut self,
        signals: &mut WorkerSignals,
        context: &Context,
    ) -> anyhow::Result<ExitStatus> {
        let mut watchdog = Watchdog::of_unit();
        loop {
            tokio::select! {
                // One that ends takes the others with it.
                ended = self.serving.join_next() => match ended {
                    Some(ended) => {
                        ended.context("a server failed")?;
                        self.stopping.cancel();
                    }
                    None => return Ok(ExitStatus::Done),
                },
                order = signals.next() => match order {
                    Order::Reload => self.reload(context),
                    Order::Stop => {
                        tracing::info!("stopping: {}", self.kind.stopping);
                        systemd::tell_stopping();
                        self.stopping.cancel();
                    }
                    Order::StopNow => return Ok(ExitStatus::Failed),
                },
                () = watchdog.signal(&self.redis) => {}
            }
        }
    }

    /// Answers for the configuration as it is now; with a fault in it, the old one stays.
    fn reload(&mut self, context: &Context) {
        systemd::tell_reloading();
        match (self.kind.configured)(context) {
            Ok(mut config) => {
                reload::keep_what_needs_a_restart(&mut config, &self.config);
                remark(&config);
                self.routes.replace(served(&config), &self.redis);
                if let Some(gateway) = &self.gateway {
                    http::replace_gateway(gateway, &config);
                }
                self.config = config;
                tracing::info!("SIGHUP: the new configuration is in force");
            }
            Err(error) => reload::refuse(&format!("{error:#}")),
        }
        systemd::tell_ready();
    }
}

fn served(config: &Config) -> Served<'_> {
    Served { config, worker: None }
}
