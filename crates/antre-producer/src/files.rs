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
//! they are names. Columns are separated by `,`, `;` or tabs, whichever the first line has most.
//!
//! An empty cell is an absent field. Known numbers (`amount`, `invoice_duration`, `reminder_time`,
//! `items.*.quantity`, `items.*.price`, `fees.*.value`, `max_retries`) are passed on digit by digit;
//! `check_first`, `is_vip` and Xendit's `should_…` are `true` or `false`; a cell that begins with `[`
//! or `{` is JSON, except in fields that are always text; everything else is text, so that the zero of
//! `0812…` survives. Nothing is guessed where money or an address could change: a decimal comma,
//! `350.000` (350 or 350 thousand?) and what a spreadsheet has spoiled (`6.28E+12`) are faults.
//!
//! Byte order marks and Windows line ends are understood. Faults name line and column and never repeat
//! a value.
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
mod json_lines;
mod row;

use std::{io::BufRead, path::Path};

use csv_rows::CsvRows;
use json_lines::JsonLines;

pub use self::fault::{FileError, RowFault, RowFaults};
use crate::CheckedJob;

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
        let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
        match start.trim_ascii_start().first() {
            Some(b'{' | b'[') => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Yields the jobs of a file one by one, checked, or the faults of each row that is none.
///
/// Goes on after faulty rows, so that all faults can be told; ends after a fault of the whole file.
#[derive(Debug)]
pub struct Jobs<R>(Rows<R>);

#[derive(Debug)]
enum Rows<R> {
    JsonLines(JsonLines<R>),
    Csv(Box<CsvRows<R>>),
    Broken(Option<FileError>),
}

/// Returns the jobs in `reader`; without a format its content decides.
///
/// Reads as it goes and blocks as long as the reader does.
pub fn jobs<R: BufRead>(mut reader: R, format: Option<Format>) -> Jobs<R> {
    let rows = match begin(&mut reader, format) {
        Ok(Format::JsonLines) => Ok(Rows::JsonLines(JsonLines::new(reader))),
        Ok(Format::Csv) => CsvRows::new(reader).map(|rows| Rows::Csv(Box::new(rows))),
        Err(error) => Err(error),
    };
    Jobs(rows.unwrap_or_else(|error| Rows::Broken(Some(error))))
}

/// Skips a byte order mark and returns the format.
fn begin(reader: &mut impl BufRead, format: Option<Format>) -> Result<Format, FileError> {
    let start = reader.fill_buf()?;
    fault::refuse_utf_16(start)?;
    let format = format.unwrap_or_else(|| Format::of_content(start));
    let has_mark = start.starts_with(BYTE_ORDER_MARK);
    reader.consume(if has_mark { BYTE_ORDER_MARK.len() } else { 0 });
    Ok(format)
}

impl<R: BufRead> Iterator for Jobs<R> {
    type Item = Result<CheckedJob, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        let job = match &mut self.0 {
            Rows::JsonLines(lines) => lines.next()?,
            Rows::Csv(rows) => rows.next()?,
            Rows::Broken(error) => Err(error.take()?),
        };
        if matches!(job, Err(FileError::Io(_))) {
            self.0 = Rows::Broken(None);
        }
        Some(job)
    }
}

/// Returns all jobs in `reader`, for files that fit into memory (about as large as the file).
///
/// # Errors
/// [`FileError::Rows`] with all faults, in detail the first of them; [`FileError::Io`].
pub fn read_all(
    reader: impl BufRead,
    format: Option<Format>,
) -> Result<Vec<CheckedJob>, FileError> {
    let mut all = Vec::new();
    check_each(reader, format, |job| all.push(job))?;
    Ok(all)
}

/// Reads a file to its end and returns the number of its jobs: the first pass over a file that is too
/// large for memory. The second is [`jobs`] into [`Producer::enqueue_each`](crate::Producer::enqueue_each).
///
/// # Errors
/// As [`read_all`].
///
/// # Examples
/// ```no_run
/// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
/// use std::{fs::File, io::BufReader, path::Path};
///
/// use antre_producer::files::{self, FileError, Format};
///
/// let path = Path::new("december.csv");
/// let open = || Ok::<_, FileError>(BufReader::new(File::open(path)?));
/// let total = files::check(open()?, Format::of_path(path))?;
/// println!("{total} jobs are fine");
/// let jobs = files::jobs(open()?, Format::of_path(path));
/// let ids = producer.enqueue_each(jobs, |_progress| {}).await?;
/// # Ok(())
/// # }
/// ```
pub fn check(reader: impl BufRead, format: Option<Format>) -> Result<usize, FileError> {
    let mut count = 0;
    check_each(reader, format, |_job| count += 1)?;
    Ok(count)
}

fn check_each(
    reader: impl BufRead,
    format: Option<Format>,
    mut on_job: impl FnMut(CheckedJob),
) -> Result<(), FileError> {
    let mut faults = RowFaults::default();
    for job in jobs(reader, format) {
        match job {
            Ok(job) if faults.count == 0 => on_job(job),
            Ok(_) => {}
            Err(FileError::Rows(more)) => faults.merge(more),
            Err(error @ FileError::Io(_)) => return Err(error),
        }
    }
    if faults.count > 0 { Err(faults.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
