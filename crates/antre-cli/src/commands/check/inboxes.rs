//! Whether somebody serves every account that has work.

use std::time::Duration;

use antre_protocol::AccountName;
use antre_store::status::Status;
use antre_store::{Redis, StoreError};

use super::findings::Findings;
use super::standing;
use crate::commands::status::{Picture, known_accounts};
use crate::config::Config;
use crate::output::counted;

const ABOUT: &str = "account";
/// Clocks may differ a little, and Redis' may have stepped back.
const AHEAD_MAX: Duration = Duration::from_hours(1);

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
    let types = redis.inbox_types(&names).await?;
    let now_ms = redis.time_us().await? / 1_000;
    let replicas = redis.server().await?.replicas;
    for (name, inbox) in names.into_iter().zip(types) {
        if inbox != "stream" && inbox != "none" {
            let text = format!(
                "{name}: its inbox antre:{{{name}}}:inbox is a {inbox}, not a stream: delete it and \
                 start a worker, which makes it anew"
            );
            findings.fault(ABOUT, text);
            continue;
        }
        let queue = redis.queue(name.clone());
        judge_ids(&name, queue.inbox_last_ms().await?, now_ms, findings);
        let status = queue.status().await?;
        judge(&name, &status, findings);
        standing::judge(&name, &status, (config.durability, replicas), findings);
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

/// Ids of an inbox only grow. One that some program made up stays the largest.
fn judge_ids(name: &AccountName, last_ms: Option<u64>, now_ms: u64, findings: &mut Findings) {
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
    findings.fault(ABOUT, format!("{name}: {what}; {remedy}"));
}

fn judge(name: &AccountName, status: &Status, findings: &mut Findings) {
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
}
