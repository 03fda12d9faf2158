//! The claimer: waits for a free slot, an open connection and the queue's word, in this order.

use std::{
    iter,
    sync::{Arc, Mutex},
    time::Duration,
};

use antre_core::backoff::Backoff;
use antre_operating::NO_REPLICA;
use antre_store::{
    StoreError,
    claim::{Claim, Claimant, Grant, GrantKind, Granted, Unused, WaitReason, Wish},
};
use antre_xendit::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::Instant,
};

use crate::{
    account::{Account, Standing},
    gate::Place,
    running::HeldClaim,
};

/// How long a claimer sleeps at most when nobody wakes it.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// How many requests are asked for at once at most.
const WANTED_MAX: usize = 32;

/// How long after another worker was woken this one looks, too.
const OTHER_LATE: std::ops::Range<Duration> =
    Duration::from_millis(500)..Duration::from_millis(2500);

/// A granted request with all that is needed to send it at once.
#[derive(Debug)]
pub struct Work {
    /// The claim; it is renewed until it is released.
    pub held: Arc<HeldClaim>,
    /// An open connection; in a lock only because apalis shares tasks between threads.
    pub connection: Mutex<Connection>,
    /// The last instant at which the request's first byte may leave.
    pub latest: Instant,
    /// The claim's place among those on their way, until the first of its requests leaves.
    pub(crate) place: Option<Place>,
}

/// A claim that was asked for.
struct Begun {
    /// Until its grants may be used counts from here.
    before: Instant,
    place: Place,
}

/// Claims for `account` and hands work to `sink` until the order to stop.
///
/// Never ends because of an error: Redis and Xendit come back.
pub async fn claim_until_stopped(account: Arc<Account>, sink: mpsc::Sender<Work>) {
    let mut claimant = account.queue.claimant(Arc::clone(&account.worker));
    let mut asking = Asking { wanted: 1, not_before: Instant::now() };
    while let Some(granted) = next(&account, &mut claimant, &mut asking).await {
        let mut granted = granted.into_iter();
        while let Some(work) = granted.next() {
            if let Err(unsent) = sink.send(work).await {
                for work in iter::once(unsent.0).chain(granted) {
                    give_back(&account, &work.held, Unused::Stopping).await;
                }
                return;
            }
        }
    }
}

/// How the next claim is made.
struct Asking {
    /// How many requests are asked for if there are seats: more after all were granted, and one more than were granted
    /// otherwise.
    wanted: usize,
    /// Nothing is granted earlier unless the worker is woken.
    not_before: Instant,
}

/// What a request needs before it is granted: one of the worker's slots, and an open connection.
struct Seat {
    slot: OwnedSemaphorePermit,
    connection: Connection,
}

/// Returns the next granted requests, or `None` after the order to stop.
async fn next(
    account: &Account,
    claimant: &mut Claimant,
    asking: &mut Asking,
) -> Option<Vec<Work>> {
    let mut slot = account
        .stopping
        .run_until_cancelled(Arc::clone(&account.slots).acquire_owned())
        .await?
        .ok()?;
    let rest = asking.not_before.saturating_duration_since(Instant::now());
    account.stopping.run_until_cancelled(sleep(account, rest)).await?;
    let mut backoff = Backoff::default();
    loop {
        let connection = account.stopping.run_until_cancelled(warm_connection(account)).await?;
        let seats = seats(account, Seat { slot, connection }, asking.wanted).await;
        let claim_tokens: Vec<String> = seats.iter().map(|_| fresh_claim_token()).collect();
        let place = account.stopping.run_until_cancelled(account.process.claims.enter()).await??;
        // From here to the end of the claim nothing may be interrupted: grants may be on their way.
        let before = Instant::now();
        let wish = Wish {
            claim_tokens: &claim_tokens,
            held: account.running.count(),
            has_room: account.slots.available_permits() > 0,
        };
        let claim = claimant.claim(&wish, account.durability_in_force()).await;
        note_standing(account, &claim).await;
        note_replica(account, &claim);
        let granted =
            if let Ok(Claim::Granted(granted)) = &claim { granted.grants.len() } else { 0 };
        // Fewer seats than wanted say nothing of the queue.
        let wanted =
            if granted == seats.len() { asking.wanted.max(granted * 2) } else { granted + 1 };
        // Half of the slots at most: while the answers of one half are awaited, the other half is claimed.
        asking.wanted = wanted.min(WANTED_MAX).min(account.options.concurrency.div_ceil(2));
        let nap = match claim {
            Ok(Claim::Granted(Granted { grants, rest })) => {
                account.redis_outage.works(account.name());
                asking.not_before = Instant::now() + rest.min(SLEEP_MAX);
                return accept(account, grants, seats, Begun { before, place }).await;
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
                slot = leave(account, seats)?;
                drop(place);
                account.stopping.run_until_cancelled(redis_answers(account)).await?;
                continue;
            }
        };
        drop(place);
        account.redis_outage.works(account.name());
        backoff.reset();
        slot = leave(account, seats)?;
        account.stopping.run_until_cancelled(sleep(account, nap)).await?;
    }
}

