//! The process: HTTP, the generation that serves, and at a reload the one that is to follow it.
//!
//! The new generation starts beside the old one. Once all its accounts are served, the old one is retired: its
//! running requests finish. If that does not happen, the new one is retired instead and nothing has changed.

use std::future::Future;

use antre_gateway::Gateway;
use antre_store::Redis;
use anyhow::Context as _;
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::generation::Generation;
use super::remark;
use crate::commands::systemd::{self, Watchdog};
use crate::commands::{http, reload};
use crate::config::Config;
use crate::exit_status::ExitStatus;
use crate::signals::{Order, WorkerSignals};

/// The name of a generation's worker, and how it ended.
type Ended = (String, anyhow::Result<()>);

/// A running worker process.
pub(super) struct Service {
    redis: Redis,
    stopping: CancellationToken,
    /// The generation that serves, the one that is to follow, and those that finish.
    working: JoinSet<Ended>,
    current: Generation,
    candidate: Option<Generation>,
    routes: http::Routes,
    http: JoinHandle<()>,
    /// The gateway, if it is served, and the task that answers.
    gateway: Option<(Gateway, JoinHandle<()>)>,
    failure: Option<anyhow::Error>,
    watchdog: Watchdog,
}

impl Service {
    /// Takes the socket and starts to serve.
    pub(super) async fn start(config: Config) -> anyhow::Result<Self> {
        let redis = config.redis.open()?;
        let stopping = CancellationToken::new();
        let (current, work) = Generation::new(config, &redis, &stopping)?;
        let server = http::Server::bind(current.served(), &redis).await?;
        let gateway = http::GatewayServer::bind(&current.config, &redis).await?;
        current.announce();
        let mut working = JoinSet::new();
        spawn(&mut working, &current, work);
        let routes = server.routes();
        let http = tokio::spawn(server.serve(stopping.clone().cancelled_owned()));
        let gateway = gateway.map(|server| {
            let serving = server.gateway();
            (serving, tokio::spawn(server.serve(stopping.clone().cancelled_owned())))
        });
        systemd::tell_ready();
        Ok(Self {
            redis,
            stopping,
            working,
            current,
            candidate: None,
            routes,
            http,
            gateway,
            failure: None,
            watchdog: Watchdog::of_unit(),
        })
    }

    /// Serves until it is told to stop or fails; `read` returns the configuration as it is at a reload.
    pub(super) async fn run(
        &mut self,
        signals: &mut WorkerSignals,
        read: impl Fn() -> anyhow::Result<Config>,
    ) -> anyhow::Result<ExitStatus> {
        loop {
            tokio::select! {
                ended = self.working.join_next() => match ended {
                    Some(ended) => self.note_end(ended)?,
                    None => return self.end().await,
                },
                ready = ready(self.candidate.as_ref()) => self.decide(ready),
                order = signals.next() => match order {
                    Order::Reload if self.stopping.is_cancelled() => {}
                    Order::Reload => self.reload(&read),
                    Order::Stop => {
                        systemd::tell_stopping();
                        self.stopping.cancel();
                    }
                    Order::StopNow => {
                        tracing::warn!("told to stop twice: what runs is left to the other workers");
                        return Ok(ExitStatus::Failed);
                    }
                },
                () = self.watchdog.signal(&self.redis) => {}
            }
        }
    }

    /// Starts a generation with the configuration as it is now, beside the one that serves.
    fn reload(&mut self, read: impl Fn() -> anyhow::Result<Config>) {
        systemd::tell_reloading();
        let started = read().and_then(|mut config| {
            reload::keep_what_needs_a_restart(&mut config, &self.current.config);
            remark(&config);
            Generation::new(config, &self.redis, &self.stopping)
        });
        match started {
            Ok((candidate, work)) => {
                tracing::info!("SIGHUP: the new configuration is tried beside the old one");
                spawn(&mut self.working, &candidate, work);
                if let Some(earlier) = self.candidate.replace(candidate) {
                    earlier.retired.cancel();
                }
            }
            Err(error) => refuse(&format!("{error:#}")),
        }
    }

    /// Lets the candidate follow if all its accounts are served.
    fn decide(&mut self, ready: Result<(), String>) {
        let Some(candidate) = self.candidate.take() else { return };
        if let Err(obstacle) = ready {
            candidate.retired.cancel();
            return refuse(&obstacle);
        }
        reload::tell(&candidate.config, &self.current.config);
        candidate.announce();
        self.routes.replace(candidate.served(), &self.redis);
        if let Some((gateway, _)) = &self.gateway {
            http::replace_gateway(gateway, &candidate.config);
        }
        let old = std::mem::replace(&mut self.current, candidate);
        old.retired.cancel();
        systemd::tell_ready();
    }

    /// Notes how a generation ended. That of the one that serves ends the process.
    fn note_end(&mut self, ended: Result<Ended, JoinError>) -> anyhow::Result<()> {
        let (name, result) = ended.context("the worker failed")?;
        if name == self.current.name {
            self.stopping.cancel();
            self.failure = result.err();
        } else if let Err(error) = result {
            if self.candidate.take_if(|candidate| candidate.name == name).is_some() {
                refuse(&format!("{error:#}"));
            } else {
                tracing::warn!("a worker with a former configuration failed: {error:#}");
            }
        }
        Ok(())
    }

    /// HTTP was told to stop together with the work, and ends by itself soon after.
    async fn end(&mut self) -> anyhow::Result<ExitStatus> {
        self.stopping.cancel();
        (&mut self.http).await.context("the HTTP server failed")?;
        if let Some((_, serving)) = &mut self.gateway {
            serving.await.context("the gateway failed")?;
        }
        self.failure.take().map_or(Ok(ExitStatus::Done), Err)
    }
}

fn spawn(
    working: &mut JoinSet<Ended>,
    generation: &Generation,
    work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
) {
    let name = generation.name.clone();
    working.spawn(async move { (name, work.await) });
}

/// Waits until the candidate serves, or cannot; for ever without one.
async fn ready(candidate: Option<&Generation>) -> Result<(), String> {
    match candidate {
        Some(candidate) => candidate.ready().await,
        None => std::future::pending().await,
    }
}

fn refuse(why: &str) {
    reload::refuse(why);
    systemd::tell_ready();
}
