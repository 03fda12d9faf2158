//! What programs ask for through the inbox: to cancel, or to retry.

use std::collections::BTreeMap;

use antre_core::{command::CommandKind, state::State};
use antre_model::machine::Reply;

use super::{Entry, Model, cancelling::KNOWN};

const WAITING_MAX: usize = 10;
const PORTION: usize = 50;

/// An id's place in the order of submission.
pub(crate) type Place = (u64, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandTarget {
    Job(String),
    ExternalId(String),
    Batch(String),
    AllDead,
}

#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) kind: CommandKind,
    pub(crate) target: CommandTarget,
    pub(crate) expire: bool,
    pub(crate) counts: BTreeMap<&'static str, i64>,
}

/// Cancels that were taken in before jobs that are older: the last of each target, and the last of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlyCancels {
    pub(crate) by_target: BTreeMap<String, String>,
    last: Option<String>,
}

impl CommandTarget {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Job(id) => format!("job:{id}"),
            Self::ExternalId(name) => format!("external_id:{name}"),
            Self::Batch(name) => format!("batch:{name}"),
            Self::AllDead => "all_dead:".to_owned(),
        }
    }
}

impl Model {
    /// Takes the command out of the inbox and does it, in as many portions as it needs.
    pub(crate) fn take_command(&mut self, id: &str, command: Command) {
        self.leave_inbox(id);
        let Command { kind, target, expire, .. } = command.clone();
        self.commands.insert(id.to_owned(), command);
        if kind == CommandKind::Cancel {
            self.note_early_cancel(id, &target.name());
        }
        let begun_ms = self.clock.unix_ms();
        let mut cursor = 0;
        loop {
            let found = self.targets(&target, cursor, begun_ms);
            if cursor == 0 && found.is_empty() && target != CommandTarget::AllDead {
                self.count_for(id, "not_found", 1);
            }
            for job in &found {
                let is_later = place(job) > place(id);
                let word = if is_later && matches!(target, CommandTarget::ExternalId(_)) {
                    // Such a bill is wanted again.
                    if kind == CommandKind::Cancel { "too_late" } else { "not_retryable" }
                } else if is_later && !matches!(target, CommandTarget::Job(_)) {
                    // What was submitted after it is not its matter.
                    KNOWN
                } else if kind == CommandKind::Cancel {
                    self.cancel_for(job, id, expire)
                } else {
                    self.retry_for(job)
                };
                if word != KNOWN {
                    self.count_for(id, word, 1);
                }
                if target != CommandTarget::AllDead || word != "retried" {
                    cursor += 1;
                }
            }
            if found.len() < PORTION {
                return;
            }
        }
    }

    fn retry_for(&mut self, id: &str) -> &'static str {
        match self.retry(id) {
            Reply::Revived => "retried",
            Reply::Impossible => "not_found",
            _ => "not_retryable",
        }
    }

    fn targets(&self, target: &CommandTarget, cursor: usize, begun_ms: u64) -> Vec<String> {
        let all = match target {
            CommandTarget::Job(id) => vec![id.clone()],
            CommandTarget::ExternalId(name) => {
                let job = self.bills.get(name).map(|bill| bill.job.clone());
                Vec::from_iter(job.filter(|job| !job.is_empty()))
            }
            CommandTarget::Batch(name) => self.batch_jobs.get(name).cloned().unwrap_or_default(),
            CommandTarget::AllDead => {
                let dead = self.records.iter().filter(|(_, record)| {
                    record.job.state == State::Dead
                        && record.duplicate_of.is_none()
                        && record.ended_at_ms <= begun_ms
                });
                let mut dead: Vec<_> =
                    dead.map(|(id, record)| (record.ended_at_ms, id.clone())).collect();
                dead.sort();
                dead.into_iter().map(|(_, id)| id).collect()
            }
        };
        all.into_iter().skip(cursor).take(PORTION).collect()
    }

    pub(super) fn count_for(&mut self, id: &str, word: &'static str, by: i64) {
        if let Some(command) = self.commands.get_mut(id) {
            let count = command.counts.entry(word).or_default();
            *count = (*count + by).max(0);
        }
    }

    /// What these cancels waited for has become `word`.
    pub(super) fn resolve(&mut self, waiting: &[String], word: &'static str) {
        for id in waiting {
            self.count_for(id, "resolving", -1);
            self.count_for(id, word, 1);
        }
    }

    pub(super) fn leave_inbox(&mut self, id: &str) {
        self.inbox.remove(&place(id));
    }

    fn has_older(&self, id: &str) -> bool {
        self.inbox.first().is_some_and(|first| *first < place(id))
    }

    fn note_early_cancel(&mut self, id: &str, target: &str) {
        if !self.has_older(id) {
            return;
        }
        let is_later = |known: &String| place(known) > place(id);
        let early = &mut self.early_cancels;
        if !early.by_target.get(target).is_some_and(is_later) {
            early.by_target.insert(target.to_owned(), id.to_owned());
        }
        if !early.last.as_ref().is_some_and(is_later) {
            early.last = Some(id.to_owned());
        }
    }

    /// Returns the cancel that was taken in before this entry, which was submitted before it.
    pub(crate) fn early_cancel_of(&self, entry: &Entry) -> Option<String> {
        let names = [
            format!("job:{}", entry.id),
            format!("external_id:{}", entry.external_id),
            format!("batch:{}", entry.batch),
        ];
        let known = names.iter().filter_map(|name| self.early_cancels.by_target.get(name));
        known.into_iter().find(|id| place(id) > place(&entry.id)).cloned()
    }

    pub(super) fn found_by_early_cancel(&mut self, id: &str) {
        self.count_for(id, "not_found", -1);
        self.count_for(id, "cancelled", 1);
    }

    pub(super) fn forget_early_cancels(&mut self) {
        let last = self.early_cancels.last.as_ref();
        if last.is_some_and(|last| !self.has_older(last)) {
            self.early_cancels = EarlyCancels::default();
        }
    }
}

/// Returns when the entry was submitted.
pub(crate) fn place(id: &str) -> Place {
    let (ms, sequence) = id.split_once('-').unwrap();
    (ms.parse().unwrap(), sequence.parse().unwrap())
}

/// Adds the id as the last one; the oldest give way.
pub(super) fn with(waiting: &mut Vec<String>, id: &str) {
    waiting.push(id.to_owned());
    waiting.drain(..waiting.len().saturating_sub(WAITING_MAX));
}
