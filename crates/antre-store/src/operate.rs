//! The operators' commands: pause, resume, retry, discard, cancel, move.

use std::{fmt, str::FromStr, time::Duration};

use antre_core::state::State;
use redis::Value;

use crate::{
    Queue, StoreError,
    decode::{Reply, unexpected},
    script::{ACCEPT_KEY, CANCEL, DISCARD, MOVE_INBOX, PAUSE, RECHECK, RESUME, RETRY},
    status::WORKER_SILENT,
};

/// Jobs per [`Queue::retry`] and [`Queue::discard`] at most.
pub const OPERATE_MAX: usize = 100;

/// What became of a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It waits again, with a full budget.
    Revived,
    /// There is no such job.
    Unknown,
    /// It is not dead.
    NotDead,
    /// It would fail in the same way: it never became a job of its own (no valid job, or in conflict with another).
    Unchangeable,
    /// Its bill is another job's by now.
    Replaced,
}

impl FromStr for Retried {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "revived" => Self::Revived,
            "unknown" => Self::Unknown,
            "not_dead" => Self::NotDead,
            "unchangeable" => Self::Unchangeable,
            "replaced" => Self::Replaced,
            _ => return Err(()),
        })
    }
}

/// What became of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// It is cancelled; no request of it was sent.
    Cancelled,
    /// There is no such job.
    Unknown,
    /// There may be an invoice, or will be.
    TooLate(TooLate),
    /// It had ended in this state.
    Ended(State),
}

/// Why a job can no longer be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLate {
    /// A request of it runs.
    Running,
    /// A request of it may have had an effect.
    Ambiguous,
    /// It is a duplicate: the bill is another job's.
    Duplicate,
}

impl TooLate {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Running, Self::Ambiguous, Self::Duplicate];

    /// Returns the word that the script uses, as it stands behind "the job is".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ambiguous => "ambiguous",
            Self::Duplicate => "duplicate",
        }
    }
}

impl FromStr for TooLate {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word).ok_or(())
    }
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of a person's word about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAccepted {
    /// The key with this fingerprint is the account's from now on.
    Accepted(String),
    /// No such key waits for it.
    NoneWaits,
    /// Several wait: their fingerprints.
    Several(Vec<String>),
    /// The key is known to be another account at Xendit or of another mode; the word says which.
    Other(String),
    /// So many jobs have not ended, and would be sent to the other account.
    Unfinished(u64),
}

/// A person's word about a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyWord<'a> {
    /// The beginning of the key's fingerprint; empty for the only key that waits.
    pub fingerprint: &'a str,
    /// Who says it.
    pub who: &'a str,
    /// Whether the account is another one at Xendit, or of another mode, from now on.
    pub is_other_account: bool,
}

/// What became of a move of jobs from an inbox that they lie in by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// So many jobs are in the right inbox now, and so many are left in the wrong one.
    Moved {
        /// Moved by this call.
        jobs: u64,
        /// Left for the next one.
        left: u64,
    },
    /// No worker has ever served the account that they are for.
    Unserved,
    /// A worker serves the account that they lie in, and takes them.
    Served,
}

impl Queue {
    /// Moves up to [`OPERATE_MAX`] jobs into this account's inbox out of the one of `wrong`, which may be any text
    /// that somebody wrote as an account. They get new ids. Each call is one step: repeating it moves no job twice.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::WrongType`] when the wrong inbox is no stream.
    pub async fn take_inbox_of(&self, wrong: &str) -> Result<Moved, StoreError> {
        let prefix = format!("antre:{{{wrong}}}:");
        let inbox = format!("{prefix}inbox");
        let keys = [self.keys().prefix(), &inbox];
        let silent_ms = WORKER_SILENT.as_millis().to_string();
        let arguments = [prefix.as_str(), &OPERATE_MAX.to_string(), &silent_ms];
        let mut connection = self.redis().calls();
        let items: Vec<Value> = MOVE_INBOX.run_on(&mut connection, &keys, &arguments).await?;
        let mut reply = Reply::new("move_inbox", items);
        Ok(match reply.next::<String>()?.as_str() {
            "moved" => Moved::Moved { jobs: reply.parse()?, left: reply.parse()? },
            "unserved" => Moved::Unserved,
            "served" => Moved::Served,
            other => return Err(reply.unexpected(other)),
        })
    }

