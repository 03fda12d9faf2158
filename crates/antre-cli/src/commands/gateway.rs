//! `antre gateway`

use super::answering::{self, Kind};
use super::worker::choose_account;
use crate::config::{Config, Purpose};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Unusable};

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

const KIND: Kind = Kind { configured, has_gateway: true, stopping: "all who wait are answered" };

pub(crate) async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    answering::run(KIND, &context).await
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
