//! `GET /rate-limiter/status`.

use axum::{Json, extract::State};
use serde::Serialize;

use crate::{
    AdminState,
    chosen::Choice,
    error::ApiError,
    figures::{self, Figures},
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
    let statuses = figures::read(&state.chosen(&choice)?).await?;
    Ok(Json(Answer { success: true, data: Figures::of_all(&statuses) }))
}
