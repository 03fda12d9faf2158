//! `antre dev`

use std::path::Path;

use antre_core::Limits;
use antre_demo::KEY;
use antre_demo::dev::{self, Options, Places};

use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{eprint, print};
use crate::signals::StopSignals;

const EXAMPLES: &str = "\
Examples:
  antre dev
  antre dev --redis-port 6390 --http-port 8080 --latency tail:80ms:2s

Then, in your application, use the Redis URL that it prints. Nothing leaves this
machine and nothing is kept: the Redis is an empty one each time.
";

/// Run Redis, a simulated Xendit and a worker for your own application, until Ctrl-C
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// How many worker processes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=32))]
    workers: u32,
    /// The limit of the simulated account, and of the workers
    #[arg(long, default_value = "2/1s")]
    limit: Limits,
    /// How long the simulated Xendit takes to answer: 50ms, 20-300ms or tail:80ms:2s
    #[arg(long, default_value = "20-300ms")]
    latency: antre_demo::Latency,
    /// The port of Redis. Without it: a free one
    #[arg(long, value_name = "PORT")]
    redis_port: Option<u16>,
    /// The port of the simulated Xendit. Without it: a free one
    #[arg(long, value_name = "PORT")]
    xendit_port: Option<u16>,
    /// The port of the first worker's HTTP. Without it: a free one
    #[arg(long, value_name = "PORT")]
    http_port: Option<u16>,
    /// The port of the first worker's gateway. Without it: a free one
    #[arg(long, value_name = "PORT")]
    gateway_port: Option<u16>,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let mut signals = StopSignals::listen()?;
    let host = super::host(&context)?;
    let program = pasteable(&host.program);
    let options = Options {
        workers: arguments.workers,
        limits: arguments.limit,
        latency: arguments.latency,
        redis_port: arguments.redis_port,
        xendit_port: arguments.xendit_port,
        http_port: arguments.http_port,
        gateway_port: arguments.gateway_port,
    };
    let announce = |places: &Places| print(&instructions(places, &program));
    dev::run(&options, host, signals.next(), announce).await?;
    eprint("everything has been stopped")?;
    Ok(ExitStatus::Done)
}

/// Returns a path as a word for a shell.
fn pasteable(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if is_plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// `program` is this program, as a shell finds it from any directory.
fn instructions(places: &Places, program: &str) -> String {
    let Places { redis_url, xendit_url, http_port, gateway_url } = places;
    format!(
        r#"Antre is ready for your application (Ctrl-C stops everything):

  Redis             {redis_url}
  gateway           {gateway_url}  (in place of https://api.xendit.co)
  HTTP              http://127.0.0.1:{http_port}/rate-limiter/status
  simulated Xendit  {xendit_url}/_sim/summary  (key {KEY})

Paste this into another terminal, and give it to your application:

  export REDIS_URL={redis_url}

An application that calls Xendit already needs nothing but another URL and key:

  curl -u {KEY}: {gateway_url}/v2/invoices -H 'content-type: application/json' \
    -d '{{"external_id":"INV-0","amount":350000}}'

Enqueue a bill and wait for its result, with redis-cli:

  id=$(redis-cli -u "$REDIS_URL" XADD 'antre:{{default}}:inbox' NOMKSTREAM '*' job \
    '{{"invoice":{{"external_id":"INV-1","amount":350000}}}}')
  redis-cli -u "$REDIS_URL" BLMOVE "antre:{{default}}:result:$id" "antre:{{default}}:result:$id" LEFT LEFT 45

The result has the link, invoice_url. It opens nothing: no invoice exists outside
this machine, so its host ends in .invalid. This is how the customer pays it (put
the result's invoice_id in place of INVOICE_ID):

  curl -X POST {xendit_url}/_sim/invoices/INVOICE_ID/pay

The same with Python (pip install redis):

  import json, os, redis
  r = redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=None)
  bill = {{"invoice": {{"external_id": "INV-2", "amount": 350000}}, "priority": "high"}}
  id = r.xadd("antre:{{default}}:inbox", {{"job": json.dumps(bill)}}, nomkstream=True)
  key = f"antre:{{{{default}}}}:result:{{id}}"
  print(json.loads(r.blmove(key, key, 45, src="LEFT", dest="LEFT"))["invoice_url"])

A bill that fails: Xendit refuses its currency, and the job is dead.

  redis-cli -u "$REDIS_URL" XADD 'antre:{{default}}:inbox' NOMKSTREAM '*' job \
    '{{"invoice":{{"external_id":"INV-3","amount":350000,"currency":"XXX"}}}}'
  {program} dead list --redis-url "$REDIS_URL"

Look at it from another terminal:

  {program} status --watch --redis-url "$REDIS_URL"

docs/languages has whole programs for PHP, Node, Python, Go and Ruby, and PROTOCOL.md everything else."#
    )
}

#[cfg(test)]
mod tests;
