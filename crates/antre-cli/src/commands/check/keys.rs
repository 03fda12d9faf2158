//! Whether each configured key works, and whose it is: one request for the newest invoice, within the limit.

mod verdict;

use std::sync::Arc;
use std::time::Duration;

use antre_store::claim::{Claim, Unused, WaitReason, WorkerIdentity};
use antre_store::{Queue, Redis, StoreError};
use antre_xendit::api::outcome::NewestOutcome;
use antre_xendit::{Answer, Call, Client, Connection, SendDeadline};
use tokio::time::{Instant, sleep};

use self::verdict::{Shown, Verdict};
use super::report::CheckReport;
use crate::commands::who;
use crate::config::{Account, Config};

const ABOUT: &str = "key";
/// How long the request may wait for its turn: workers that are busy may take every one.
const PATIENCE: Duration = Duration::from_secs(20);
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// What became of the request.
enum Tried {
    Answered(NewestOutcome),
    /// It was not sent, because of this.
    NoTurn(String),
}

/// Tries the key of every configured account. A faulty configuration was told already.
pub(super) async fn examine(
    redis: &Redis,
    config: &Config,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    for account in &config.accounts {
        let client = account.options().and_then(|options| Client::new(options.client).ok());
        let Some(client) = client else { continue };
        let queue = redis.queue(account.name.clone());
        let tried = try_out(&queue, &client, account).await?;
        let owner = queue.status().await?.owner;
        let name = &account.name;
        match tried {
            Tried::NoTurn(reason) => {
                report.note(ABOUT, format!("{name}: not tried, because {reason}"));
            }
            Tried::Answered(outcome) => {
                let shown = Shown {
                    fingerprint: client.fingerprint(),
                    mode: client.mode(),
                    base_url: &account.base_url,
                };
                match verdict::of(&owner, &shown, &outcome) {
                    Verdict::Fine(text) => report.fine(ABOUT, format!("{name}: {text}")),
                    Verdict::Note(text) => report.note(ABOUT, format!("{name}: {text}")),
                    Verdict::Fault(text) => report.fault(ABOUT, format!("{name}: {text}")),
                }
            }
        }
    }
    Ok(())
}

/// Sends one request for the newest invoice when the account's limit has room for it.
async fn try_out(queue: &Queue, client: &Client, account: &Account) -> Result<Tried, StoreError> {
    let asker = Arc::new(WorkerIdentity {
        name: who::checker(),
        fingerprint: client.fingerprint(),
        mode: client.mode(),
    });
    let deadline = Instant::now() + PATIENCE;
    let mut connection = None;
    loop {
        let mut open = match open(client, connection.take()).await {
            Ok(open) => open,
            Err(outcome) => return Ok(Tried::Answered(outcome)),
        };
        let claim_token = format!("{:032x}", rand::random::<u128>());
        let before = Instant::now();
        let reason = match queue.grant_probe(&claim_token, &asker, &account.settings).await? {
            Claim::Granted(grant) => {
                let latest = before + grant.send_within;
                let deadline = SendDeadline { latest, timeout: Some(grant.request_timeout) };
                if let Answer::Newest(outcome) = open.call(&Call::Newest, deadline).await.answer {
                    return Ok(Tried::Answered(outcome));
                }
                queue.give_back(&grant, Unused::Stopping).await?;
                "redis answered too late for the send deadline".to_owned()
            }
            Claim::Wait { reason: WaitReason::Paused, .. } => {
                return Ok(Tried::NoTurn("the account is paused".to_owned()));
            }
            Claim::Wait { wait, reason } => {
                let left = deadline.saturating_duration_since(Instant::now());
                sleep(wait.min(SLEEP_MAX).min(left)).await;
                format!("the limit had no room for it within {} s ({reason})", PATIENCE.as_secs())
            }
            Claim::Stranger { .. } | Claim::Idle { .. } | Claim::Again | Claim::Unconfigured => {
                "the queue granted nothing".to_owned()
            }
        };
        if Instant::now() >= deadline {
            return Ok(Tried::NoTurn(reason));
        }
        connection = Some(open);
    }
}

/// Returns a connection that is open now: it must be there before a request is granted.
async fn open(client: &Client, old: Option<Connection>) -> Result<Connection, NewestOutcome> {
    if let Some(mut old) = old
        && old.is_open().await
    {
        return Ok(old);
    }
    let mut new = client.connect().await.map_err(NewestOutcome::NotSent)?;
    // From this look on the connection counts the time that the machine is suspended.
    new.is_open().await;
    Ok(new)
}
