//! `antre gateway`

use antre_gateway::Gateway;
use antre_store::Redis;
use anyhow::Context as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::http::{self, GatewayServer, Routes, Served, Server};
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
  antre gateway -c gateway.toml
  curl -u KEY: http://127.0.0.1:8090/v2/invoices \\
    -d '{\"external_id\":\"INV-1\",\"amount\":350000}'

An application that calls Xendit moves by changing one URL: it calls this
instead. Its bills go into the queue, and it gets Xendit's own answer. Whatever
it repeats, a bill has one payable invoice. The invoices are made by workers,
which may run anywhere. antre worker serves the gateway as well, when
gateway_listen is set.

No Xendit key is needed, and none is looked for. Who may call stands in the
file:

  gateway_listen = \"127.0.0.1:8090\"
  http_listen = \"off\"
  [accounts.default.callers.shop]
  key_file = \"/run/secrets/antre-shop\"

Signals:
  SIGTERM, SIGINT  all who wait are answered at once (503, to be repeated), then
                   it ends. Their bills go on
  SIGHUP           reads the configuration and the files of keys again
";

/// Answer Xendit's own invoice calls from the queue. Sends nothing itself
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
    let mut config = context.config(Purpose::Gateway)?;
    choose_account(&mut config, context)?;
    if config.gateway.listen.is_none() {
        let message = "antre gateway does nothing but answer, and gateway_listen is off: write an address such as \
                       127.0.0.1:8090 (gateway_listen, ANTRE_GATEWAY_LISTEN)";
        return Err(Unusable(message.to_owned()).into());
    }
    Ok(config)
}

/// The running process.
struct Service {
    redis: Redis,
    config: Config,
    gateway: Gateway,
    serving: JoinHandle<()>,
    routes: Routes,
    http: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Service {
    /// Takes the sockets and begins to answer.
    async fn start(config: Config) -> anyhow::Result<Self> {
        let redis = config.redis.open()?;
        let stopping = CancellationToken::new();
        let server = Server::bind(served(&config), &redis).await?;
        let gateway_server = GatewayServer::bind(&config, &redis).await?;
        let gateway_server = gateway_server.context("gateway_listen is off")?;
        let (gateway, routes) = (gateway_server.gateway(), server.routes());
        let serving = tokio::spawn(gateway_server.serve(stopping.clone().cancelled_owned()));
        let http = tokio::spawn(server.serve(stopping.clone().cancelled_owned()));
        systemd::tell_ready();
        Ok(Self { redis, config, gateway, serving, routes, http, stopping })
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
                ended = &mut self.serving => {
                    ended.context("the gateway failed")?;
                    self.stopping.cancel();
                    (&mut self.http).await.context("the HTTP server failed")?;
                    return Ok(ExitStatus::Done);
                }
                order = signals.next() => match order {
                    Order::Reload => self.reload(context),
                    Order::Stop => {
                        tracing::info!("stopping: all who wait are answered");
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
                http::replace_gateway(&self.gateway, &config);
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
