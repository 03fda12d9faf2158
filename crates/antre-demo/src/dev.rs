//! `antre dev`: the set-up of a demo for your own application.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use antre_core::Limits;
use antre_redis_server::free_port;
use antre_store::Redis;
use tokio::time::sleep;
use xendit_sim::Latency;

use crate::local_setup::{Host, LocalSetup, WorkerSettings};
use crate::{DemoError, Result};

const LOOK: Duration = Duration::from_millis(500);

/// What is set up. A port that is missing, or 0, is a free one.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many worker processes.
    pub workers: u32,
    /// The limit of the simulated account, and of the workers.
    pub limits: Limits,
    /// How long the simulated Xendit takes to answer.
    pub latency: Latency,
    /// The port of Redis.
    pub redis_port: Option<u16>,
    /// The port of the simulated Xendit.
    pub xendit_port: Option<u16>,
    /// The port of the first worker's HTTP.
    pub http_port: Option<u16>,
    /// The port of the first worker's gateway.
    pub gateway_port: Option<u16>,
}

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Places {
    /// The URL of Redis.
    pub redis_url: String,
    /// The base URL of the simulated Xendit.
    pub xendit_url: String,
    /// The port of the first worker's HTTP.
    pub http_port: u16,
    /// The base URL of the gateway.
    pub gateway_url: String,
}

/// Runs everything until `stop` comes true. `announce` is told where everything is once it is ready.
///
/// All processes are gone when this returns.
///
/// # Errors
/// If a port is taken, a process cannot be started, or one ends; the error of `announce`.
pub async fn run(
    options: &Options,
    host: Host,
    stop: impl Future<Output = ()>,
    announce: impl FnOnce(&Places) -> std::io::Result<()>,
) -> Result<()> {
    let mut setup = LocalSetup::new(host)?;
    let played = tokio::select! {
        played = play(options, &mut setup, announce) => played,
        () = stop => Ok(()),
    };
    let ended = setup.end().await;
    played?;
    ended
}

/// Runs until something fails.
async fn play(
    options: &Options,
    setup: &mut LocalSetup,
    announce: impl FnOnce(&Places) -> std::io::Result<()>,
) -> Result<()> {
    let http_port = port(options.http_port, "--http-port")?;
    let gateway_port = port(options.gateway_port, "--gateway-port")?;
    let xendit_port = match options.xendit_port {
        // The simulator takes a free one itself.
        None => 0,
        asked => port(asked, "--xendit-port")?,
    };
    let redis_port = port(options.redis_port, "--redis-port")?;
    let redis_url = setup.start_redis(Some(redis_port)).await?;
    let listen = format!("127.0.0.1:{xendit_port}");
    let (limits, latency) = (options.limits.to_string(), options.latency.to_string());
    let simulator = ["--listen", &listen, "--limit", &limits, "--latency", &latency];
    let xendit_url = setup.start_xendit(&simulator).await?;
    let mut settings = WorkerSettings {
        redis_url: redis_url.clone(),
        xendit_url: xendit_url.clone(),
        limits,
        http_listen: format!("127.0.0.1:{http_port}"),
        gateway_listen: format!("127.0.0.1:{gateway_port}"),
    };
    for _ in 0..options.workers {
        setup.start_worker(&settings)?;
        // One process can have a port.
        "off".clone_into(&mut settings.http_listen);
        "off".clone_into(&mut settings.gateway_listen);
    }
    setup.await_workers(&Redis::open(&redis_url)?).await?;
    let gateway_url = format!("http://127.0.0.1:{gateway_port}");
    announce(&Places { redis_url, xendit_url, http_port, gateway_url })?;
    loop {
        setup.check()?;
        sleep(LOOK).await;
    }
}

/// Returns the port that was asked for with `option` if nobody has it.
fn port(asked: Option<u16>, option: &'static str) -> Result<u16> {
    let Some(port) = asked.filter(|port| *port != 0) else { return Ok(free_port()?) };
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_socket) => Ok(port),
        Err(source) => Err(DemoError::PortTaken { port, option, source }),
    }
}

#[cfg(test)]
mod tests;