    /// Takes a person's word that a key is this account's.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn accept_key(&self, word: KeyWord<'_>) -> Result<KeyAccepted, StoreError> {
        let other = if word.is_other_account { "1" } else { "" };
        let items: Vec<Value> = self.run(&ACCEPT_KEY, &[word.fingerprint, word.who, other]).await?;
        let mut reply = Reply::new("accept_key", items);
        Ok(match reply.next::<String>()?.as_str() {
            "accepted" => KeyAccepted::Accepted(reply.next()?),
            "none" => KeyAccepted::NoneWaits,
            "several" => KeyAccepted::Several(reply.next()?),
            "other" => KeyAccepted::Other(reply.next()?),
            "unfinished" => KeyAccepted::Unfinished(reply.parse()?),
            other => return Err(reply.unexpected(other)),
        })
    }

    /// Lets every waiting job begin with a look-up, and every job accepted within `new_for`: invoices may exist
    /// that this Redis does not know. Returns how many jobs wait.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn recheck(&self, new_for: Duration, who: &str) -> Result<u64, StoreError> {
        let new_for_ms = new_for.as_millis().to_string();
        let items: Vec<Value> = self.run(&RECHECK, &[new_for_ms.as_str(), who]).await?;
        let mut reply = Reply::new("recheck", items);
        match reply.next::<String>()?.as_str() {
            "rechecking" => reply.parse(),
            other => Err(reply.unexpected(other)),
        }
    }

    /// Stops granting until resumed, or for `length`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn pause(
        &self,
        who: &str,
        why: &str,
        length: Option<Duration>,
    ) -> Result<(), StoreError> {
        let length_ms = length.map(|length| length.as_millis().to_string()).unwrap_or_default();
        let _reply: Vec<Value> = self.run(&PAUSE, &[who, why, &length_ms]).await?;
        Ok(())
    }

    /// Lifts a person's pause. Returns whether there was one.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn resume(&self, who: &str) -> Result<bool, StoreError> {
        let reply: Vec<String> = self.run(&RESUME, &[who]).await?;
        Ok(reply.first().is_some_and(|word| word == "resumed"))
    }

    /// Brings up to [`OPERATE_MAX`] dead jobs back.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn retry(&self, ids: &[String]) -> Result<Vec<Retried>, StoreError> {
        let words: Vec<String> = self.run(&RETRY, ids).await?;
        words
            .iter()
            .map(|word| word.parse().map_err(|()| StoreError::reply("retry", unexpected(word))))
            .collect()
    }

    /// Removes up to [`OPERATE_MAX`] dead jobs for good. Returns how many were dead.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn discard(&self, ids: &[String]) -> Result<usize, StoreError> {
        let words: Vec<String> = self.run(&DISCARD, ids).await?;
        Ok(words.iter().filter(|word| *word == "discarded").count())
    }

    /// Cancels a job of which no request can have had an effect.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn cancel(&self, id: &str) -> Result<Cancelled, StoreError> {
        let items: Vec<Value> = self.run(&CANCEL, &[id]).await?;
        let mut reply = Reply::new("cancel", items);
        Ok(match reply.next::<String>()?.as_str() {
            "cancelled" => Cancelled::Cancelled,
            "unknown" => Cancelled::Unknown,
            "too_late" => Cancelled::TooLate(reply.word()?),
            "ended" => Cancelled::Ended(reply.word()?),
            other => return Err(reply.unexpected(other)),
        })
    }
}
