//! Remarks on a row that is sent.

use std::fmt;

use antre_core::Warning;

/// One remark on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRemark {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The column's name, where the remark is about one.
    pub column: Option<String>,
    /// The job's place among the file's jobs, from 0.
    pub position: usize,
    /// What there is to say.
    pub remark: Remark,
}

/// What there is to say of a row. Holds no value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The worker will make this warning of the job.
    Warning(Warning),
    /// The row is equal to the one in this line. That is a note.
    RepeatOf(u64),
}

impl RowRemark {
    /// Returns the warning, unless it is a note on the file.
    pub const fn warning(&self) -> Option<&Warning> {
        match &self.remark {
            Remark::Warning(warning) => Some(warning),
            Remark::RepeatOf(_) => None,
        }
    }
}

impl fmt::Display for RowRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        match &self.remark {
            Remark::Warning(warning) => write!(f, ": warning: {warning}"),
            Remark::RepeatOf(line) => write!(
                f,
                ": note: is the same as line {line}; it is one bill, gets one invoice, and both rows get \
                 its link"
            ),
        }
    }
}
