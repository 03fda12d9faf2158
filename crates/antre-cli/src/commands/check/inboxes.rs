//! Whether somebody serves every account that has work, and with the key it had before.

use antre_protocol::AccountName;
use antre_store::status::Status;
use antre_store::{Redis, StoreError};

use super::findings::Findings;
use crate::commands::status::{Picture, known_accounts};
use crate::config::{Account, Config};
use crate::output::counted;

const ABOUT: &str = "account";

/// Looks at every account that is known to Redis, configured here, or only has an inbox.
pub(super) async fn look(
    redis: &Redis,
    config: &Config,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut names = known_accounts(redis).await?;
    let configured = config.accounts.iter().map(|account| account.name.clone());
    let (stray, unusable) = inboxes(redis).await?;
    for name in configured.chain(stray) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in unusable {
        let text = format!(
            "there is an inbox of `{name}`, which no account can be called: enqueue its jobs anew"
        );
        findings.fault(ABOUT, text);
    }
    for name in names {
        let status = redis.queue(name.clone()).status().await?;
        let configured = config.accounts.iter().find(|account| account.name == name);
        judge(&name, &status, configured, findings);
    }
    Ok(())
}

/// Returns the accounts of all inboxes, and the names that none can have.
async fn inboxes(redis: &Redis) -> Result<(Vec<AccountName>, Vec<String>), StoreError> {
    let (mut names, mut unusable) = (Vec::new(), Vec::new());
    for name in redis.inbox_names().await? {
        match name.parse() {
            Ok(account) => names.push(account),
            Err(_) => unusable.push(name),
        }
    }
    Ok((names, unusable))
}

fn judge(
    name: &AccountName,
    status: &Status,
    configured: Option<&Account>,
    findings: &mut Findings,
) {
    let picture = Picture::of(name, status);
    let work = status.inbox + status.waiting_total() + status.scheduled + status.running;
    let workers = picture.workers.iter().filter(|worker| !worker.is_silent).count();
    if workers > 0 {
        findings.fine(ABOUT, format!("{name}: served by {}", counted(workers, "worker")));
    } else if work > 0 {
        findings.fault(
            ABOUT,
            format!(
                "{name}: nobody serves it with {} to do: start a worker for it",
                counted(work, "job")
            ),
        );
    } else {
        findings.note(ABOUT, format!("{name}: nobody serves it; nothing waits"));
    }
    if let Some(pause) = &picture.pause {
        findings.note(ABOUT, format!("{name}: paused by {}: {}", pause.by, pause.reason));
    }
    let mode = configured.filter(|account| account.key.is_some()).map(|it| it.mode().as_str());
    let before = status.config.get("mode").map(String::as_str);
    if let (Some(mode), Some(before)) = (mode, before)
        && mode != before
    {
        findings.note(
            ABOUT,
            format!("{name}: the key is a {mode} one, workers used a {before} one: bills of that mode are unknown to it"),
        );
    }
}
