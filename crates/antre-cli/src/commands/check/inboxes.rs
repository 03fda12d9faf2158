//! The check that a worker serves every account that has work.

use std::time::Duration;

use antre_core::AccountName;
use antre_operating::obstacles;
use antre_store::status::Status;
use antre_store::{Redis, StoreError};

use super::report::CheckReport;
use super::standing;
use crate::commands::status::known_accounts;
use crate::config::Config;
use crate::output::counted;

const ABOUT: &str = "account";
/// Clocks may differ a little, and Redis' may have stepped back.
const AHEAD_MAX: Duration = Duration::from_hours(1);

/// Looks at every account that is known to Redis, configured here, or only has an inbox.
pub(super) async fn examine(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    let mut names = known_accounts(redis).await?;
    for account in &config.accounts {
        if !names.contains(&account.name) {
            names.push(account.name.clone());
        }
    }
    let known = names.clone();
    let (stray, unusable) = inboxes(redis, report).await?;
    names.extend(stray.into_iter().filter(|name| !known.contains(name)));
    for name in unusable {
        let text = format!(
            "there is an inbox of `{name}`, which no account can be called: `antre inbox move \
             '{name}' {}` moves its jobs",
            target(&known)
        );
        report.fault(ABOUT, text);
    }
    let types = match redis.inbox_types(&names).await {
        Err(StoreError::Denied(cause)) => {
            // A user for some accounts only.
            report.note(
                ABOUT,
                format!("other accounts than the configured ones were not looked at: {cause}"),
            );
            names = config.accounts.iter().map(|account| account.name.clone()).collect();
            redis.inbox_types(&names).await?
        }
        types => types?,
    };
    let now_ms = redis.time_us().await? / 1_000;
    let replicas = redis.server().await?.replicas;
    for (name, inbox) in names.into_iter().zip(types) {
        if inbox != "stream" && inbox != "none" {
            let text = format!(
                "{name}: its inbox antre:{{{name}}}:inbox is a {inbox}, not a stream: delete it and \
                 start a worker, which makes a new one"
            );
            report.fault(ABOUT, text);
            continue;
        }
        let queue = redis.queue(name.clone());
        judge_ids(&name, queue.inbox_last_ms().await?, now_ms, report);
        let status = queue.status().await?;
        if known.contains(&name) {
            judge(&name, &status, report);
        } else {
            judge_stray(&name, &status, target(&known), report);
        }
        standing::judge(&name, &status, (config.durability, replicas), report);
    }
    Ok(())
}

/// Returns the accounts of all inboxes, and the names that none can have.
async fn inboxes(
    redis: &Redis,
    report: &mut CheckReport,
) -> Result<(Vec<AccountName>, Vec<String>), StoreError> {
    let (mut names, mut unusable) = (Vec::new(), Vec::new());
    let found = match redis.inbox_names().await {
        Err(StoreError::Denied(cause) | StoreError::Unsuitable(cause)) => {
            // Nothing but this look needs it.
            let text = format!("inboxes of mistyped accounts were not looked for: {cause}");
            report.note(ABOUT, text);
            return Ok((names, unusable));
        }
        found => found?,
    };
    for name in found {
        match name.parse() {
            Ok(account) => names.push(account),
            Err(_) => unusable.push(name),
        }
    }
    Ok((names, unusable))
}

/// Ids of an inbox only grow. One that some program made up stays the largest.
fn judge_ids(name: &AccountName, last_ms: Option<u64>, now_ms: u64, report: &mut CheckReport) {
    let ahead = Duration::from_millis(last_ms.unwrap_or_default().saturating_sub(now_ms));
    if ahead < AHEAD_MAX {
        return;
    }
    let what = if last_ms == Some(u64::MAX) {
        "the last id of its inbox is the largest that there is: XADD is refused"
    } else {
        "the last id of its inbox is in the future: jobs get ids that are not their time"
    };
    let remedy = "a worker sets that right when the inbox is empty; if it is, delete its key and start \
                  a worker; use `*` as the id";
    report.fault(ABOUT, format!("{name}: {what}; {remedy}"));
}

fn judge(name: &AccountName, status: &Status, report: &mut CheckReport) {
    let work = status.inbox + status.waiting_total() + status.scheduled + status.running;
    let workers = status.live_workers().count();
    let unserved = obstacles(status).into_iter().find(|it| it.code == "no_worker");
    match unserved {
        None => {
            let workers = u64::try_from(workers).unwrap_or(u64::MAX);
            report.fine(ABOUT, format!("{name}: served by {}", counted(workers, "worker")));
        }
        Some(unserved) if work > 0 => {
            let jobs = counted(work, "job");
            let text = format!("{name}: nobody serves it with {jobs} to do: {}", unserved.text);
            report.fault(ABOUT, text);
        }
        Some(_) => report.note(ABOUT, format!("{name}: nobody serves it; nothing waits")),
    }
}

/// Judges an inbox that is not of an account which anybody knows: a name may be mistyped in an `XADD`.
fn judge_stray(name: &AccountName, status: &Status, target: &str, report: &mut CheckReport) {
    if status.inbox == 0 {
        report.note(ABOUT, format!("{name}: nobody serves it; nothing waits"));
        return;
    }
    let jobs = counted(status.inbox, "job");
    report.fault(
        ABOUT,
        format!(
            "{name}: nobody serves it with {jobs} to do: if the name is right, start a worker for it; \
             if it is mistyped, `antre inbox move {name} {target}` moves them to the right account"
        ),
    );
}

/// Returns the account to move jobs to, as far as it can only be one.
fn target(known: &[AccountName]) -> &str {
    if let [only] = known { only.as_str() } else { "ACCOUNT" }
}
