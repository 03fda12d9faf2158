//! A file's bytes as UTF-8, and where its lines end.

mod utf16;

use std::io::{self, BufRead, Chain, Cursor, Read};

use self::utf16::{Order, Utf16};

/// As much of the beginning as tells what a file is.
const START_BYTES: u64 = 1024;
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF_16_MARK_BYTES: usize = 2;

/// One byte, or one end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Byte(u8),
    /// LF, CR or both, as old and new programs of three systems write it.
    LineEnd(&'static [u8]),
}

/// Bytes one by one, with the number of the line that they are in.
#[derive(Debug)]
pub(super) struct Source<R> {
    text: Text<Chain<Cursor<Vec<u8>>, R>>,
    line: u64,
    has_mark: bool,
}

#[derive(Debug)]
enum Text<R> {
    /// Taken as it is.
    Utf8(R),
    Utf16(Utf16<R>),
}

impl<R: BufRead> Source<R> {
    /// Skips a byte order mark, which may say that the file is UTF-16. Returns the source and the file's
    /// beginning as UTF-8.
    pub(super) fn open(mut reader: R) -> io::Result<(Self, Vec<u8>)> {
        let mut start = Vec::new();
        let read = reader.by_ref().take(START_BYTES).read_to_end(&mut start);
        // What came before an error is read first; a reader that failed fails again.
        if start.is_empty() {
            read?;
        }
        if let Some(order) = Order::of_mark(&start) {
            let start = start.split_off(UTF_16_MARK_BYTES);
            let beginning = Utf16::new(start.as_slice(), order).read_all()?;
            let text = Text::Utf16(Utf16::new(Cursor::new(start).chain(reader), order));
            return Ok((Self { text, line: 1, has_mark: true }, beginning));
        }
        let has_mark = start.starts_with(BYTE_ORDER_MARK);
        // A second one comes of a program that put its own before that of another.
        let mut beginning = start.as_slice();
        while let Some(rest) = beginning.strip_prefix(BYTE_ORDER_MARK) {
            beginning = rest;
        }
        let beginning = beginning.to_vec();
        let text = Text::Utf8(Cursor::new(beginning.clone()).chain(reader));
        Ok((Self { text, line: 1, has_mark }, beginning))
    }

    /// Returns the number of the line in which the next byte is, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Returns whether the file began with a byte order mark.
    pub(super) fn has_mark(&self) -> bool {
        self.has_mark
    }

    /// Returns what comes next, or nothing at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Item>> {
        let Some(byte) = self.take_byte()? else { return Ok(None) };
        let end: &[u8] = match byte {
            b'\n' => b"\n",
            b'\r' if self.peek()? == Some(b'\n') => {
                self.consume(1);
                b"\r\n"
            }
            b'\r' => b"\r",
            byte => return Ok(Some(Item::Byte(byte))),
        };
        self.line += 1;
        Ok(Some(Item::LineEnd(end)))
    }

    /// Reads a line without its end into `line`; what is beyond `most` bytes is left out.
    /// Returns whether there was one.
    pub(super) fn read_line(&mut self, line: &mut Vec<u8>, most: usize) -> io::Result<bool> {
        line.clear();
        let mut is_there = false;
        while let Some(item) = self.next()? {
            is_there = true;
            match item {
                Item::LineEnd(_) => break,
                Item::Byte(byte) if line.len() < most => line.push(byte),
                Item::Byte(_) => {}
            }
        }
        Ok(is_there)
    }

    /// Skips the rest of the line.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        while let Some(Item::Byte(_)) = self.next()? {}
        Ok(())
    }

    fn take_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        match &mut self.text {
            Text::Utf8(reader) => first_byte(reader),
            Text::Utf16(text) => Ok(text.fill_buf()?.first().copied()),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match &mut self.text {
            Text::Utf8(reader) => reader.consume(bytes),
            Text::Utf16(text) => text.consume(bytes),
        }
    }
}

/// Returns the byte that comes next, and leaves it there.
fn first_byte(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        match reader.fill_buf() {
            Ok(buffer) => return Ok(buffer.first().copied()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
