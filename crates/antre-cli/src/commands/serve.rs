//! `antre serve`

use antre_store::Redis;
use anyhow::Context as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::http::{Routes, Served, Server};
use super::reload;
use super::systemd::{self, Watchdog};
use super::worker::{choose_account, remark};
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Unusable};
use crate::logging;
use crate::signals::{Order, WorkerSignals};

const EXAMPLES: &str = "\
Examples:
  antre serve                          # on http://127.0.0.1:8080
  ANTRE_HTTP_LISTEN=0.0.0.0:8080 ANTRE_HTTP_TOKEN=$(cat token) antre serve
  curl http://127.0.0.1:8080/scaling   # how many workers are of use

The routes are those of a worker: /rate-limiter/status, /rate-limiter/health,
/scaling, /metrics, /metrics/fleet, /healthz, /readyz, and
/rate-limiter/retry-failed. They are answered from Redis, so they are there also
while no worker runs. No Xendit key is needed, and none is looked for. It sends
nothing to Xendit.

Options are those of the worker: redis_url, http_listen, http_token_file,
http_hosts, http_metrics, and the names of the accounts. Beside a worker on the
same machine, give it another http_listen.

It starts without Redis, and answers 503 until Redis is there.

Signals:
  SIGTERM, SIGINT  what is being answered has 2 s to be finished, then it ends
  SIGHUP           reads the configuration and the file of the token again
";

/// Answer over HTTP only: status, health, scaling, metrics. Sends nothing
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {}

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let config = configured(&context)?;
    let mut signals = WorkerSignals::listen()?;
    logging::start(&config);
    remark(&config);
    Service::start(config).await?.run(&mut signals, &context).await
}

/// Returns the configuration as it is now.
fn configured(context: &Context) -> anyhow::Result<Config> {
    let mut config = context.config(Purpose::Http)?;
    choose_account(&mut config, context)?;
    if config.http.listen.is_none() {
        let message = "antre serve does nothing but answer over HTTP, and http_listen is off: write \
                       an address such as 127.0.0.1:8080 (http_listen, ANTRE_HTTP_LISTEN)";
        return Err(Unusable(message.to_owned()).into());
    }
    Ok(config)
}

/// The running process.
struct Service {
    redis: Redis,
    config: Config,
    routes: Routes,
    http: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Service {
    /// Takes the socket and begins to answer.
    async fn start(config: Config) -> anyhow::Result<Self> {
        let redis = config.redis.open()?;
        let stopping = CancellationToken::new();
        let server = Server::bind(served(&config), &redis).await?;
        let routes = server.routes();
        let http = tokio::spawn(server.serve(stopping.clone().cancelled_owned()));
        systemd::tell_ready();
        Ok(Self { redis, config, routes, http, stopping })
    }

    /// Answers until it is told to stop.
    async fn run(
        mut self,
        signals: &mut WorkerSignals,
        context: &Context,
    ) -> anyhow::Result<ExitStatus> {
        let mut watchdog = Watchdog::of_unit();
        loop {
            tokio::select! {
                ended = &mut self.http => {
                    ended.context("the HTTP server failed")?;
                    return Ok(ExitStatus::Done);
                }
                order = signals.next() => match order {
                    Order::Reload => self.reload(context),
                    Order::Stop => {
                        tracing::info!("stopping: what is being answered is finished");
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
        match configured(context) {
            Ok(mut config) => {
                reload::keep_what_needs_a_restart(&mut config, &self.config);
                remark(&config);
                self.routes.replace(served(&config), &self.redis);
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
