//! Intake: submitted entries become jobs.

use std::{future::pending, sync::Arc, time::Duration};

use antre_core::{
    account::AccountName,
    backoff::Backoff,
    job::{InvalidJob, Job, MAX_JOB_BYTES},
};
use antre_operating::{NO_REPLICA, UNREPLICATED_AFTER};
use antre_store::{
    Redis, StoreError,
    claim::Durability,
    inbox_listener::InboxListener,
    intake::{ACCEPT_MAX, InboxEntry, Submission},
};
use antre_xendit::body::{self, notification};

use tokio::{sync::watch, time::Instant};

use crate::{account::Account, link::Link, servers::Share};
use resting::Resting;

mod resting;

/// How long one blocking read waits.
const BLOCK: Duration = Duration::from_secs(5);
/// How long a replica has at once to confirm what was submitted.
const REPLICA_WAIT: Duration = Duration::from_secs(1);
/// How long to leave a bulk to the worker that takes it in.
const LEASED_NAP: Duration = Duration::from_millis(25);
/// One byte more than a job may have, so that a longer one is seen.
const VALUE_BYTES_MAX: usize = MAX_JOB_BYTES + 1;
/// What is kept of an entry that is no job.
const RAW_BYTES_MAX: usize = 4 * 1024;

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

async fn accept(account: &Account, entries: &[InboxEntry]) -> Result<(), StoreError> {
    let settings = account.options.notification;
    let max_retries = account.options.max_retries;
    let submissions: Vec<Submission> =
        entries.iter().map(|entry| submission(entry, settings, max_retries)).collect();
    match hand_over(account, &submissions).await {
        Err(error) if submissions.len() > 1 && !error.concerns_server() => {
            // One of them is at fault: the others are taken in all the same.
            let mut accepted = Ok(());
            for submission in &submissions {
                let alone = hand_over(account, std::slice::from_ref(submission)).await;
                accepted = accepted.and(alone);
            }
            accepted
        }
        accepted => accepted,
    }
}

async fn hand_over(account: &Account, submissions: &[Submission]) -> Result<(), StoreError> {
    if submissions.is_empty() {
        return Ok(());
    }
    if account.queue.accept_as(&account.worker.name, submissions).await?.jobs > 0 {
        // Our own claimer need not wait for the news to come back from Redis.
        account.woken.notify_one();
    }
    Ok(())
}

/// Returns what `entry` is: a job, or a dead one that says what is wrong with it.
pub fn submission(
    entry: &InboxEntry,
    settings: notification::Settings,
    max_retries: u32,
) -> Submission {
    let parsed = match entry.fields.as_slice() {
        [(name, value)] if name == b"job" => body::parse(value),
        _ => Err(InvalidJob::wrong_entry()),
    };
    match parsed {
        Ok(job) => valid(entry, &job, settings, max_retries),
        Err(fault) => invalid(entry, &fault),
    }
}

fn valid(
    entry: &InboxEntry,
    job: &Job,
    settings: notification::Settings,
    max_retries: u32,
) -> Submission {
    let payer = body::payer_in(job, settings.region);
    let digest = |digest: Option<antre_core::payer::Digest>| {
        digest.map(|digest| digest.to_string()).unwrap_or_default()
    };
    Submission {
        id: entry.id.clone(),
        external_id: job.bill.external_id.clone(),
        amount: job.bill.amount.to_string(),
        currency: body::billed::other_currency(&job.bill).unwrap_or_default().to_owned(),
        payer_email: digest(payer.email),
        payer_mobile: digest(payer.mobile),
        priority: job.priority.as_str().to_owned(),
        run_at: job.run_at_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        batch: job.batch.clone().unwrap_or_default(),
        reference: job.reference.clone().unwrap_or_default(),
        check_first: if job.check_first { "1".to_owned() } else { String::new() },
        max_attempts: (job.max_retries.unwrap_or(max_retries) + 1).to_string(),
        traceparent: job.traceparent.clone().unwrap_or_default(),
        data: entry.fields.first().map(|(_, value)| value.clone()).unwrap_or_default(),
        // Each field is named here, so that a new one is not forgotten.
        error_code: String::new(),
        error_message: String::new(),
    }
}

fn invalid(entry: &InboxEntry, fault: &InvalidJob) -> Submission {
    let sent: &[u8] = entry
        .fields
        .iter()
        .find(|(name, _)| name == b"job")
        .or_else(|| entry.fields.first())
        .map(|(_, value)| value.as_slice())
        .unwrap_or_default();
    let mut seen = body::glimpse(sent);
    if seen.external_id.is_none() {
        seen.external_id = body::glimpse(&as_form(&entry.fields)).external_id;
    }
    let kept = sent.get(..RAW_BYTES_MAX).unwrap_or(sent);
    let mut raw = String::from_utf8_lossy(kept).into_owned();
    // What stands for an unreadable byte is longer than the byte.
    raw.truncate(raw.floor_char_boundary(RAW_BYTES_MAX));
    Submission {
        id: entry.id.clone(),
        error_code: "invalid".to_owned(),
        error_message: fault.to_string(),
        external_id: seen.external_id.unwrap_or_default(),
        batch: seen.batch.unwrap_or_default(),
        reference: seen.reference.unwrap_or_default(),
        data: raw.into_bytes(),
        ..Submission::default()
    }
}

/// Returns all fields of an entry as one text: who gives none the name `job` may have written the invoice's own.
fn as_form(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let parts: Vec<_> = fields
        .iter()
        .map(|(name, value)| [name.as_slice(), value.as_slice()].join(&b'='))
        .collect();
    parts.join(&b'&')
}

#[cfg(test)]
mod tests;
