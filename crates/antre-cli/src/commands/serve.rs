//! `antre serve`

use super::answering::{self, Kind};
use super::worker::choose_account;
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Unusable};

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

const KIND: Kind =
    Kind { configured, has_gateway: false, stopping: "what is being answered is finished" };

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    answering::run(KIND, &context).await
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
