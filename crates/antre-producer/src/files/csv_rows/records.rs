//! CSV's rows and cells, read strictly.
//!
//! A cell in quotation marks ends at its second mark, inner marks are doubled, and nothing follows the
//! second one but blanks. A cell without them holds none, except for `="0812"`, by which programs keep
//! zeros. Whatever breaks that is a fault: a mark too many or too few moves the borders of cells and
//! rows, so that customers would vanish inside the text of others.

use std::io::{self, BufRead};

use crate::files::source::{Item, Source};

/// One row.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    /// Where each cell ends in `bytes`.
    ends: Vec<usize>,
    /// The line in which it begins.
    pub(super) line: u64,
}

impl Record {
    /// Returns the cells without the blanks around them.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends);
        ranges.map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn begin(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.line = line;
    }

    /// Ends a cell. One that was written `="0812"` loses its equals sign here, where its marks are known.
    fn end_cell(&mut self, is_formula: bool) {
        if is_formula {
            self.bytes.remove(self.ends.last().copied().unwrap_or_default());
        }
        self.ends.push(self.bytes.len());
    }

    fn broken(&self, breach: Breach) -> Read {
        Read::Broken(self.ends.len(), breach)
    }
}

/// What is wrong with the borders of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breach {
    /// A mark inside a cell that does not begin with one.
    StrayMark,
    /// Text behind the second mark, in this line.
    TextBehindMark(u64),
    /// The file ends before the second mark.
    NeverClosed,
    /// The row is larger than it may be.
    TooLarge,
}

/// What a read yields.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    Row,
    /// In the cell of this position. The record holds what came before it.
    Broken(usize, Breach),
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the cell's first character.
    Start,
    Plain,
    /// Behind `=`, where a mark may begin the text.
    Equals,
    Quoted,
    /// Behind a mark that may be the second or the first half of a doubled one.
    Mark,
    /// Behind the second mark and a blank.
    Closed,
}

/// Reads rows.
#[derive(Debug)]
pub(super) struct Records<R> {
    pub(super) source: Source<R>,
    separator: u8,
    bytes_max: usize,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(source: Source<R>, separator: u8, bytes_max: usize) -> Self {
        Self { source, separator, bytes_max }
    }

    /// Reads one row into `record`. After a breach the next line is the next row.
    pub(super) fn read(&mut self, record: &mut Record) -> io::Result<Read> {
        record.begin(self.source.line());
        let mut state = State::Start;
        let mut is_formula = false;
        loop {
            let line = self.source.line();
            let item = match self.source.next()? {
                None if record.bytes.is_empty()
                    && record.ends.is_empty()
                    && state == State::Start =>
                {
                    return Ok(Read::End);
                }
                None if state == State::Quoted => return Ok(record.broken(Breach::NeverClosed)),
                None => {
                    record.end_cell(is_formula);
                    return Ok(Read::Row);
                }
                Some(item) => item,
            };
            if record.bytes.len() > self.bytes_max {
                let is_quoted = state == State::Quoted;
                self.skip(item, is_quoted)?;
                return Ok(record.broken(Breach::TooLarge));
            }
            match item {
                Item::LineEnd(end) if state == State::Quoted => record.bytes.extend_from_slice(end),
                Item::LineEnd(_) => {
                    record.end_cell(is_formula);
                    return Ok(Read::Row);
                }
                Item::Byte(byte) if byte == self.separator && state != State::Quoted => {
                    record.end_cell(is_formula);
                    (state, is_formula) = (State::Start, false);
                }
                Item::Byte(byte) => match step(state, byte, line) {
                    Ok((next, kept)) => {
                        is_formula |= state == State::Equals && next == State::Quoted;
                        record.bytes.extend(kept.then_some(byte));
                        state = next;
                    }
                    Err(breach) => {
                        self.source.skip_line()?;
                        return Ok(record.broken(breach));
                    }
                },
            }
        }
    }

    /// Skips the rest of a row that is too large: of the file, if nothing shows where the row ends.
    fn skip(&mut self, item: Item, is_quoted: bool) -> io::Result<()> {
        if is_quoted {
            while self.source.next()?.is_some() {}
        } else if matches!(item, Item::Byte(_)) {
            self.source.skip_line()?;
        }
        Ok(())
    }
}

/// Returns the state behind the byte, and whether the byte belongs to the cell.
fn step(state: State, byte: u8, line: u64) -> Result<(State, bool), Breach> {
    let is_blank = byte == b' ' || byte == b'\t';
    match (state, byte) {
        (State::Start, _) if is_blank => Ok((State::Start, false)),
        (State::Start | State::Equals, b'"') => Ok((State::Quoted, false)),
        (State::Start, b'=') => Ok((State::Equals, true)),
        (State::Plain, b'"') => Err(Breach::StrayMark),
        (State::Start | State::Plain | State::Equals, _) => Ok((State::Plain, true)),
        (State::Quoted, b'"') => Ok((State::Mark, false)),
        (State::Mark, b'"') | (State::Quoted, _) => Ok((State::Quoted, true)),
        (State::Mark | State::Closed, _) if is_blank => Ok((State::Closed, false)),
        (State::Mark | State::Closed, _) => Err(Breach::TextBehindMark(line)),
    }
}

#[cfg(test)]
mod tests;
