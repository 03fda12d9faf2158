//! The claimer: waits for a free slot, an open connection and the queue's word, in this order.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use antre_core::backoff::Backoff;
use antre_operating::NO_REPLICA;
use antre_store::{
    StoreError,
    claim::{Claim, Claimant, Grant, GrantKind, Unused, WaitReason},
};
use antre_xendit::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::Instant,
};

use crate::{
    account::{Account, Standing},
    running::HeldClaim,
};

/// How long a claimer sleeps at most when nobody wakes it.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// A granted request with all that is needed to send it at once.
#[derive(Debug)]
pub struct Work {
    /// The claim; it is renewed until it is released.
    pub held: Arc<HeldClaim>,
    /// An open connection; in a lock only because apalis shares tasks between threads.
    pub connection: Mutex<Connection>,
    /// The last instant at which the request's first byte may leave.
    pub latest: Instant,
}

/// Claims for `account` and hands work to `sink` until the order to stop.
///
/// Never ends because of an error: Redis and Xendit come back.
pub async fn claim_until_stopped(account: Arc<Account>, sink: mpsc::Sender<Work>) {
    let mut claimant = account.queue.claimant(Arc::clone(&account.worker));
    while let Some(work) = next(&account, &mut claimant).await {
        if let Err(unsent) = sink.send(work).await {
            give_back(&account, &unsent.0.held, Unused::Stopping).await;
            return;
        }
    }
}

/// Returns the next granted request, or `None` after the order to stop.
async fn next(account: &Account, claimant: &mut Claimant) -> Option<Work> {
    let slot = account
        .stopping
        .run_until_cancelled(Arc::clone(&account.slots).acquire_owned())
        .await?
        .ok()?;
    let mut backoff = Backoff::default();
    loop {
        let connection = account.stopping.run_until_cancelled(warm_connection(account)).await?;
        // From here to the end of the claim nothing may be interrupted: the grant may be on its way.
        let before = Instant::now();
        let claim = claimant
            .claim_next(
                &fresh_claim_token(),
                account.running.count(),
                account.durability_in_force(),
            )
            .await;
        note_standing(account, &claim).await;
        note_replica(account, &claim);
        let nap = match claim {
            Ok(Claim::Granted(grant)) => {
                account.redis_outage.works(account.name());
                return accept(account, *grant, connection, (slot, before)).await;
            }
            Ok(Claim::Again) => Duration::ZERO,
            Ok(Claim::Wait { wait, .. } | Claim::Stranger { wait, .. }) => wait,
            Ok(Claim::Idle { due }) => due.unwrap_or(SLEEP_MAX),
            Ok(Claim::Unconfigured) => {
                configure_again(account).await;
                backoff.next()
            }
            Err(error) => {
                account.redis_outage.failed(account.name(), &error);
                account.connections.put(connection);
                account.stopping.run_until_cancelled(redis_answers(account)).await?;
                continue;
            }
        };
        account.redis_outage.works(account.name());
        backoff.reset();
        account.connections.put(connection);
        account.stopping.run_until_cancelled(sleep(account, nap)).await?;
    }
}

/// Follows what the queue says of the worker's key; once it is known to be the account's, its settings count.
async fn note_standing(account: &Account, claim: &Result<Claim, StoreError>) {
    let standing = match claim {
        Ok(Claim::Stranger { reason, .. }) => Standing::Stranger(reason.clone()),
        Ok(Claim::Granted(grant)) if grant.kind == GrantKind::Probe => return,
        Ok(Claim::Granted(_) | Claim::Idle { .. } | Claim::Again | Claim::Wait { .. }) => {
            Standing::Ours
        }
        Ok(Claim::Unconfigured) | Err(_) => return,
    };
    let is_ours = standing == Standing::Ours;
    account.note_standing(standing);
    if is_ours
        && account.is_unproven()
        && let Err(error) = account.configure(false).await
    {
        account.redis_outage.failed(account.name(), &error);
    }
}

