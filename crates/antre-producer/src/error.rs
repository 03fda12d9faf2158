//! The errors of a producer, sorted by the remedy.

use std::{fmt, time::Duration};

use antre_core::{AccountName, InvalidJob, JobId};
use antre_store::StoreError;

use crate::{BatchProgress, files::FileError};

/// The result of everything fallible here.
pub type Result<T> = std::result::Result<T, Error>;

/// How many accounts a message names at most.
const ACCOUNTS_SHOWN_MAX: usize = 10;

/// Why a job was not enqueued, or a result not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The job would be refused; nothing was sent.
    #[error("invalid job: {0}")]
    Invalid(#[from] InvalidJob),
    /// Some of many jobs would be refused; nothing was sent.
    #[error(transparent)]
    InvalidJobs(#[from] InvalidJobs),
    /// A file of jobs could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The invoice or customer cannot be written as JSON.
    #[error("the job cannot be written as JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// No worker ever served this account; nothing was sent.
    #[error("{}", not_served(account, known))]
    NotServed {
        /// The account that was asked for.
        account: AccountName,
        /// The accounts that workers serve or served.
        known: Vec<String>,
    },
    /// Sending many jobs stopped in the middle.
    #[error(transparent)]
    Interrupted(Box<Interrupted>),
    /// The job goes on; its result can be waited for again.
    #[error("job {id} has not ended within {limit:?}; it is not lost, wait again")]
    NotEnded {
        /// The job.
        id: JobId,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The batch goes on.
    #[error("batch {name} has not ended within {limit:?}: {progress}")]
    BatchNotEnded {
        /// The batch.
        name: String,
        /// How long it was waited for.
        limit: Duration,
        /// How far it is.
        progress: BatchProgress,
    },
    /// There is no such job.
    #[error(
        "job {id} is unknown: no such job was sent here, or it ended longer ago than results are kept"
    )]
    UnknownJob {
        /// The id that was asked for.
        id: JobId,
    },
    /// A result was written by something else than this version understands.
    #[error("the result of job {id} cannot be read: {source}")]
    UnreadableResult {
        /// The job.
        id: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Redis cannot be reached or refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn not_served(account: &AccountName, known: &[String]) -> String {
    let served = if known.is_empty() {
        "no account is served on this Redis".to_owned()
    } else {
        let more = if known.len() > ACCOUNTS_SHOWN_MAX { ", …" } else { "" };
        let shown: Vec<&str> = known.iter().take(ACCOUNTS_SHOWN_MAX).map(String::as_str).collect();
        format!("known accounts: {}{more}", shown.join(", "))
    };
    format!(
        "nobody serves account `{account}`: start a worker for it, or check the account's name and the \
         Redis address ({served})"
    )
}

/// Which of many jobs would be refused.
#[derive(Debug)]
pub struct InvalidJobs {
    /// Position (from 0) and faults of the first of them, at most [`InvalidJobs::SHOWN_MAX`].
    pub first: Vec<(usize, InvalidJob)>,
    /// How many there are.
    pub count: usize,
}

impl InvalidJobs {
    /// How many are kept in detail.
    pub const SHOWN_MAX: usize = 20;
}

impl fmt::Display for InvalidJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} invalid jobs, nothing was sent", self.count)?;
        for (position, invalid) in &self.first {
            write!(f, "\njob {}: {invalid}", position + 1)?;
        }
        let more = self.count.saturating_sub(self.first.len());
        if more > 0 { write!(f, "\nand {more} more") } else { Ok(()) }
    }
}

impl std::error::Error for InvalidJobs {}

/// Sending stopped in the middle: what is known of each job.
///
/// The jobs are those of the input in its order: first the sent ones, then the uncertain ones, and no
/// later one has left. Sending all from the first uncertain one again, or simply all, is safe.
#[derive(Debug, thiserror::Error)]
#[error(
    "stopped after {} jobs: {cause}{}", sent.len(),
    if *uncertain > 0 {
        format!("; the next {uncertain} may have been taken as well, sending them again is safe")
    } else {
        String::new()
    }
)]
pub struct Interrupted {
    /// The ids of the jobs that were taken: the first ones of the input.
    pub sent: Vec<JobId>,
    /// How many jobs after those may have been taken, because the answer was lost.
    pub uncertain: usize,
    /// Why.
    #[source]
    pub cause: Error,
}
