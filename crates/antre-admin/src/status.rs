//! `GET /rate-limiter/status`.

use antre_operating::Figures;
use axum::{Json, extract::State};
use serde::Serialize;

use crate::{
    AdminState,
    chosen::{Choice, read},
    error::ApiError,
};

#[derive(Serialize)]
pub(crate) struct Answer {
    success: bool,
    data: Figures,
}

pub(crate) async fn show(
    State(state): State<AdminState>,
    choice: Choice,
) -> Result<Json<Answer>, ApiError> {
    let statuses = read(&state.chosen(&choice)?).await?;
    Ok(Json(Answer { success: true, data: Figures::of_all(&statuses) }))
}
