//! CSV: a line of column names, then one job per row.

mod header;

use std::io::BufRead;

use antre_protocol::job::MAX_JOB_BYTES;
use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

use super::{FileError, RowFaults, cell, column::Column, row::Node};
use crate::CheckedJob;

/// Yields the jobs of the rows.
#[derive(Debug)]
pub(super) struct CsvRows<R> {
    reader: Reader<R>,
    record: ByteRecord,
    columns: Vec<Option<Column>>,
    lines_before: u64,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the column names.
    pub(super) fn new(mut source: R) -> Result<Self, FileError> {
        let header = header::read(&mut source)?;
        let reader = ReaderBuilder::new()
            .delimiter(header.delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(source);
        let record = ByteRecord::new();
        Ok(Self { reader, record, columns: header.columns, lines_before: header.lines })
    }

    fn job(&self) -> Result<CheckedJob, FileError> {
        let line = self.line();
        if self.record.as_slice().len() > MAX_JOB_BYTES {
            let message = format!(
                "the row is larger than {MAX_JOB_BYTES} bytes; is a quotation mark not closed?"
            );
            return Err(RowFaults::of_line(line, message).into());
        }
        let json = self.json(line)?;
        CheckedJob::from_json(json).map_err(|invalid| {
            RowFaults::of_job(line, &invalid, |field| self.column_of(field)).into()
        })
    }

    /// Returns the row as a job's JSON.
    fn json(&self, line: u64) -> Result<String, RowFaults> {
        let mut faults = RowFaults::default();
        if self.record.len() < self.columns.len() {
            let (cells, columns) = (self.record.len(), self.columns.len());
            let message = format!(
                "the row has {cells} cells where the first line has {columns}; empty cells need their \
                 separators too"
            );
            faults.add(line, None, message);
        }
        let mut job = Node::empty_object();
        for (position, bytes) in self.record.iter().enumerate() {
            let Some(column) = self.columns.get(position).and_then(Option::as_ref) else {
                if !bytes.is_empty() {
                    let message = format!("cell {} has no column name above it", position + 1);
                    faults.add(line, None, message);
                }
                continue;
            };
            let mut fault = |what: &str| {
                faults.add(line, Some(&column.name), format!("{} {what}", column.field));
            };
            match std::str::from_utf8(bytes).map(|text| (text, cell::to_json(column.kind, text))) {
                Ok(("", _)) => {}
                Ok((_, Ok(json))) => {
                    job.put(&column.path, json);
                }
                Ok((_, Err(what))) => fault(&what),
                Err(_not_utf_8) => fault("is not UTF-8; save the file as CSV UTF-8"),
            }
        }
        if faults.count > 0 {
            return Err(faults);
        }
        let mut json = String::new();
        job.write(&mut json);
        Ok(json)
    }

    fn line(&self) -> u64 {
        self.lines_before + self.record.position().map_or(0, csv::Position::line)
    }

    /// Returns the name of the column that holds the field, or the nearest one above it.
    fn column_of(&self, field: &str) -> Option<String> {
        let columns = || self.columns.iter().flatten();
        let is_in = |column: &&Column| {
            field == column.field
                || field.strip_prefix(&column.field).is_some_and(|rest| rest.starts_with('.'))
        };
        columns().find(is_in).map(|column| column.name.clone())
    }
}

impl<R: BufRead> Iterator for CsvRows<R> {
    type Item = Result<CheckedJob, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) if self.record.iter().all(<[u8]>::is_empty) => {}
                Ok(true) => return Some(self.job()),
                Ok(false) => return None,
                Err(error) => return Some(Err(FileError::Io(error.into()))),
            }
        }
    }
}

#[cfg(test)]
mod tests;
