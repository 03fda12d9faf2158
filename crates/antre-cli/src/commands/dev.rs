//! `antre dev`

use std::fmt::Write as _;
use std::time::Duration;

use antre_protocol::Limits;
use antre_store::Redis;
use tokio::time::sleep;

use super::playground::{KEY, Playground, WorkerSettings, free_port};
use crate::command_line::Scene;
use crate::ending::{EXIT_CODES, Ending};
use crate::output::{complain, say};
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
    latency: xendit_sim::Latency,
    /// The port of Redis; a free one unless said otherwise
    #[arg(long, value_name = "PORT")]
    redis_port: Option<u16>,
    /// The port of the simulated Xendit; a free one unless said otherwise
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    xendit_port: u16,
    /// The port of the first worker's HTTP; a free one unless said otherwise
    #[arg(long, value_name = "PORT")]
    http_port: Option<u16>,
}

const LOOK: Duration = Duration::from_millis(500);

pub(crate) async fn run(arguments: Arguments, scene: Scene) -> anyhow::Result<Ending> {
    let mut signals = StopSignals::listen()?;
    let mut playground = Playground::new(scene.environment())?;
    let played = tokio::select! {
        played = play(&arguments, &mut playground) => played,
        () = signals.next() => Ok(()),
    };
    let ended = playground.end().await;
    played?;
    ended?;
    complain("everything has been stopped")?;
    Ok(Ending::Done)
}

/// Runs until something fails.
async fn play(arguments: &Arguments, playground: &mut Playground) -> anyhow::Result<()> {
    let port = arguments.redis_port.map_or_else(free_port, Ok)?;
    let redis_url = playground.start_redis(Some(port)).await?;
    let listen = format!("127.0.0.1:{}", arguments.xendit_port);
    let (limit, latency) = (arguments.limit.to_string(), arguments.latency.to_string());
    let simulator = ["--listen", &listen, "--limit", &limit, "--latency", &latency];
    let xendit_url = playground.start_xendit(&simulator.map(str::to_owned)).await?;
    let http_port = arguments.http_port.map_or_else(free_port, Ok)?;
    let mut settings = WorkerSettings {
        redis_url: redis_url.clone(),
        xendit_url: xendit_url.clone(),
        limits: limit,
        http_listen: format!("127.0.0.1:{http_port}"),
    };
    for _ in 0..arguments.workers {
        playground.start_worker(&settings)?;
        // One process can have the port.
        "off".clone_into(&mut settings.http_listen);
    }
    playground.await_workers(&Redis::open(&redis_url)?).await?;
    say(&instructions(&redis_url, port, &xendit_url, http_port))?;
    loop {
        playground.check()?;
        sleep(LOOK).await;
    }
}

fn instructions(redis_url: &str, port: u16, xendit_url: &str, http_port: u16) -> String {
    let mut text = String::new();
    let mut line = |text_line: &str| writeln!(text, "{text_line}").ok();
    line("Antre is ready for your application (Ctrl-C stops everything):");
    line("");
    line(&format!("  Redis             {redis_url}"));
    line(&format!("  HTTP              http://127.0.0.1:{http_port}/rate-limiter/status"));
    line(&format!("  simulated Xendit  {xendit_url}/_sim/summary  (key {KEY})"));
    line("");
    line("Enqueue a bill and wait for its link, with redis-cli:");
    line("");
    line(&format!(
        "  ID=$(redis-cli -p {port} XADD 'antre:{{default}}:inbox' NOMKSTREAM '*' job \\"
    ));
    line("    '{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":350000}}')");
    line(&format!(
        "  redis-cli -p {port} BLMOVE \"antre:{{default}}:result:$ID\" \"antre:{{default}}:result:$ID\" LEFT LEFT 45"
    ));
    line("");
    line("or with Python (pip install redis):");
    line("");
    line("  import json, redis");
    line(&format!("  r = redis.Redis(port={port}, decode_responses=True)"));
    line(
        "  bill = {\"invoice\": {\"external_id\": \"INV-2\", \"amount\": 350000}, \"priority\": \"high\"}",
    );
    line("  job = r.xadd(\"antre:{default}:inbox\", {\"job\": json.dumps(bill)}, nomkstream=True)");
    line("  result = f\"antre:{{default}}:result:{job}\"");
    line("  print(json.loads(r.blmove(result, result, 45, \"LEFT\", \"LEFT\"))[\"invoice_url\"])");
    line("");
    line("Look at it from another terminal:");
    line("");
    line(&format!("  antre status --watch --redis-url {redis_url}"));
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
