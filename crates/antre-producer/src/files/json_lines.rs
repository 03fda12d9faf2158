//! JSON Lines: one job per line.

use std::io::{self, BufRead, Read};

use antre_protocol::job::MAX_JOB_BYTES;

use super::{FileError, RowFaults};
use crate::CheckedJob;

/// The longest line that is kept: enough for the largest job and blanks around it.
const LINE_BYTES_MAX: u64 = 2 * 256 * 1024;

const ARRAY_HINT: &str = "the file is one JSON array; write one job per line, without brackets and \
     commas between them";

/// Yields the jobs of the lines.
#[derive(Debug)]
pub(super) struct JsonLines<R> {
    reader: R,
    line: u64,
    is_over: bool,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: 0, is_over: false }
    }

    /// Reads one line, cut at its limit. Returns whether there was one.
    fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let read = self.reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', line)?;
        if line.last() != Some(&b'\n') && u64::try_from(read).unwrap_or(u64::MAX) == LINE_BYTES_MAX
        {
            self.skip_line()?;
        }
        self.line += 1;
        Ok(read > 0)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (used, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(position) => (position + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }

    fn check(&mut self, text: &[u8]) -> Result<CheckedJob, FileError> {
        if text.starts_with(b"[") {
            self.is_over = true;
            return Err(RowFaults::of_line(self.line, ARRAY_HINT).into());
        }
        if text.len() > MAX_JOB_BYTES {
            let message = format!("the job is larger than {MAX_JOB_BYTES} bytes");
            return Err(RowFaults::of_line(self.line, message).into());
        }
        CheckedJob::from_json(text)
            .map_err(|invalid| RowFaults::of_job(self.line, &invalid, |_| None).into())
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Result<CheckedJob, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        while !self.is_over {
            match self.read_line(&mut line) {
                Ok(true) if line.trim_ascii().is_empty() => {}
                Ok(true) => return Some(self.check(line.trim_ascii())),
                Ok(false) => return None,
                Err(error) => return Some(Err(error.into())),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
