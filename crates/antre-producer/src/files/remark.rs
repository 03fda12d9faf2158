//! What somebody should know of a row that is sent all the same.

use std::{borrow::Cow, fmt};

use antre_protocol::Warning;

/// One remark on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRemark {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The column's name, where the remark is about one.
    pub column: Option<String>,
    /// The job's place among the file's jobs, from 0.
    pub position: usize,
    /// A stable word: [`RowRemark::REPEATED_ROW`], or a [`Warning`]'s.
    pub code: Cow<'static, str>,
    /// What it is, for a person. Holds no value of the file.
    pub message: String,
}

impl RowRemark {
    /// The row is equal to an earlier one. This is a note; every other remark is a warning of the job's.
    pub const REPEATED_ROW: &'static str = "repeated_row";

    pub(super) fn warning(line: u64, column: Option<String>, position: usize, of: Warning) -> Self {
        Self { line, column, position, message: of.to_string(), code: of.code }
    }

    pub(super) fn repeated(line: u64, position: usize, first: u64) -> Self {
        let message = format!(
            "is the same as line {first}; it is one bill, gets one invoice, and both rows get its link"
        );
        Self { line, column: None, position, code: Self::REPEATED_ROW.into(), message }
    }

    /// Returns whether it is a note on the file rather than a warning of the job's.
    pub fn is_note(&self) -> bool {
        self.code == Self::REPEATED_ROW
    }
}

impl fmt::Display for RowRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_note() { "note" } else { "warning" };
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {kind}: {}", self.message)
    }
}
