//! Jobs from files: JSON Lines, or CSV as spreadsheets and billing systems write it.
//!
//! **JSON Lines**: each line one job as the wire protocol has it
//! (`{"invoice":{"external_id":"INV-1","amount":350000},"priority":"high"}`); empty lines are skipped.
//!
//! **CSV**: the first line names the columns, each a dotted path:
//!
//! | column | becomes |
//! |---|---|
//! | `priority`, `run_at`, `batch`, `reference`, `check_first`, `max_retries`, `traceparent` | that field of the job |
//! | `is_vip`, `tipe`, `type`, also with `customer.` before them | the job's customer attributes, from which the priority follows |
//! | `job.…` | that field of the job, whatever its name |
//! | `invoice.…` | that field of the invoice, whatever its name |
//! | any other: `external_id`, `amount`, `customer.mobile_number`, `items.0.name` | that field of the invoice |
//!
//! So `customer.given_names` is the payer (`invoice.customer`), and only the three attributes above go
//! to the job's own `customer`. Numbers in a path count the entries of a list from 0; below `metadata`
//! they are names. Columns are separated by `,`, `;`, `|` or tabs, whichever the first line has most.
//! A name that is nearly a field of the job is a fault, as it is in JSON.
//!
//! An empty cell is an absent field. Known numbers (`amount`, `invoice_duration`, `reminder_time`,
//! `items.*.quantity`, `items.*.price`, `fees.*.value`, `max_retries`) are passed on digit by digit;
//! `check_first`, `is_vip` and Xendit's `should_…` are `true` or `false`; a cell that begins with `[`
//! or `{` is JSON, except in fields that are always text; everything else is text, so that the zero of
//! `0812…` survives. Nothing is guessed where money or an address could change: a decimal comma,
//! `350.000` (350 or 350 thousand?), what a spreadsheet has spoiled (`6.28E+12`, `#REF!`, a formula, the
//! date `Des-26` as a name) and words for nothing in texts (`NULL`) are faults. What keeps zeros in spreadsheets, `="0812…"` and `'0812…`, is taken off. Telephone
//! numbers that went through a column of numbers (`6281234567890.0`) are repaired where every digit is
//! certain; names of bills and the like in such a form are faults.
//!
//! Rows are read strictly, since a quotation mark too many or too few hides customers: marks inside a
//! cell are doubled, every row has as many cells as the first line, and a cell over several lines that
//! looks like other rows is a fault. Two rows of one bill are a fault if they differ; else a remark.
//!
//! Byte order marks, UTF-16 that has one, and the line ends of all systems are understood. Files that are
//! something else (a workbook, a web page, one JSON array, a file without a row) are refused with what they
//! are.
//! Faults name line and column and never repeat a value.
//!
//! # Examples
//! ```
//! use antre_producer::files;
//!
//! let csv = "external_id;amount;customer.mobile_number;priority\r\nINV-1;350000;081234567890;high\r\n";
//! let jobs = files::read_all(csv.as_bytes(), None)?;
//! assert_eq!(
//!     String::from_utf8_lossy(jobs[0].json()),
//!     r#"{"invoice":{"external_id":"INV-1","amount":350000,"customer":{"mobile_number":"081234567890"}},"priority":"high"}"#
//! );
//!
//! let faults = files::read_all("external_id,amount\nINV-1,\"350,5\"\n".as_bytes(), None).unwrap_err();
//! assert!(faults.to_string().starts_with("1 fault, nothing was sent\nline 2, column amount: invoice.amount has a comma"));
//! # Ok::<(), antre_producer::files::FileError>(())
//! ```

mod cell;
mod column;
mod csv_rows;
mod fault;
mod foreign;
mod json_lines;
mod remark;
mod repeats;
mod review;
mod row;
mod source;

use std::{io::BufRead, path::Path};

use csv_rows::CsvRows;
use json_lines::JsonLines;
use source::Source;

