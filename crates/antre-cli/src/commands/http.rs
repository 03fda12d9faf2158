//! The socket under the routes of `antre-admin`, and the metrics of this process.

mod connections;
mod descriptors;
mod gateway;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use antre_admin::{AdminState, router};
use antre_store::Redis;
use antre_worker::Readiness;
use anyhow::anyhow;
use axum::Router;
use connections::Bounds;
pub(super) use gateway::{GatewayServer, replace as replace_gateway};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::{Config, MetricsAccess, Setting, options};

/// Upper bounds of what is measured in seconds: requests take milliseconds to many seconds.
const BUCKETS_S: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// How often samples are put into their buckets; they take memory until then.
const UPKEEP: Duration = Duration::from_secs(5);

/// Probes and people ask shortly. A browser's cookies for localhost may be some kilobytes.
const BOUNDS: Bounds = Bounds {
    server: "http",
    connections_max: 256,
    head_max: Duration::from_secs(5),
    idle_max: Duration::from_secs(5),
    life_max: Some(Duration::from_mins(1)),
    head_bytes_max: 64 * 1024,
};

/// A bound socket, or none where HTTP is off.
pub(super) struct Server {
    listener: Option<TcpListener>,
    routes: Routes,
    metrics: PrometheusHandle,
}

/// The routes that are answered; a reload replaces them.
#[derive(Clone)]
pub(super) struct Routes {
    router: watch::Sender<Router>,
    metrics: PrometheusHandle,
}

/// What is served: a configuration, and the worker that serves its accounts if this process has one.
#[derive(Clone, Copy)]
pub(super) struct Served<'a> {
    pub(super) config: &'a Config,
    pub(super) worker: Option<ServedWorker<'a>>,
}

/// The worker of this process.
#[derive(Clone, Copy)]
pub(super) struct ServedWorker<'a> {
    pub(super) name: &'a str,
    pub(super) readiness: &'a Readiness,
}

impl Routes {
    /// Answers from now on for this configuration.
    pub(super) fn replace(&self, served: Served<'_>, redis: &Redis) {
        drop(self.router.send_replace(router_of(served, redis, &self.metrics)));
    }
}

impl Server {
    /// Takes the socket; nobody is answered yet.
    pub(super) async fn bind(served: Served<'_>, redis: &Redis) -> anyhow::Result<Self> {
        let listener = match served.config.http.listen {
            Some(address) => Some(bind(address, &options::HTTP_LISTEN).await?),
            None => None,
        };
        let metrics = PrometheusBuilder::new().set_buckets(&BUCKETS_S)?.install_recorder()?;
        if served.worker.is_some() {
            antre_worker::describe_metrics();
        }
        let (router, _) = watch::channel(router_of(served, redis, &metrics));
        let routes = Routes { router, metrics: metrics.clone() };
        Ok(Self { listener, routes, metrics })
    }

    /// Returns the routes, which can be replaced while they are served.
    pub(super) fn routes(&self) -> Routes {
        self.routes.clone()
    }

    /// Answers until `stop`; what is being answered then has 2 s to be finished.
    pub(super) async fn serve(self, stop: impl Future<Output = ()> + Send) {
        let upkeep = async {
            loop {
                sleep(UPKEEP).await;
                self.metrics.run_upkeep();
            }
        };
        let serving = async {
            let Some(listener) = self.listener else { return stop.await };
            if let Ok(address) = listener.local_addr() {
                tracing::info!(%address, "serving http");
            }
            connections::serve(listener, BOUNDS, self.routes.router.subscribe(), stop).await;
        };
        tokio::select! {
            () = serving => {}
            () = upkeep => {}
        }
    }
}

/// Returns the socket at `address`.
///
/// # Errors
/// Why it cannot be had, and the option that names another.
async fn bind(address: SocketAddr, option: &Setting) -> anyhow::Result<TcpListener> {
    let Setting { name, variable, .. } = option;
    TcpListener::bind(address).await.map_err(|error| {
        anyhow!(
            "cannot listen on {address}: {error}; choose another address with {name} ({variable}), or write off"
        )
    })
}

fn router_of(served: Served<'_>, redis: &Redis, metrics: &PrometheusHandle) -> Router {
    let config = served.config;
    let accounts = config.accounts.iter().map(|account| account.name.clone()).collect();
    let render = metrics.clone();
    let state = AdminState::new(redis.clone(), accounts)
        .with_known_hosts(known_hosts(config))
        .with_metrics(Arc::new(move || render.render()));
    let mut state = match served.worker {
        Some(worker) => {
            let readiness = worker.readiness.clone();
            state.with_worker(worker.name).with_readiness(Arc::new(move || readiness.obstacle()))
        }
        None => state.with_reading_only(),
    };
    if let Some(token) = &config.http.token {
        state = state.with_token(token.clone());
    }
    if config.http.is_reachable_from_elsewhere() {
        state = state.with_guarded_reading();
    }
    if config.http.metrics == MetricsAccess::Open {
        state = state.with_open_metrics();
    }
    router(state)
}

/// Returns the configured names, and the address that is listened on unless it stands for all.
fn known_hosts(config: &Config) -> Vec<String> {
    let address = config.http.listen.filter(|address| !address.ip().is_unspecified());
    let own = address.map(|address| address.to_string());
    config.http.hosts.iter().cloned().chain(own).collect()
}
