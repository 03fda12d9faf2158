//! The faults of a job, in words for its sender.

use std::fmt;

use serde::Serialize;

/// The most faults of one job that are told at once.
pub const MAX_FAULTS: usize = 5;

/// The most characters of a name that a message repeats.
const MAX_SHOWN_CHARACTERS: usize = 40;

/// What kind of fault it is; a closed list of stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultCode {
    /// The stream entry has not exactly one field named `job`.
    WrongEntry,
    /// The text is longer than [`MAX_JOB_BYTES`](super::MAX_JOB_BYTES).
    TooLarge,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is not JSON.
    NotJson,
    /// The client's options have compressed or serialized the text.
    Encoded,
    /// The JSON is not an object.
    NotAnObject,
    /// Nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// A required field is missing.
    MissingField,
    /// A field that a job does not have.
    UnknownField,
    /// One object has two fields of one name.
    DuplicateField,
    /// A text where a number is needed, and so on.
    WrongType,
    /// Too small, too large, too long or too many.
    OutOfRange,
    /// Right in type and size, but not of the form that is needed.
    InvalidValue,
}

impl FaultCode {
    /// Returns the stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongEntry => "wrong_entry",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::Encoded => "encoded",
            Self::NotAnObject => "not_an_object",
            Self::TooDeep => "too_deep",
            Self::MissingField => "missing_field",
            Self::UnknownField => "unknown_field",
            Self::DuplicateField => "duplicate_field",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::InvalidValue => "invalid_value",
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: FaultCode,
    /// Dotted path of the field, for example `invoice.amount`; `job` for the text as a whole.
    pub field: String,
    /// The field, what is wrong with it and what to do, for example `invoice.amount must be greater
    /// than 0`. Holds no value of the job.
    pub message: String,
}

impl Fault {
    /// Returns the fault of a field; `what` continues a sentence that begins with the field's path.
    pub fn of(code: FaultCode, field: &str, what: impl fmt::Display) -> Self {
        Self { code, field: field.to_owned(), message: format!("{field} {what}") }
    }

    /// Returns the fault of the text as a whole.
    pub(super) fn of_job(code: FaultCode, what: impl fmt::Display) -> Self {
        Self::of(code, "job", what)
    }
}

/// Why an entry is no job: one fault or several, the first of which decides the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidJob {
    first: Fault,
    others: Vec<Fault>,
    has_more: bool,
}

impl InvalidJob {
    /// Returns the refusal of an inbox entry that has not exactly one field named `job`.
    pub fn wrong_entry() -> Self {
        let what = "must be the entry's only field; write XADD … * job '{\"invoice\":{…}}'";
        Fault::of_job(FaultCode::WrongEntry, what).into()
    }

    /// Returns the refusal of a text as a whole that is no job but stands in an entry's field `name`.
    pub(crate) fn about(self, name: &str) -> Self {
        let Fault { code, field, message } = self.first;
        let what = message.strip_prefix(&field).unwrap_or(&message).trim_start();
        Fault::of(code, name, what).into()
    }

    /// Returns the first fault's code.
    pub const fn code(&self) -> FaultCode {
        self.first.code
    }

    /// Returns the first fault's field.
    pub fn field(&self) -> &str {
        &self.first.field
    }

    /// Returns all faults, the first one first; at most [`MAX_FAULTS`].
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// All messages with semicolons between them.
impl fmt::Display for InvalidJob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.first.message)?;
        self.others.iter().try_for_each(|fault| write!(formatter, "; {}", fault.message))?;
        formatter.write_str(if self.has_more { "; and more" } else { "" })
    }
}

impl std::error::Error for InvalidJob {}

impl From<Fault> for InvalidJob {
    fn from(first: Fault) -> Self {
        Self { first, others: Vec::new(), has_more: false }
    }
}

/// The faults found so far in one job.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    has_more: bool,
}

impl Faults {
    /// Adds a fault; beyond [`MAX_FAULTS`] only that there are more.
    pub fn push(&mut self, fault: Fault) {
        if self.found.len() < MAX_FAULTS {
            self.found.push(fault);
        } else {
            self.has_more = true;
        }
    }

    /// Tells whether there are more faults than are told.
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// Returns the refusal, or nothing if no fault was found.
    pub(crate) fn into_invalid_job(self) -> Option<InvalidJob> {
        let mut found = self.found.into_iter();
        let first = found.next()?;
        Some(InvalidJob { first, others: found.collect(), has_more: self.has_more })
    }
}

/// Returns a name from the job as a message may show it: short, and without control characters.
pub fn shown(name: &str) -> String {
    let mut characters = name.chars();
    let mut shown: String =
        characters.by_ref().take(MAX_SHOWN_CHARACTERS).flat_map(char::escape_debug).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
