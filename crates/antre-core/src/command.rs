//! What a program may ask for beside jobs: to cancel, or to retry. It writes that into the inbox, too.
//!
//! Reading it never panics, and takes time and memory in proportion to the text, which may be anything.

use crate::job::{
    Fault, FaultCode, Faults, Fields, InvalidJob, MAX_BATCH_CHARACTERS, MAX_EXTERNAL_ID_CHARACTERS,
    object_in,
};
use crate::job_id::{JobId, JobIdError};
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
    let all_dead = kind == CommandKind::Retry && fields.boolean("all_dead").unwrap_or(false);
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
        CommandKind::Retry => "all_dead",
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
