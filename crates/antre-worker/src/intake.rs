//! Intake: what is submitted becomes jobs.

use std::{sync::Arc, time::Duration};

use antre_protocol::{
    account::AccountName,
    job::{self, InvalidJob, Job, MAX_JOB_BYTES},
    notification,
};
use antre_store::{
    Redis, StoreError,
    doorbell::Doorbell,
    intake::{ACCEPT_MAX, InboxEntry, Submission},
};

use crate::{account::Account, outage::Backoff};

/// How long one blocking read waits.
const BLOCK: Duration = Duration::from_secs(5);
/// How long to leave a bulk to the worker that takes it in.
const LEASED_NAP: Duration = Duration::from_millis(25);
/// One byte more than a job may have, so that a longer one is seen.
const VALUE_BYTES_MAX: usize = MAX_JOB_BYTES + 1;
/// What is kept of an entry that is no job.
const RAW_BYTES_MAX: usize = 4 * 1024;

/// Takes in for all accounts until it is dropped; opens another connection when one is lost.
pub async fn take_in(redis: Redis, accounts: Vec<Arc<Account>>) {
    let names: Vec<AccountName> =
        accounts.iter().map(|account| account.options.name.clone()).collect();
    let mut backoff = Backoff::default();
    loop {
        let heard = hear(&redis, &names, &accounts, &mut backoff).await;
        if let (Err(error), Some(first)) = (heard, accounts.first()) {
            first.redis_outage.failed(first.name(), &error);
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

async fn hear(
    redis: &Redis,
    names: &[AccountName],
    accounts: &[Arc<Account>],
    backoff: &mut Backoff,
) -> Result<(), StoreError> {
    let mut doorbell = Doorbell::open(redis, names, BLOCK).await?;
    loop {
        for (position, entry) in doorbell.rung(VALUE_BYTES_MAX).await? {
            let Some(account) = accounts.get(position) else { continue };
            match take(account, entry).await {
                Err(error) if !error.is_passing() => {
                    // This account's data is at fault: the others must not wait for it.
                    account.redis_outage.failed(account.name(), &error);
                    tokio::time::sleep(LEASED_NAP).await;
                }
                taken => taken?,
            }
        }
        backoff.reset();
    }
}

/// Takes in what was heard, and a portion of what lies behind it.
async fn take(account: &Account, heard: InboxEntry) -> Result<(), StoreError> {
    // One submitted job is taken in from what was heard; only a bulk is worth the leave to read it.
    accept(account, &[heard]).await?;
    if account.queue.inbox_length().await? > 0 && run_once(account).await? == 0 {
        tokio::time::sleep(LEASED_NAP).await;
    }
    Ok(())
}

/// Takes in up to 64 entries. Returns how many were read; none while another worker takes a bulk in.
///
/// # Errors
/// Any [`StoreError`]; what was not accepted stays in the inbox.
pub async fn run_once(account: &Account) -> Result<usize, StoreError> {
    let entries = account.queue.read_inbox(ACCEPT_MAX, VALUE_BYTES_MAX, &account.worker.name).await?;
    accept(account, &entries).await?;
    Ok(entries.len())
}

async fn accept(account: &Account, entries: &[InboxEntry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let settings = account.options.notification;
    let max_retries = account.options.max_retries;
    let submissions: Vec<Submission> =
        entries.iter().map(|entry| submission(entry, settings, max_retries)).collect();
    if account.queue.accept(&submissions).await?.jobs > 0 {
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
        [(name, value)] if name == b"job" => job::parse(value),
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
    let payer = job.payer_in(settings.region);
    let digest = |digest: Option<antre_protocol::payer::Digest>| {
        digest.map(|digest| digest.to_string()).unwrap_or_default()
    };
    Submission {
        id: entry.id.clone(),
        external_id: job.external_id.clone(),
        amount: job.amount.to_string(),
        currency: bill_currency(job),
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
        ..Submission::default()
    }
}

/// An absent currency is the account's own; Xendit's Indonesian accounts bill in rupiah.
fn bill_currency(job: &Job) -> String {
    job.currency.clone().filter(|currency| currency != "IDR").unwrap_or_default()
}

fn invalid(entry: &InboxEntry, fault: &InvalidJob) -> Submission {
    let raw: Vec<u8> = entry
        .fields
        .iter()
        .find(|(name, _)| name == b"job")
        .or_else(|| entry.fields.first())
        .map(|(_, value)| value.iter().take(RAW_BYTES_MAX).copied().collect())
        .unwrap_or_default();
    let mut raw = String::from_utf8_lossy(&raw).into_owned();
    // What stands for an unreadable byte is longer than the byte.
    raw.truncate(raw.floor_char_boundary(RAW_BYTES_MAX));
    Submission {
        id: entry.id.clone(),
        error_code: "invalid".to_owned(),
        error_message: fault.to_string(),
        data: raw.into_bytes(),
        ..Submission::default()
    }
}

#[cfg(test)]
mod tests;
