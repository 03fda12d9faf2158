//! The HTTP routes that operators and probes read; binds no socket.
//!
//! Everything is read from Redis when it is asked for, so each worker's routes answer for the whole
//! fleet. All routes but probes are guarded ([`AdminState::with_token`],
//! [`AdminState::with_guarded_reading`], [`AdminState::with_known_hosts`]); this crate decides nothing about jobs and keeps no state of its own. Times in JSON are Unix milliseconds of Redis' clock.
//!
//! Errors are `{"code","message","request_id"}` with a `code` from [`ErrorCode`]; every answer carries
//! its id in the header `x-request-id` too.

mod chosen;
mod error;
mod exposition;
mod guard;
mod health;
mod host;
mod metrics;
mod probes;
mod request_id;
mod retry_failed;
mod scaling;
mod state;
mod status;
mod token;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};

pub use error::ErrorCode;
pub use state::{AdminState, RenderMetrics, TellReadiness};
pub use token::{Token, TokenError};

/// The largest request body, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Returns the routes. The server that owns the sockets bounds headers and connections; the routes bound
/// the time and size of a body.
///
/// # Examples
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use antre_admin::{AdminState, router};
/// use antre_store::Redis;
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let state = AdminState::new(redis, vec!["default".parse()?]);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, router(state)).await?;
/// # Ok(())
/// # }
/// ```
pub fn router(state: AdminState) -> Router {
    let changing = from_fn_with_state(state.clone(), guard::check_change);
    let reading = from_fn_with_state(state.clone(), guard::check_reading);
    let (mut metrics, mut fleet) = (get(metrics::show), get(metrics::show_fleet));
    if !state.are_metrics_open {
        metrics = metrics.route_layer(reading.clone());
        fleet = fleet.route_layer(reading.clone());
    }
    Router::new()
        .route("/rate-limiter/status", get(status::show).route_layer(reading.clone()))
        .route("/rate-limiter/retry-failed", post(retry_failed::retry).route_layer(changing))
        .route("/rate-limiter/health", get(health::show).route_layer(reading.clone()))
        .route("/scaling", get(scaling::show).route_layer(reading))
        .route("/healthz", get(probes::is_alive))
        .route("/readyz", get(probes::is_ready))
        .route("/metrics", metrics)
        .route("/metrics/fleet", fleet)
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(request_id::attach))
        .with_state(state)
}