/// Follows what the queue says of the worker's key; once it is known to be the account's, its settings count.
async fn note_standing(account: &Account, claim: &Result<Claim<Granted>, StoreError>) {
    let standing = match claim {
        Ok(Claim::Stranger { reason, .. }) => Standing::Stranger(reason.clone()),
        Ok(Claim::Granted(granted))
            if granted.grants.iter().any(|grant| grant.kind == GrantKind::Probe) =>
        {
            return;
        }
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
fn note_replica(account: &Account, claim: &Result<Claim<Granted>, StoreError>) {
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

/// Returns so many seats as are free, the `first` among them; none is waited for.
async fn seats(account: &Account, first: Seat, wanted: usize) -> Vec<Seat> {
    let mut seats = vec![first];
    while seats.len() < wanted
        && let Ok(slot) = Arc::clone(&account.slots).try_acquire_owned()
        && let Some(connection) = account.connections.take_idle().await
    {
        seats.push(Seat { slot, connection });
    }
    seats
}

/// Leaves the seats to others, but for one slot.
fn leave(account: &Account, seats: Vec<Seat>) -> Option<OwnedSemaphorePermit> {
    let mut slots = seats.into_iter().map(|seat| {
        account.connections.put(seat.connection);
        seat.slot
    });
    let kept = slots.next();
    slots.for_each(drop);
    kept
}

async fn accept(
    account: &Account,
    grants: Vec<Grant>,
    mut seats: Vec<Seat>,
    begun: Begun,
) -> Option<Vec<Work>> {
    leave(account, seats.split_off(grants.len().min(seats.len())));
    let mut granted = Vec::with_capacity(grants.len());
    for (grant, Seat { slot, connection }) in grants.into_iter().zip(seats) {
        let latest = begun.before + grant.send_within;
        let slot = if grant.runs_alone() { all_slots(account, slot) } else { slot };
        let held = account.running.hold(grant, slot);
        granted.push(Work { held, connection: Mutex::new(connection), latest, place: None });
    }
    if let Some(first) = granted.first_mut() {
        first.place = Some(begun.place);
    }
    if account.stopping.is_cancelled() {
        for work in granted {
            give_back(account, &work.held, Unused::Stopping).await;
        }
        return None;
    }
    Some(granted)
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
    held.note_ending();
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

/// Sleeps for `nap`, at most 5 s, or until this worker is told that work may be ready. Where another one was told, it
/// looks some time later whether that one was there.
async fn sleep(account: &Account, nap: Duration) {
    if nap.is_zero() {
        return;
    }
    let other_is_late = async {
        account.other_woken.notified().await;
        tokio::time::sleep(rand::random_range(OTHER_LATE)).await;
    };
    tokio::select! {
        () = tokio::time::sleep(nap.min(SLEEP_MAX)) => {}
        () = account.woken.notified() => {}
        () = other_is_late => {}
    }
}

#[cfg(test)]
mod tests;