pub use self::fault::{FileError, RowFault, RowFaults};
pub use self::remark::{Remark, RowRemark};
pub use self::review::{Bill, Form, Review, check, read_all};
use crate::CheckedJob;
pub use antre_xendit::body::notification::Settings;

/// How a file's jobs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line.
    JsonLines,
    /// One job per row below a row of column names.
    Csv,
}

impl Format {
    /// Returns the format that the file's name says: `.csv`, `.tsv` or `.jsonl`, `.ndjson`, `.json`.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// Returns the format that the content's beginning says: JSON begins with a brace.
    fn of_content(start: &[u8]) -> Self {
        match start.trim_ascii_start().first() {
            Some(b'{' | b'[') => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

/// Yields the jobs of a file one by one, checked, or the faults of each row that is none.
///
/// Goes on after faulty rows, so that all faults can be told; ends after a fault of the whole file. A
/// file without a job is a fault. What only all rows together show, two rows of one bill, is left to
/// [`check`] and [`read_all`].
#[derive(Debug)]
pub struct Jobs<R> {
    rows: Rows<R>,
    is_empty: bool,
    has_mark: bool,
}

#[derive(Debug)]
enum Rows<R> {
    JsonLines(JsonLines<R>),
    Csv(Box<CsvRows<R>>),
    Broken(Option<FileError>),
}

/// Returns the jobs in `reader`; without a format its content decides.
///
/// Reads as it goes and blocks as long as the reader does.
pub fn jobs<R: BufRead>(reader: R, format: Option<Format>) -> Jobs<R> {
    open(reader, format).unwrap_or_else(|error| Jobs {
        rows: Rows::Broken(Some(error)),
        is_empty: true,
        has_mark: false,
    })
}

fn open<R: BufRead>(reader: R, named: Option<Format>) -> Result<Jobs<R>, FileError> {
    let (source, start) = Source::open(reader)?;
    foreign::refuse(&start, named)?;
    let has_mark = source.has_mark();
    let rows = match named.unwrap_or_else(|| Format::of_content(&start)) {
        Format::JsonLines => Rows::JsonLines(JsonLines::new(source)),
        Format::Csv => Rows::Csv(Box::new(CsvRows::new(source)?)),
    };
    Ok(Jobs { rows, is_empty: true, has_mark })
}

impl<R: BufRead> Jobs<R> {
    /// Returns the next job and the line in which it begins.
    fn next_row(&mut self) -> Option<Result<(u64, CheckedJob), FileError>> {
        let row = match &mut self.rows {
            Rows::JsonLines(lines) => lines.next(),
            Rows::Csv(rows) => rows.next(),
            Rows::Broken(error) => error.take().map(Err),
        };
        let was_empty = std::mem::replace(&mut self.is_empty, false);
        match row {
            None if was_empty => Some(Err(RowFaults::of_line(1, NO_JOBS).into())),
            Some(Err(FileError::Io(error))) => {
                self.rows = Rows::Broken(None);
                Some(Err(error.into()))
            }
            row => row,
        }
    }

    /// Returns the name of the column that holds the field.
    fn column_of(&self, field: &str) -> Option<String> {
        match &self.rows {
            Rows::Csv(rows) => rows.column_of(field),
            Rows::JsonLines(_) | Rows::Broken(_) => None,
        }
    }

    /// Returns how the file is written.
    fn form(&self) -> Form {
        match &self.rows {
            Rows::Csv(rows) => {
                Form::Csv { separator: rows.separator(), has_byte_order_mark: self.has_mark }
            }
            Rows::JsonLines(_) | Rows::Broken(_) => Form::JsonLines,
        }
    }
}

const NO_JOBS: &str = "the file holds no job; is it the right one, and was it saved to its end?";

impl<R: BufRead> Iterator for Jobs<R> {
    type Item = Result<CheckedJob, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_row()?.map(|(_line, job)| job))
    }
}

#[cfg(test)]
mod tests;
