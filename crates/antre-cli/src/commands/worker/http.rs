//! The socket under the routes of `antre-admin`, and the metrics of this process.

mod connections;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use antre_admin::{AdminState, router};
use antre_store::Redis;
use antre_worker::Readiness;
use anyhow::Context as _;
use axum::Router;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::config::{Config, MetricsAccess};

/// Upper bounds of what is measured in seconds: requests take milliseconds to many seconds.
const BUCKETS_S: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// How often samples are put into their buckets; they take memory until then.
const UPKEEP: Duration = Duration::from_secs(5);

/// A bound socket, or none where HTTP is off.
pub(super) struct Server {
    listener: Option<TcpListener>,
    router: Router,
    metrics: PrometheusHandle,
}

impl Server {
    /// Takes the socket; nobody is answered yet.
    pub(super) async fn bind(
        config: &Config,
        redis: Redis,
        readiness: Readiness,
    ) -> anyhow::Result<Self> {
        let listener = match config.http.listen {
            Some(address) => {
                let listener = TcpListener::bind(address).await;
                Some(listener.with_context(|| format!("cannot listen on {address}"))?)
            }
            None => None,
        };
        let metrics = PrometheusBuilder::new().set_buckets(&BUCKETS_S)?.install_recorder()?;
        let accounts = config.accounts.iter().map(|account| account.name.clone()).collect();
        let render = metrics.clone();
        let mut state = AdminState::new(redis, accounts)
            .with_known_hosts(known_hosts(config))
            .with_readiness(Arc::new(move || readiness.obstacle()))
            .with_metrics(Arc::new(move || render.render()));
        if let Some(token) = &config.http.token {
            state = state.with_token(token.clone());
        }
        if config.http.is_reachable_from_elsewhere() {
            state = state.with_guarded_reading();
        }
        if config.http.metrics == MetricsAccess::Open {
            state = state.with_open_metrics();
        }
        Ok(Self { listener, router: router(state), metrics })
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
            connections::serve(listener, self.router, stop).await;
        };
        tokio::select! {
            () = serving => {}
            () = upkeep => {}
        }
    }
}

/// Returns the configured names, and the address that is listened on unless it stands for all.
fn known_hosts(config: &Config) -> Vec<String> {
    let address = config.http.listen.filter(|address| !address.ip().is_unspecified());
    let own = address.map(|address| address.to_string());
    config.http.hosts.iter().cloned().chain(own).collect()
}
