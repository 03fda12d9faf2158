//! `GET /rate-limiter/health`.

use antre_core::AccountName;
use antre_operating::{Health, Obstacle, QueueHealth, Reason, judge, of_foreign};
use antre_store::StoreError;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::{
    AdminState,
    chosen::{Choice, read},
    error::ApiError,
};

#[derive(Serialize)]
struct Answer {
    success: bool,
    status: Health,
    queue_health: QueueHealth,
}

pub(crate) async fn show(
    State(state): State<AdminState>,
    choice: Choice,
) -> Result<Response, ApiError> {
    let queues = state.chosen(&choice)?;
    if let Err(error) = state.redis.can_write().await {
        return Ok(unhealthy(&error));
    }
    let statuses = match read(&queues).await {
        Ok(statuses) => statuses,
        Err(error) => return Ok(unhealthy(&error)),
    };
    let foreign = match &choice.account {
        None => foreign(&state).await,
        Some(_) => Ok(Vec::new()),
    };
    let foreign = match foreign {
        Ok(foreign) => foreign,
        Err(error) => return Ok(unhealthy(&error)),
    };
    let names = queues.iter().map(|queue| queue.account().as_str());
    let accounts: Vec<_> = names.zip(&statuses).collect();
    let queue_health = judge(&accounts, foreign);
    let status = queue_health.health();
    Ok(Json(Answer { success: true, status, queue_health }).into_response())
}

/// Returns the reasons that lie in accounts of this Redis which are not this worker's.
async fn foreign(state: &AdminState) -> Result<Vec<Reason>, StoreError> {
    let mut reasons = Vec::new();
    for name in state.redis.accounts().await? {
        let Ok(account) = name.parse::<AccountName>() else { continue };
        if state.accounts.contains(&account) {
            continue;
        }
        let queue = state.redis.queue(account);
        if queue.inbox_length().await? > 0 {
            reasons.extend(of_foreign(&name, &queue.status().await?));
        }
    }
    Ok(reasons)
}

/// The answer without a Redis that takes writes: 503, so that whoever looks at the status alone understands it too.
fn unhealthy(error: &StoreError) -> Response {
    tracing::warn!(error = %error, "health cannot be told without Redis");
    let reason = Reason::from(Obstacle::of_error(error));
    let status = reason.health;
    let answer = json!({"success": false, "status": status, "queue_health": {"reasons": [reason]}});
    (StatusCode::SERVICE_UNAVAILABLE, Json(answer)).into_response()
}
