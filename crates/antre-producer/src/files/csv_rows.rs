//! CSV: a line of column names, then one job per row.

mod header;
mod records;
mod swallowed;

use std::io::BufRead;

use antre_core::job::MAX_JOB_BYTES;

use self::records::{Breach, Read, Record, Records};
use self::swallowed::Shape;
use super::cell::{self, LongNumbers};
use super::column::{Column, Kind};
use super::source::Source;
use super::{FileError, RowFaults, row::Node};
use crate::CheckedJob;

/// Yields the jobs of the rows.
#[derive(Debug)]
pub(super) struct CsvRows<R> {
    records: Records<R>,
    record: Record,
    columns: Vec<Option<Column>>,
    /// By the columns.
    long_numbers: Vec<LongNumbers>,
    shape: Shape,
    is_over: bool,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the column names.
    pub(super) fn new(mut source: Source<R>) -> Result<Self, FileError> {
        let header = header::read(&mut source)?;
        let position = |field: &str| {
            let is_it =
                |column: &Option<Column>| column.as_ref().is_some_and(|it| it.field == field);
            header.columns.iter().position(is_it).unwrap_or(usize::MAX)
        };
        let shape = Shape {
            separator: header.separator,
            cells: header.columns.len(),
            external_id: position("invoice.external_id"),
            amount: position("invoice.amount"),
        };
        Ok(Self {
            records: Records::new(source, header.separator, MAX_JOB_BYTES),
            record: Record::default(),
            long_numbers: vec![LongNumbers::default(); header.columns.len()],
            columns: header.columns,
            shape,
            is_over: false,
        })
    }

    /// Returns the character between the cells.
    pub(super) fn separator(&self) -> u8 {
        self.shape.separator
    }

    fn job(&mut self) -> Result<CheckedJob, FileError> {
        let line = self.record.line;
        if self.is_heading() {
            let message = "the line of column names stands here again; remove it";
            return Err(RowFaults::of_line(line, message).into());
        }
        let json = self.json(line)?;
        CheckedJob::from_json(json).map_err(|invalid| {
            RowFaults::of_job(line, &invalid, |field| self.column_of(field)).into()
        })
    }

    /// Tells whether the row repeats the column names, as in files that were put together.
    fn is_heading(&self) -> bool {
        let mut names = self.record.cells().zip(&self.columns);
        self.record.len() == self.columns.len()
            && names.all(|(cell, column)| {
                let name = column.as_ref().map_or("", |column| &column.name);
                std::str::from_utf8(cell).is_ok_and(|cell| cell::trimmed(cell) == name)
            })
    }

    /// Returns the row as a job's JSON.
    fn json(&mut self, line: u64) -> Result<String, RowFaults> {
        let mut faults = RowFaults::default();
        let mut job = Node::empty_object();
        let (cells, columns) = (self.record.len(), self.columns.len());
        if cells != columns {
            let message = format!(
                "the row has {cells} cells where the first line has {columns}; a cell with a separator \
                 in it must stand in quotation marks, and empty cells need their separators too"
            );
            faults.add(line, None, message);
            return Err(faults);
        }
        for (position, bytes) in self.record.cells().enumerate() {
            let Some(column) = self.columns.get(position).and_then(Option::as_ref) else {
                if !is_blank(bytes) {
                    let message = format!("cell {} has no column name above it", position + 1);
                    faults.add(line, None, message);
                }
                continue;
            };
            if self.shape.has_swallowed(position, bytes) {
                faults.add(line, Some(&column.name), SWALLOWED);
                continue;
            }
            match cell::to_json(column.kind, bytes) {
                Ok(None) => {}
                Ok(Some(json)) => {
                    job.put(&column.path, json);
                }
                Err(what) => {
                    faults.add(line, Some(&column.name), format!("{} {what}", column.field));
                }
            }
        }
        self.look_at_names(line, &mut faults);
        if faults.count > 0 {
            return Err(faults);
        }
        let mut json = String::new();
        job.write(&mut json);
        Ok(json)
    }

    /// Looks at what only the file as a whole shows of the names in the row.
    fn look_at_names(&mut self, line: u64, faults: &mut RowFaults) {
        let cells = self.record.cells().zip(&self.columns).zip(&mut self.long_numbers);
        for ((bytes, column), long_numbers) in cells {
            let Some(column) = column.as_ref().filter(|column| column.kind == Kind::Identity)
            else {
                continue;
            };
            let text = std::str::from_utf8(bytes).map(cell::trimmed).unwrap_or_default();
            long_numbers.note(text, line);
            let no_bill = cell::is_no_bill(text);
            if let Some(what) = no_bill.filter(|_| column.field == "invoice.external_id") {
                faults.add(line, Some(&column.name), format!("{} {what}", column.field));
            }
        }
    }

    /// Returns the faults of whole columns, which show at the end.
    fn faults_of_columns(&self) -> RowFaults {
        let mut faults = RowFaults::default();
        for (column, numbers) in self.columns.iter().zip(&self.long_numbers) {
            if let Some((column, line)) = column.as_ref().zip(numbers.cut_from()) {
                faults.add(line, Some(&column.name), format!("{} {}", column.field, cell::CUT));
            }
        }
        faults
    }

    fn broken(&self, position: usize, breach: Breach) -> RowFaults {
        let column = self.columns.get(position).and_then(Option::as_ref);
        let message = match breach {
            Breach::StrayMark => {
                "a quotation mark stands in the middle of the cell; write the whole cell \
                 in quotation marks, and each mark inside it twice"
                    .to_owned()
            }
            Breach::TextBehindMark(line) => format!(
                "text follows the cell's closing quotation mark in line {line}: a mark before it is not \
                 closed, or a mark inside the text is not written twice"
            ),
            Breach::NeverClosed => {
                "the cell's quotation mark is not closed; the rest of the file stands inside it"
                    .to_owned()
            }
            Breach::TooLarge => format!(
                "the row is larger than {MAX_JOB_BYTES} bytes; is a quotation mark not closed?"
            ),
        };
        let mut faults = RowFaults::default();
        faults.add(self.record.line, column.map(|column| column.name.as_str()), message);
        faults
    }

    /// Returns the name of the column that holds the field, or the nearest one above it.
    pub(super) fn column_of(&self, field: &str) -> Option<String> {
        // Messages write places in lists as JSON does: `items[0].name`.
        let dotted = |field: &str| field.replace('[', ".").replace(']', "");
        let field = dotted(field);
        let is_in = |column: &&Column| {
            let rest = field.strip_prefix(&dotted(&column.field));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.columns.iter().flatten().find(is_in).map(|column| column.name.clone())
    }

    /// Returns the next job and its line.
    pub(super) fn next(&mut self) -> Option<Result<(u64, CheckedJob), FileError>> {
        while !self.is_over {
            match self.records.read(&mut self.record) {
                Ok(Read::Row) if self.record.cells().all(is_blank) => {}
                Ok(Read::Row) => {
                    let line = self.record.line;
                    return Some(self.job().map(|job| (line, job)));
                }
                Ok(Read::Broken(position, breach)) => {
                    return Some(Err(self.broken(position, breach).into()));
                }
                Ok(Read::End) => {
                    self.is_over = true;
                    let faults = self.faults_of_columns();
                    return (faults.count > 0).then(|| Err(faults.into()));
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error.into()));
                }
            }
        }
        None
    }
}

const SWALLOWED: &str = "the cell goes over several lines and holds what looks like other rows: a quotation \
     mark is missing or too many in this row or a later one";

fn is_blank(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| cell::trimmed(text).is_empty())
}

#[cfg(test)]
mod tests;
