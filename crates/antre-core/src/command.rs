//! What a program may ask for beside jobs: to cancel, or to retry. It writes that into the inbox, too.
//!
//! Reading it never panics, and takes time and memory in proportion to the text, which may be anything.

use std::iter;

use serde::Deserialize;
use serde_json::Value;

use crate::job::{
    Fault, FaultCode, Faults, Fields, InvalidJob, MAX_BATCH_CHARACTERS, MAX_EXTERNAL_ID_CHARACTERS,
    object_in,
};
use crate::job_id::{JobId, JobIdError};
use crate::job_result::JobError;
use crate::raw_object::RawObject;

/// The most characters of a reason, and of the name of who asks.
pub const MAX_NOTE_CHARACTERS: usize = 200;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Cancel jobs that have not been sent.
    Cancel,
    /// Bring dead jobs back.
    Retry,
}

impl CommandKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Cancel, Self::Retry];

    /// Returns the name of the entry's field that holds such a command.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Retry => "retry",
        }
    }

    /// Returns the kind whose field has this name.
    pub fn of_field(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().as_bytes() == name)
    }
}

/// The jobs that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One job.
    Job(JobId),
    /// The job that a bill belongs to.
    ExternalId(String),
    /// All jobs of a batch.
    Batch(String),
    /// All dead jobs; only a retry can be about them.
    AllDead,
}

/// A valid command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// What is asked for.
    pub kind: CommandKind,
    /// For which jobs.
    pub target: Target,
    /// Whether no open invoice of the bills may be left; only a cancel can ask for that.
    pub expire: bool,
    /// Why, for people.
    pub reason: Option<String>,
    /// Who asks, for people.
    pub by: Option<String>,
}

impl Command {
    /// Returns a cancel of these jobs; all dead ones cannot be its target.
    pub const fn cancel(target: Target) -> Self {
        Self { kind: CommandKind::Cancel, target, expire: false, reason: None, by: None }
    }

    /// Returns a retry of these jobs.
    pub const fn retry(target: Target) -> Self {
        Self { kind: CommandKind::Retry, target, expire: false, reason: None, by: None }
    }

    /// Returns the JSON that [`parse`] reads.
    pub fn to_json(&self) -> String {
        let (name, value) = match &self.target {
            Target::Job(id) => (TARGETS[0], Value::from(id.as_str())),
            Target::ExternalId(name) => (TARGETS[1], Value::from(name.as_str())),
            Target::Batch(name) => (TARGETS[2], Value::from(name.as_str())),
            Target::AllDead => (ALL_DEAD, Value::from(true)),
        };
        let notes = [("reason", &self.reason), ("by", &self.by)];
        let notes = notes.into_iter().filter_map(|(name, note)| {
            note.as_deref().map(|note| (name.to_owned(), Value::from(note)))
        });
        let expire = self.expire.then(|| ("expire".to_owned(), Value::from(true)));
        let fields = iter::once((name.to_owned(), value)).chain(expire).chain(notes);
        Value::Object(fields.collect()).to_string()
    }
}

/// What became of a command: its kind has the counts that it has, the others are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CommandAnswer {
    /// Jobs that are cancelled, also those that were before.
    pub cancelled: u64,
    /// Jobs and invoices whose end is not known yet: the answer changes until this is 0.
    pub resolving: u64,
    /// Done jobs whose invoice has expired.
    pub expired: u64,
    /// Jobs whose invoice was paid before it could be expired.
    pub paid: u64,
    /// Jobs that a cancel does not stop, or whose invoice could not be expired.
    pub too_late: u64,
    /// Dead jobs that wait again.
    pub retried: u64,
    /// Jobs that are not dead, or would fail in the same way.
    pub not_retryable: u64,
    /// 1 if there is no such job, bill or batch.
    pub not_found: u64,
    /// What is wrong with the command; nothing was done then.
    pub error: Option<JobError>,
}

const ALL_DEAD: &str = "all_dead";
const TARGETS: [&str; 3] = ["job", "external_id", "batch"];

/// Returns the command in an inbox entry's field of this kind.
///
/// # Errors
/// Everything that is wrong with the text.
pub fn parse(kind: CommandKind, raw: &[u8]) -> Result<Command, InvalidJob> {
    let (_text, object) = object_in(raw).map_err(|invalid| invalid.about(kind.as_str()))?;
    let mut faults = Faults::default();
    let target = target(kind, &object, &mut faults);
    let mut fields = Fields::new(&object, "", &mut faults);
    let expire = kind == CommandKind::Cancel && fields.boolean("expire").unwrap_or(false);
    let reason = note("reason", &mut fields);
    let by = note("by", &mut fields);
    refuse_unknown(kind, &object, &mut faults);
    match (target, faults.into_invalid_job()) {
        (_, Some(invalid)) => Err(invalid),
        (Some(target), None) => Ok(Command { kind, target, expire, reason, by }),
        (None, None) => Err(no_target(kind).into()),
    }
}

fn target(kind: CommandKind, object: &RawObject, faults: &mut Faults) -> Option<Target> {
    let mut fields = Fields::new(object, "", faults);
    let job = fields.text("job", |text| text.parse::<JobId>().is_ok(), &job_rule());
    let external_id = fields.text("external_id", |_| true, "");
    fields.check_length("external_id", external_id.as_deref(), MAX_EXTERNAL_ID_CHARACTERS);
    let batch = fields.text("batch", |_| true, "");
    fields.check_length("batch", batch.as_deref(), MAX_BATCH_CHARACTERS);
    let all_dead = kind == CommandKind::Retry && fields.boolean(ALL_DEAD).unwrap_or(false);
    let named = [
        job.and_then(|text| text.parse().ok()).map(Target::Job),
        external_id.map(Target::ExternalId),
        batch.map(Target::Batch),
        all_dead.then_some(Target::AllDead),
    ];
    let mut named = named.into_iter().flatten();
    let target = named.next();
    if named.next().is_some() {
        faults.push(no_target(kind));
    }
    target
}

/// Who writes an id of another kind is told what one looks like.
fn job_rule() -> String {
    JobIdError.to_string().replacen("is not a", "a", 1)
}

fn no_target(kind: CommandKind) -> Fault {
    let more = if kind == CommandKind::Retry { ", or all_dead" } else { "" };
    let what = format!("must name its jobs by exactly one of {}{more}", TARGETS.join(", "));
    Fault::of(FaultCode::MissingField, kind.as_str(), what)
}

/// Returns a text that people read in events.
fn note(name: &str, fields: &mut Fields<'_>) -> Option<String> {
    let note = fields.text(name, |text| !text.contains(char::is_control), "one line")?;
    fields.check_length(name, Some(&note), MAX_NOTE_CHARACTERS);
    Some(note)
}

fn refuse_unknown(kind: CommandKind, object: &RawObject, faults: &mut Faults) {
    let own = match kind {
        CommandKind::Cancel => "expire",
        CommandKind::Retry => ALL_DEAD,
    };
    let known = [&TARGETS[..], &["reason", "by", own]].concat();
    for name in object.names().filter(|name| !known.contains(name)) {
        if faults.has_more() {
            break;
        }
        let what = format!("is not a field of a {}; it has {}", kind.as_str(), known.join(", "));
        Fields::new(object, "", faults).fault(FaultCode::UnknownField, name, what);
    }
}

#[cfg(test)]
mod tests;
