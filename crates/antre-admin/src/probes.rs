//! `/healthz` and `/readyz`, for whoever starts and stops processes.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{AdminState, ErrorCode, error::ApiError};

/// The process lives. Asks nobody: a Redis that is gone is no reason to restart a worker.
pub(crate) async fn is_alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The worker is configured and Redis answers.
pub(crate) async fn is_ready(State(state): State<AdminState>) -> Result<Json<Value>, ApiError> {
    if !(state.tell_readiness)() {
        let message = "the worker has not put its configuration in force yet";
        return Err(ApiError::new(ErrorCode::NotReady, message));
    }
    state.redis.ping().await?;
    Ok(Json(json!({"status": "ready"})))
}
