//! The accounts that a request is about.

use antre_store::{Queue, StoreError, status::Status};
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::Deserialize;

use crate::{AdminState, ErrorCode, error::ApiError};

/// `?account=A` picks one account; without it all configured ones are meant.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Choice {
    pub(crate) account: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Choice {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::from_request_parts(parts, state).await;
        let rejected = |_| ApiError::new(ErrorCode::InvalidQuery, "write ?account=<name>, once");
        query.map(|Query(choice)| choice).map_err(rejected)
    }
}

impl AdminState {
    /// Returns the queues of the chosen accounts, in the order of the configuration.
    pub(crate) fn chosen(&self, choice: &Choice) -> Result<Vec<Queue>, ApiError> {
        let wanted = choice.account.as_deref();
        let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted == name);
        let chosen = self.accounts.iter().filter(|account| is_wanted(account.as_str()));
        let queues: Vec<Queue> = chosen.map(|account| self.redis.queue(account.clone())).collect();
        if queues.is_empty() && wanted.is_some() {
            let names: Vec<&str> = self.accounts.iter().map(AsRef::as_ref).collect();
            let message =
                format!("this worker does not serve that account; it serves {}", names.join(", "));
            return Err(ApiError::new(ErrorCode::UnknownAccount, message));
        }
        Ok(queues)
    }
}

/// Reads the status of each queue.
pub(crate) async fn read(queues: &[Queue]) -> Result<Vec<Status>, StoreError> {
    let mut statuses = Vec::with_capacity(queues.len());
    for queue in queues {
        statuses.push(queue.status().await?);
    }
    Ok(statuses)
}
