//! `GET /rate-limiter/health`.

use antre_core::AccountName;
use antre_store::{StoreError, status::Obstacle};
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
    chosen::Choice,
    error::ApiError,
    figures::{self, Figures},
    reasons::{self, Health, Reason},
};

#[derive(Serialize)]
struct Answer {
    success: bool,
    status: Health,
    queue_health: QueueHealth,
}

#[derive(Serialize)]
struct QueueHealth {
    #[serde(flatten)]
    figures: Figures,
    reasons: Vec<Reason>,
}

pub(crate) async fn show(
    State(state): State<AdminState>,
    choice: Choice,
) -> Result<Response, ApiError> {
    let queues = state.chosen(&choice)?;
    if let Err(error) = state.redis.can_write().await {
        return Ok(unhealthy(&error));
    }
    let statuses = match figures::read(&queues).await {
        Ok(statuses) => statuses,
        Err(error) => return Ok(unhealthy(&error)),
    };
    let figures = Figures::of_all(&statuses);
    let mut reasons = Vec::new();
    for (queue, status) in queues.iter().zip(&statuses) {
        reasons.extend(reasons::of_account(queue.account().as_str(), status));
    }
    if choice.account.is_none() {
        match foreign(&state).await {
            Ok(foreign) => reasons.extend(foreign),
            Err(error) => return Ok(unhealthy(&error)),
        }
    }
    reasons.extend(reasons::of_figures(&figures));
    let status = reasons::health(&figures, &reasons);
    let queue_health = QueueHealth { figures, reasons };
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
            reasons.extend(reasons::of_foreign(&name, &queue.status().await?));
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
