//! Intake: submitted entries become jobs.

use std::{future::pending, sync::Arc, time::Duration};

use antre_core::{account::AccountName, backoff::Backoff, job::MAX_JOB_BYTES};
use antre_operating::{NO_REPLICA, UNREPLICATED_AFTER};
use antre_store::{
    Redis, StoreError,
    claim::Durability,
    inbox_listener::InboxListener,
    intake::{ACCEPT_MAX, InboxEntry},
};
use tokio::{sync::watch, time::Instant};

use crate::{account::Account, link::Link, servers::Share};
use accepting::accept;
pub use accepting::submission;
use resting::Resting;

mod accepting;
mod resting;

/// How long one blocking read waits.
const BLOCK: Duration = Duration::from_secs(5);
/// How long a replica has at once to confirm what was submitted.
const REPLICA_WAIT: Duration = Duration::from_secs(1);
/// How long to leave a bulk to the worker that takes it in.
const LEASED_NAP: Duration = Duration::from_millis(25);
/// One byte more than a job may have, so that a longer one is seen.
const VALUE_BYTES_MAX: usize = MAX_JOB_BYTES + 1;

/// Takes in for all accounts of a server until it is dropped; opens another connection when one is lost.
///
/// One entry at fault does not hold up those behind it, nor one account the others: it is left alone for a
/// while.
pub(crate) async fn take_in(share: Share) {
    let mut resting = Resting::default();
    let mut backoff = Backoff::default();
    loop {
        match hear(&share, &mut resting, &mut backoff).await {
            // A look at the types of all inboxes will say whose it is.
            Ok(()) | Err(StoreError::WrongType(_)) => {}
            Err(error) => {
                share.link.intake.failed_for_all(&error);
                share.link.suspected.notify_one();
            }
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Ends when a connection of its own is no longer the right one, or other accounts are to be heard.
async fn hear(
    Share { redis, accounts, link }: &Share,
    resting: &mut Resting,
    backoff: &mut Backoff,
) -> Result<(), StoreError> {
    let mut renewals = redis.renewals();
    let heard = readable(redis, accounts, resting).await?;
    let names: Vec<AccountName> =
        heard.iter().map(|account| account.options.name.clone()).collect();
    let mut inbox_listener = InboxListener::open(redis, &names, BLOCK).await?;
    loop {
        // Without an inbox there is nothing to ask for.
        let ring = async {
            if names.is_empty() {
                pending().await
            } else {
                inbox_listener.rung(VALUE_BYTES_MAX).await
            }
        };
        let rings = tokio::select! {
            rings = ring => rings,
            _ = renewals.changed() => return Ok(()),
            () = resting.is_over() => return Ok(()),
            // What is submitted to an account is for the workers that have its key.
            () = link.standing.notified() => return Ok(()),
        };
        let rings = match rings {
            Err(StoreError::Oversized { .. }) => {
                // The connection ended with that reply.
                inbox_listener = InboxListener::open(redis, &names, BLOCK).await?;
                None
            }
            rings => Some(rings?),
        };
        let mut replicas = Replicas {
            inbox_listener: &mut inbox_listener,
            renewals: &mut renewals,
            heard: &heard,
            link,
        };
        let Some(rings) = rings else { return take_cut(&heard, &mut replicas, resting).await };
        link.intake.works_for_all();
        backoff.reset();
        // One question for all that was heard.
        if heard.iter().any(|account| must_be_replicated(account))
            && !replicas.have_entries().await?
        {
            return Ok(());
        }
        let mut is_at_fault = false;
        for (position, entry) in rings {
            let Some(account) = heard.get(position) else { continue };
            is_at_fault |= !judge(account, take(account, entry, &mut replicas).await, resting)?;
        }
        if is_at_fault {
            return Ok(());
        }
    }
}

fn must_be_replicated(account: &Account) -> bool {
    account.durability_in_force() == Durability::Replicated
}

/// Those who keep what this server may forget.
struct Replicas<'a> {
    inbox_listener: &'a mut InboxListener,
    renewals: &'a mut watch::Receiver<u64>,
    heard: &'a [Arc<Account>],
    link: &'a Link,
}

impl Replicas<'_> {
    /// Waits until one of them has all entries that were read. So an entry that was taken in here is in the inbox there,
    /// whatever becomes of this server. Returns false where another server may be in charge by now. It is no trouble while
    /// nothing waits for it.
    async fn have_entries(&mut self) -> Result<bool, StoreError> {
        let since = Instant::now();
        while !self.inbox_listener.is_replicated(REPLICA_WAIT).await? {
            if self.renewals.has_changed().unwrap_or(true) {
                return Ok(false);
            }
            let mut waiting = 0;
            for account in self.heard {
                waiting += account.queue.inbox_length().await?;
            }
            if waiting == 0 {
                self.link.intake.forget();
            } else if since.elapsed() >= UNREPLICATED_AFTER {
                self.link.intake.failed_for_all(&NO_REPLICA);
            }
        }
        self.link.intake.works_for_all();
        Ok(true)
    }
}

/// Returns the accounts whose inboxes can be heard: one of another type would fail the read of all.
async fn readable(
    redis: &Redis,
    accounts: &[Arc<Account>],
    resting: &mut Resting,
) -> Result<Vec<Arc<Account>>, StoreError> {
    let awake: Vec<Arc<Account>> = accounts
        .iter()
        .filter(|account| account.is_served() && !resting.rests(account.name()))
        .cloned()
        .collect();
    let names: Vec<AccountName> =
        awake.iter().map(|account| account.options.name.clone()).collect();
    let types = redis.inbox_types(&names).await?;
    let mut heard = Vec::with_capacity(awake.len());
    for (account, found) in awake.into_iter().zip(types) {
        if found == "stream" {
            heard.push(account);
            continue;
        }
        if found == "none" {
            // Somebody deleted it, perhaps because we asked for that.
            if judge(&account, account.queue.restore_inbox().await, resting)? {
                heard.push(account);
            }
            continue;
        }
        let inbox = account.queue.keys().inbox();
        let text =
            format!("{inbox} is a {found}, not a stream: delete it, a worker makes a new one");
        account.inbox_outage.failed(account.name(), &text);
        resting.rest(account.name());
    }
    Ok(heard)
}

/// Notes whether an account could be taken in, and leaves it alone for a while if it is at fault itself.
fn judge(
    account: &Account,
    taken: Result<(), StoreError>,
    resting: &mut Resting,
) -> Result<bool, StoreError> {
    match taken {
        Ok(()) => account.inbox_outage.works(account.name()),
        Err(error) if error.concerns_server() => return Err(error),
        Err(error) => {
            account.inbox_outage.failed(account.name(), &error);
            resting.rest(account.name());
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes in through a script that cuts what is too large, for whoever it is.
async fn take_cut(
    accounts: &[Arc<Account>],
    replicas: &mut Replicas<'_>,
    resting: &mut Resting,
) -> Result<(), StoreError> {
    for account in accounts {
        judge(account, take_portion(account, replicas).await.map(drop), resting)?;
    }
    Ok(())
}

/// Takes in what was heard, and a portion of what lies behind it.
async fn take(
    account: &Account,
    heard: InboxEntry,
    replicas: &mut Replicas<'_>,
) -> Result<(), StoreError> {
    // One submitted job is taken in from what was heard; only a bulk is worth the leave to read it.
    let accepted = accept(account, &[heard]).await;
    if accepted.as_ref().is_err_and(StoreError::concerns_server) {
        return accepted;
    }
    if account.queue.inbox_length().await? > 0 && take_portion(account, replicas).await? == 0 {
        tokio::time::sleep(LEASED_NAP).await;
    }
    accepted
}

/// Takes in up to 64 entries. Returns how many were read; none while another worker takes a bulk in. What was not taken
/// stays in the inbox.
async fn take_portion(account: &Account, replicas: &mut Replicas<'_>) -> Result<usize, StoreError> {
    let entries =
        account.queue.read_inbox(ACCEPT_MAX, VALUE_BYTES_MAX, &account.worker.name).await?;
    let must_wait = !entries.is_empty() && must_be_replicated(account);
    if !must_wait || replicas.have_entries().await? {
        accept(account, &entries).await?;
    }
    Ok(entries.len())
}
