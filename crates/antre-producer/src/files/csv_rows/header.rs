//! The first line: the separator and the columns.

use std::io::BufRead;

use antre_xendit::body::INVOICE;

use super::records::{Read, Record, Records};
use crate::files::{
    FileError, RowFaults,
    cell::trimmed,
    column::{self, Column},
    row::Node,
    source::Source,
};

/// The longest first line.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// The comma first: it wins when none is there.
pub(super) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The columns without which no row is a job.
const REQUIRED: [&str; 2] = ["invoice.external_id", "invoice.amount"];

/// What the first line says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) separator: u8,
    /// In order; absent where the name is empty.
    pub(super) columns: Vec<Option<Column>>,
}

/// Reads the first line that is not empty; a line `sep=;`, as Excel writes it, names the separator.
pub(super) fn read(source: &mut Source<impl BufRead>) -> Result<Header, FileError> {
    let mut separator = None;
    loop {
        let number = source.line();
        let Some(line) = read_line(source)? else {
            let message = "the file is empty; its first line must name the columns, such as \
                 external_id,amount,customer.mobile_number";
            return Err(RowFaults::of_line(1, message).into());
        };
        if let Some(named) = named_separator(&line) {
            separator = Some(named.map_err(|message| RowFaults::of_line(number, message))?);
        } else if !is_blank(&line) {
            let separator = separator.unwrap_or_else(|| most_frequent(&line));
            let columns = columns(&line, separator, number)?;
            return Ok(Header { separator, columns });
        }
    }
}

fn read_line(source: &mut Source<impl BufRead>) -> Result<Option<String>, FileError> {
    let mut line = Vec::new();
    let number = source.line();
    let is_there = source.read_line(&mut line, LINE_BYTES_MAX)?;
    let fault = |message: &str| FileError::from(RowFaults::of_line(number, message));
    if line.len() == LINE_BYTES_MAX {
        return Err(fault("the line of column names is longer than 64 KiB; is this a CSV file?"));
    }
    let line = String::from_utf8(line).map_err(|_not_utf_8| {
        fault("the column names are not UTF-8; save the file as CSV UTF-8")
    })?;
    if line.contains('\0') {
        return Err(fault("the column names hold a NUL byte; remove it"));
    }
    Ok(is_there.then_some(line))
}

/// An empty row of a spreadsheet has separators.
fn is_blank(line: &str) -> bool {
    let is_separator = |byte: u8| SEPARATORS.contains(&byte) || byte == b'"';
    trimmed(line).bytes().all(|byte| is_separator(byte) || byte == b' ')
}

/// Returns what a line `sep=;` names; nothing if it is another line. Some programs put the line into
/// quotation marks, or fill it up with separators.
fn named_separator(line: &str) -> Option<Result<u8, &'static str>> {
    let line = trimmed(line).trim_matches('"');
    let (word, named) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case("sep=") {
        return None;
    }
    let separator = named.bytes().next().unwrap_or(b'\t');
    let is_one = named.trim_end_matches('"').bytes().all(|byte| byte == separator);
    Some(if is_one && SEPARATORS.contains(&separator) {
        Ok(separator)
    } else {
        Err(
            "the line sep= names another separator than , ; | or a tab; save the file with one of them",
        )
    })
}

/// Returns the separator that the line has most, outside of quotation marks.
fn most_frequent(line: &str) -> u8 {
    let unquoted = line.split('"').step_by(2);
    let count = |separator: u8| -> usize {
        let bytes = unquoted.clone().flat_map(str::bytes);
        bytes.filter(|byte| *byte == separator).count()
    };
    // The last of the equal ones wins, so the comma comes last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn columns(line: &str, separator: u8, number: u64) -> Result<Vec<Option<Column>>, FileError> {
    let names = names(line, separator, number)?;
    if !column::are_names(&names) {
        // The line may be a row; its cells must not be repeated in a message.
        return Err(RowFaults::of_line(number, missing("external_id")).into());
    }
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
        for field in REQUIRED.iter().filter(|field| !has(field)) {
            let name = field.trim_start_matches("invoice.");
            let hint = meant_for(name, &columns)
                .map(|meant| format!(". Did you mean it by the column {meant}? Write {name}"));
            faults.add(number, None, missing(name) + &hint.unwrap_or_default());
        }
    }
    if faults.count > 0 { Err(faults.into()) } else { Ok(columns) }
}

/// Returns the column that may have been meant for the field of the invoice.
fn meant_for<'a>(name: &str, columns: &'a [Option<Column>]) -> Option<&'a str> {
    let is_meant = |column: &&Column| {
        let field = column.field.strip_prefix("invoice.").unwrap_or_default();
        INVOICE.nearest(INVOICE.fields, "", field).as_deref() == Some(name)
    };
    columns.iter().flatten().find(is_meant).map(|column| column.name.as_str())
}

fn missing(name: &str) -> String {
    format!(
        "there is no column {name}; each job needs it. The first line must name the columns, with , ; | \
         or tabs between them"
    )
}

fn names(line: &str, separator: u8, number: u64) -> Result<Vec<String>, FileError> {
    let (source, _) = Source::open(line.as_bytes())?;
    let mut records = Records::new(source, separator, LINE_BYTES_MAX);
    let mut record = Record::default();
    let fault = |message: &str| FileError::from(RowFaults::of_line(number, message));
    if records.read(&mut record)? != Read::Row {
        return Err(fault(
            "a quotation mark in the line of column names is not closed, or stands in a name",
        ));
    }
    let names: Vec<String> =
        record.cells().map(|name| trimmed(&String::from_utf8_lossy(name)).to_owned()).collect();
    let holds_separator = |name: &String| name.bytes().any(|byte| SEPARATORS.contains(&byte));
    if names.iter().any(holds_separator) {
        return Err(fault(
            "a column name holds a separator: another program took whole lines for one cell, or the \
             separators differ. Save the file again with one separator, and names without it",
        ));
    }
    Ok(names)
}
