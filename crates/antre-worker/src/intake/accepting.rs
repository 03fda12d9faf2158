//! What becomes of entries that were read: jobs, dead jobs that say what is wrong with them, and commands.

use antre_core::{
    command::{self, CommandKind},
    job::{InvalidJob, Job},
};
use antre_store::{
    StoreError,
    intake::{InboxEntry, Submission},
};
use antre_xendit::body::{self, notification};

use crate::{account::Account, commands};

/// What is kept of an entry that is no job.
const RAW_BYTES_MAX: usize = 4 * 1024;

/// Takes entries in by their order: a command is about those before it.
pub(super) async fn accept(account: &Account, entries: &[InboxEntry]) -> Result<(), StoreError> {
    let mut accepted = Ok(());
    for run in entries.chunk_by(|entry, next| command_kind(entry).or(command_kind(next)).is_none())
    {
        let taken = match run.first().and_then(|first| Some((first, command_kind(first)?))) {
            Some((entry, kind)) => take_command(account, entry, kind).await,
            None => accept_jobs(account, run).await,
        };
        if taken.as_ref().is_err_and(StoreError::concerns_server) {
            return taken;
        }
        accepted = accepted.and(taken);
    }
    accepted
}

/// Returns which command the entry is, if it is none of a job.
fn command_kind(entry: &InboxEntry) -> Option<CommandKind> {
    match entry.fields.as_slice() {
        [(name, _)] => CommandKind::of_field(name),
        _ => None,
    }
}

async fn take_command(
    account: &Account,
    entry: &InboxEntry,
    kind: CommandKind,
) -> Result<(), StoreError> {
    let text = entry.fields.first().map(|(_, value)| value.as_slice()).unwrap_or_default();
    let command = command::parse(kind, text);
    if account.queue.take_command(&entry.id, kind, &command).await? {
        commands::go_on(account).await?;
    }
    Ok(())
}

async fn accept_jobs(account: &Account, entries: &[InboxEntry]) -> Result<(), StoreError> {
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