/// Follows whether a replica confirms claims; it is asked only when something is granted.
fn note_replica(account: &Account, claim: &Result<Claim, StoreError>) {
    match claim {
        Ok(Claim::Granted(_)) => account.replica_outage.works(account.name()),
        Ok(Claim::Wait { reason, .. }) if *reason == WaitReason::Replica => {
            account.replica_outage.failed(account.name(), &NO_REPLICA);
        }
        // Nothing waits for a replica any more, so nobody asks whether there is one.
        Ok(Claim::Idle { .. }) => account.replica_outage.forget(),
        Ok(_) | Err(_) => {}
    }
}

fn fresh_claim_token() -> String {
    format!("{:032x}", rand::random::<u128>())
}

async fn accept(
    account: &Account,
    grant: Grant,
    connection: Connection,
    (slot, before): (OwnedSemaphorePermit, Instant),
) -> Option<Work> {
    let latest = before + grant.send_within;
    let slot = if grant.runs_alone() { all_slots(account, slot) } else { slot };
    let held = account.running.hold(grant, slot);
    if account.stopping.is_cancelled() {
        give_back(account, &held, Unused::Stopping).await;
        return None;
    }
    Some(Work { held, connection: Mutex::new(connection), latest })
}

/// Returns every slot of the worker: the request of such a claim must not have neighbours.
fn all_slots(account: &Account, mut slot: OwnedSemaphorePermit) -> OwnedSemaphorePermit {
    let others = u32::try_from(account.options.concurrency).unwrap_or(u32::MAX).saturating_sub(1);
    // The queue grants it only to a worker that holds nothing else, so they are all free.
    if let Ok(others) = Arc::clone(&account.slots).try_acquire_many_owned(others) {
        slot.merge(others);
    }
    slot
}

/// Gives a claim back whose request was not sent. Without Redis its lease runs out by itself.
pub(crate) async fn give_back(account: &Account, held: &HeldClaim, why: Unused) {
    if let Err(error) = account.queue.give_back(&held.grant, why).await {
        account.redis_outage.failed(account.name(), &error);
    }
    account.running.release(held);
}

/// Opens connections until one is there. While none can be opened nothing is claimed: jobs wait.
async fn warm_connection(account: &Account) -> Connection {
    let mut backoff = Backoff::default();
    loop {
        while !account.is_durable() {
            account.woken.notified().await;
        }
        match account.connections.take().await {
            Ok(connection) => {
                account.xendit_outage.works(account.name());
                return connection;
            }
            Err(error) => {
                account.xendit_outage.failed(account.name(), &error);
                tokio::time::sleep(backoff.next() * 3).await;
            }
        }
    }
}

async fn configure_again(account: &Account) {
    tracing::warn!(account = account.name(), "redis has lost this account's data: beginning anew");
    if let Err(error) = account.configure(true).await {
        account.redis_outage.failed(account.name(), &error);
    }
}

/// Waits until Redis serves again, with every right: a claim that is refused half-way would be one each time. A claim may have been granted although its answer was lost, so where
/// only answers are lost, asking by claims would hold job after job for a lease.
async fn redis_answers(account: &Account) {
    let own = [account.options.name.clone()];
    let mut backoff = Backoff::default();
    loop {
        tokio::time::sleep(backoff.next()).await;
        match account.queue.redis().can_serve(&own).await {
            Ok(()) => return,
            Err(error) => account.redis_outage.failed(account.name(), &error),
        }
    }
}

/// Sleeps for `nap`, at most 5 s, or until somebody says that work may be ready.
async fn sleep(account: &Account, nap: Duration) {
    if nap.is_zero() {
        return;
    }
    tokio::select! {
        () = tokio::time::sleep(nap.min(SLEEP_MAX)) => {}
        () = account.woken.notified() => {}
    }
}
