//! `GET /scaling`: how many workers are of use, for whoever starts and ends them.

use antre_operating::{AccountLoad, Scaling};
use axum::{Json, extract::State};

use crate::{
    AdminState,
    chosen::{Choice, read},
    error::ApiError,
};

pub(crate) async fn show(
    State(state): State<AdminState>,
    choice: Choice,
) -> Result<Json<Scaling>, ApiError> {
    let queues = state.chosen(&choice)?;
    let statuses = read(&queues).await?;
    let mut loads = Vec::with_capacity(queues.len());
    for (queue, status) in queues.iter().zip(&statuses) {
        loads.push(AccountLoad { status, request_time: queue.request_time().await? });
    }
    Ok(Json(Scaling::of_all(loads)))
}
