//! The faults of a file, row by row.

use std::{fmt, io};

use antre_core::InvalidJob;

/// Why a file's jobs could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file could not be read to its end.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file has faults.
    #[error(transparent)]
    Rows(#[from] RowFaults),
}

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The column's name, where the fault is in one.
    pub column: Option<String>,
    /// The field, what is wrong with it and what to do. Holds no value of the file.
    pub message: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The faults of a file: the first in detail, all counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults {
    /// The first faults, at most [`RowFaults::SHOWN_MAX`].
    pub first: Vec<RowFault>,
    /// How many there are.
    pub count: usize,
}

impl RowFaults {
    /// How many faults are kept in detail.
    pub const SHOWN_MAX: usize = 20;

    pub(super) fn add(&mut self, line: u64, column: Option<&str>, message: impl Into<String>) {
        self.count += 1;
        if self.first.len() < Self::SHOWN_MAX {
            let column = column.map(str::to_owned);
            self.first.push(RowFault { line, column, message: message.into() });
        }
    }

    pub(super) fn merge(&mut self, others: Self) {
        self.count += others.count;
        let room = Self::SHOWN_MAX.saturating_sub(self.first.len());
        self.first.extend(others.first.into_iter().take(room));
    }

    /// Returns the single fault of a line.
    pub(super) fn of_line(line: u64, message: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(line, None, message);
        faults
    }

    /// Returns the faults of a job; `column_of` finds the column of a field.
    pub(super) fn of_job(
        line: u64,
        invalid: &InvalidJob,
        column_of: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut faults = Self::default();
        for fault in invalid.faults() {
            // The job is one line of the file, so its own count of lines misleads.
            let message = fault.message.replace(" at line 1 column ", " at column ");
            faults.add(line, column_of(&fault.field).as_deref(), message);
        }
        faults
    }
}

impl fmt::Display for RowFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} fault{plural}, nothing was sent", self.count)?;
        self.first.iter().try_for_each(|fault| write!(f, "\n{fault}"))?;
        let more = self.count.saturating_sub(self.first.len());
        if more > 0 { write!(f, "\nand {more} more") } else { Ok(()) }
    }
}

impl std::error::Error for RowFaults {}
