//! `/healthz` and `/readyz`, for programs that start and stop processes.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{AdminState, ErrorCode, error::ApiError};

/// The process lives. A Redis that is gone is no reason to restart a worker; one that answers everybody but
/// this process is.
pub(crate) async fn is_alive(State(state): State<AdminState>) -> Result<Json<Value>, ApiError> {
    if state.redis.is_stuck().await {
        let message = "calls to redis have failed for minutes although a new connection works: \
                       start this process again";
        return Err(ApiError::new(ErrorCode::Stuck, message));
    }
    Ok(Json(json!({"status": "ok"})))
}

/// The worker serves its accounts and Redis takes writes; of a process without a worker, Redis answers.
pub(crate) async fn is_ready(State(state): State<AdminState>) -> Result<Json<Value>, ApiError> {
    if let Some(obstacle) = (state.tell_readiness)() {
        return Err(ApiError::new(ErrorCode::NotReady, obstacle));
    }
    if state.must_write {
        state.redis.can_write().await?;
    } else {
        state.redis.ping().await?;
    }
    Ok(Json(json!({"status": "ready"})))
}
