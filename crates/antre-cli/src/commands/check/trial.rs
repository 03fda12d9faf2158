//! Whether this user can do on this server all that a worker does: asked right by right, then done once.

use antre_core::AccountName;
use antre_store::{Redis, StoreError};

use super::report::CheckReport;
use crate::config::Config;

const ABOUT: &str = "redis";

/// Returns whether a look at anything else is of use.
pub(super) async fn examine(redis: &Redis, config: &Config, report: &mut CheckReport) -> bool {
    let names: Vec<AccountName> =
        config.accounts.iter().map(|account| account.name.clone()).collect();
    let Err(error) = serve(redis, &names).await else {
        report.fine(ABOUT, "its user may do all that a worker does".to_owned());
        return true;
    };
    let error = redis.look_closer(error).await;
    let is_of_use = !matches!(error, StoreError::Unsuitable(_));
    report.fault(ABOUT, error.to_string());
    if matches!(error, StoreError::Denied(_)) {
        report.note(ABOUT, "`antre check --acl` prints the whole line of its user".to_owned());
    }
    is_of_use
}

async fn serve(redis: &Redis, names: &[AccountName]) -> Result<(), StoreError> {
    redis.can_serve(names).await?;
    redis.server().await?.check_kind()?;
    for name in names {
        redis.queue(name.clone()).try_out().await?;
    }
    Ok(())
}
