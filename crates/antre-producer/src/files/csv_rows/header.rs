//! The first line: the separator and the columns.

use std::io::{BufRead, Read};

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::files::{FileError, RowFaults, column::Column, row::Node};

/// The longest first line.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// The comma first: it wins when none is there.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// The columns without which no row is a job.
const REQUIRED: [&str; 2] = ["invoice.external_id", "invoice.amount"];

/// What the first line says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// In order; absent where the name is empty.
    pub(super) columns: Vec<Option<Column>>,
    /// How many lines were read.
    pub(super) lines: u64,
}

/// Reads the first line that is not empty; a line `sep=;`, as Excel writes it, names the separator.
pub(super) fn read(source: &mut impl BufRead) -> Result<Header, FileError> {
    let mut lines = 0;
    let mut delimiter = None;
    loop {
        let Some(line) = read_line(source, &mut lines)? else {
            let message = "the file has no columns; its first line must name them, such as \
                 external_id,amount,customer.mobile_number";
            return Err(RowFaults::of_line(1, message).into());
        };
        match line.strip_prefix("sep=").map(str::as_bytes) {
            Some([separator]) => delimiter = Some(*separator),
            _ if line.is_empty() => {}
            _ => {
                let delimiter = delimiter.unwrap_or_else(|| most_frequent(&line));
                let columns = columns(&line, delimiter, lines)?;
                return Ok(Header { delimiter, columns, lines });
            }
        }
    }
}

fn read_line(source: &mut impl BufRead, lines: &mut u64) -> Result<Option<String>, FileError> {
    let mut line = Vec::new();
    let read = source.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    *lines += 1;
    let fault = |message: &str| FileError::from(RowFaults::of_line(*lines, message));
    if u64::try_from(read).unwrap_or(u64::MAX) == LINE_BYTES_MAX {
        return Err(fault("the line of column names is longer than 64 KiB; is this a CSV file?"));
    }
    let line = String::from_utf8(line).map_err(|_not_utf_8| {
        fault("the column names are not UTF-8; save the file as CSV UTF-8")
    })?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Returns the separator that the line has most, outside of quotation marks.
fn most_frequent(line: &str) -> u8 {
    let unquoted = line.split('"').step_by(2);
    let count = |delimiter: u8| -> usize {
        let bytes = unquoted.clone().flat_map(str::bytes);
        bytes.filter(|byte| *byte == delimiter).count()
    };
    // The last of the equal ones wins, so the comma comes last.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn columns(line: &str, delimiter: u8, number: u64) -> Result<Vec<Option<Column>>, FileError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .trim(Trim::All)
        .from_reader(line.as_bytes());
    let mut names = StringRecord::new();
    reader.read_record(&mut names).map_err(std::io::Error::from)?;
    let mut faults = RowFaults::default();
    let mut tree = Node::empty_object();
    let mut columns = Vec::with_capacity(names.len());
    for name in &names {
        if name.is_empty() {
            columns.push(None);
            continue;
        }
        match Column::parse(name) {
            Ok(column) if tree.put(&column.path, String::new()) => columns.push(Some(column)),
            Ok(_) => {
                let what = "is there twice, or contradicts another column";
                faults.add(number, Some(name), what);
            }
            Err(what) => faults.add(number, Some(name), what),
        }
    }
    if faults.count == 0 {
        let has = |field: &&str| columns.iter().flatten().any(|column| column.field == **field);
        for missing in REQUIRED.iter().filter(|field| !has(field)) {
            let name = missing.trim_start_matches("invoice.");
            faults.add(number, None, format!("there is no column {name}; each job needs it"));
        }
    }
    if faults.count > 0 { Err(faults.into()) } else { Ok(columns) }
}
