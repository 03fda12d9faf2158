//! `POST /rate-limiter/retry-failed`: brings back every dead job that can change.

use antre_operating::Figures;
use antre_store::{
    Queue, StoreError,
    operate::{OPERATE_MAX, Retried},
};
use axum::{Json, body::Bytes, extract::State};
use serde::{Deserialize, Serialize};

use crate::{
    AdminState, ErrorCode,
    chosen::{Choice, read},
    error::ApiError,
};

/// Dead jobs per account and request at most: bounds memory and time.
const JOBS_MAX: usize = 100_000;
const PAGE: usize = 1_000;

/// The body may be empty, or name the account.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    account: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    success: bool,
    message: String,
    queue_status: Figures,
}

pub(crate) async fn retry(
    State(state): State<AdminState>,
    choice: Choice,
    body: Bytes,
) -> Result<Json<Answer>, ApiError> {
    let choice = merged(choice, order(&body)?)?;
    let queues = state.chosen(&choice)?;
    let mut tally = Tally::default();
    for queue in &queues {
        retry_dead(queue, &mut tally).await?;
    }
    let (revived, unchangeable) = (tally.revived, tally.unchangeable);
    tracing::info!(revived, unchangeable, "dead jobs were brought back over HTTP");
    let statuses = read(&queues).await?;
    let queue_status = Figures::of_all(&statuses);
    Ok(Json(Answer { success: true, message: tally.message(), queue_status }))
}

fn order(body: &[u8]) -> Result<Order, ApiError> {
    if body.trim_ascii().is_empty() {
        return Ok(Order::default());
    }
    serde_json::from_slice(body).map_err(|error| {
        let message = format!(r#"the body must be empty, {{}} or {{"account":"…"}}: {error}"#);
        ApiError::new(ErrorCode::InvalidBody, message)
    })
}

fn merged(choice: Choice, order: Order) -> Result<Choice, ApiError> {
    match (choice.account, order.account) {
        (Some(one), Some(other)) if one != other => {
            let message = "the address and the body name different accounts";
            Err(ApiError::new(ErrorCode::InvalidBody, message))
        }
        (one, other) => Ok(Choice { account: one.or(other) }),
    }
}

#[derive(Debug, Default)]
struct Tally {
    revived: u64,
    unchangeable: u64,
    replaced: u64,
}

impl Tally {
    fn count(&mut self, retried: Retried) {
        match retried {
            Retried::Revived => self.revived += 1,
            Retried::Unchangeable => self.unchangeable += 1,
            Retried::Replaced => self.replaced += 1,
            // Somebody else was quicker.
            Retried::Unknown | Retried::NotDead => {}
        }
    }

    fn message(&self) -> String {
        let unchangeable = match self.unchangeable {
            0 => String::new(),
            count => format!(", {count} cannot change (invalid or conflict)"),
        };
        let replaced = match self.replaced {
            0 => String::new(),
            count => format!(", {count} have a newer job for their bill"),
        };
        format!("Retrying {} failed invoices{unchangeable}{replaced}", self.revived)
    }
}

/// Brings back the account's dead jobs, the oldest first.
async fn retry_dead(queue: &Queue, tally: &mut Tally) -> Result<(), StoreError> {
    for portion in dead_ids(queue).await?.chunks(OPERATE_MAX) {
        for retried in queue.retry(portion).await? {
            tally.count(retried);
        }
    }
    Ok(())
}

/// Returns the ids of dead jobs, the oldest first, as they are before any of them comes back: pages count
/// from the latest and would shift under a walk that revives.
async fn dead_ids(queue: &Queue) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    loop {
        let page = queue.dead_ids(ids.len(), PAGE).await?;
        let is_last = page.len() < PAGE;
        ids.extend(page);
        if is_last || ids.len() >= JOBS_MAX {
            ids.reverse();
            return Ok(ids);
        }
    }
}
