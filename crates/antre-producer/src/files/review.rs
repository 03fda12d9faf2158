//! A file as a whole: all its faults, or its bills and the remarks on them.

use std::io::BufRead;

use antre_xendit::body::notification::Settings;

use super::{FileError, Format, Remark, RowFaults, RowRemark, jobs, repeats::Repeats};
use crate::CheckedJob;

/// How a file is written, so that another one can be written like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON object per line.
    JsonLines,
    /// A table.
    Csv {
        /// The character between cells.
        separator: u8,
        /// Whether it begins with a byte order mark, without which some spreadsheets do not read UTF-8.
        has_byte_order_mark: bool,
    },
}

/// A bill of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Its name.
    pub external_id: String,
    /// The line in which its row begins, from 1.
    pub line: u64,
}

/// What is to know of a file without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// How it is written.
    pub form: Form,
    /// One for each job, in the file's order.
    pub bills: Vec<Bill>,
    /// The warnings that the worker will make of each job's content, and notes on rows.
    pub remarks: Vec<RowRemark>,
}

/// Reads a file to its end: the first pass over one that is too large for memory. The second is
/// [`jobs`] into [`Producer::enqueue_each`](crate::Producer::enqueue_each).
///
/// The warnings are those of a worker with the same `settings`, made by the same code.
///
/// # Errors
/// [`FileError::Rows`] with all faults, in detail the first of them; [`FileError::Io`].
///
/// # Examples
/// ```no_run
/// # async fn example(producer: antre_producer::Producer) -> antre_producer::Result<()> {
/// use std::{fs::File, io::BufReader, path::Path};
///
/// use antre_producer::files::{self, FileError, Format, Settings};
///
/// let path = Path::new("december.csv");
/// let open = || Ok::<_, FileError>(BufReader::new(File::open(path)?));
/// let review = files::check(open()?, Format::of_path(path), Settings::default())?;
/// println!("{} jobs are fine", review.bills.len());
/// let jobs = files::jobs(open()?, Format::of_path(path));
/// let ids = producer.enqueue_each(jobs, |_progress| {}).await?;
/// # Ok(())
/// # }
/// ```
pub fn check(
    reader: impl BufRead,
    format: Option<Format>,
    settings: Settings,
) -> Result<Review, FileError> {
    let mut bills = Vec::new();
    let (form, remarks) = review(reader, format, settings, |line, job| {
        bills.push(Bill { external_id: job.external_id().to_owned(), line });
    })?;
    Ok(Review { form, bills, remarks })
}

/// Returns all jobs in `reader`, for files that fit into memory (about as large as the file).
///
/// # Errors
/// As [`check`].
pub fn read_all(
    reader: impl BufRead,
    format: Option<Format>,
) -> Result<Vec<CheckedJob>, FileError> {
    let mut all = Vec::new();
    review(reader, format, Settings::default(), |_line, job| all.push(job))?;
    Ok(all)
}

fn review(
    reader: impl BufRead,
    format: Option<Format>,
    settings: Settings,
    mut on_job: impl FnMut(u64, CheckedJob),
) -> Result<(Form, Vec<RowRemark>), FileError> {
    let mut jobs = jobs(reader, format);
    let (mut faults, mut remarks) = (RowFaults::default(), Vec::new());
    let mut repeats = Repeats::default();
    let mut position = 0;
    while let Some(row) = jobs.next_row() {
        let noted = row.and_then(|(line, job)| {
            let first = repeats.note(line, &job, |field| jobs.column_of(field))?;
            Ok((line, job, first))
        });
        match noted {
            Ok((line, job, first)) => {
                let remark = |column, remark| RowRemark { line, column, position, remark };
                remarks.extend(first.map(|first| remark(None, Remark::RepeatOf(first))));
                remarks.extend(job.warnings(settings).into_iter().map(|warning| {
                    let column = warning.field.as_deref().and_then(|field| jobs.column_of(field));
                    remark(column, Remark::Warning(warning))
                }));
                on_job(line, job);
                position += 1;
            }
            Err(FileError::Rows(more)) => faults.merge(more),
            Err(error @ FileError::Io(_)) => return Err(error),
        }
    }
    if faults.count > 0 { Err(faults.into()) } else { Ok((jobs.form(), remarks)) }
}

#[cfg(test)]
mod tests;
