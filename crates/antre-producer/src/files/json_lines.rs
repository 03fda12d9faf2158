//! JSON Lines: one job per line.

use std::io::BufRead;

use antre_core::job::MAX_JOB_BYTES;
use serde::de::IgnoredAny;

use super::source::{BYTE_ORDER_MARK, Source};
use super::{FileError, RowFaults, cell};
use crate::CheckedJob;

/// The longest line that is kept: enough for the largest job and blanks around it.
const LINE_BYTES_MAX: usize = 2 * MAX_JOB_BYTES;

const ARRAY: &str = "the file is one JSON array; write one job per line, without brackets and commas \
     between them, for example with jq -c '.[]'";
const SEVERAL_LINES: &str = "the JSON goes over several lines; write each job in one line, for example with \
     jq -c .";
const CUT_OFF: &str = "the JSON ends in the middle of the line; was the file cut off?";
const SEVERAL_JOBS: &str =
    "more follows behind the JSON; write one job per line, with nothing between them";

const NO_OBJECT: &str =
    "the line does not begin with {; each line must hold one job as a JSON object";
const NUL_BYTES: &str = "the line holds NUL bytes, as files do that were not written to their end; remove \
     what is damaged, or write the file again";

/// Yields the jobs of the lines.
#[derive(Debug)]
pub(super) struct JsonLines<R> {
    source: Source<R>,
    line: Vec<u8>,
    /// Where the line stands; taken again when it is the next one's turn already.
    number: u64,
    is_read: bool,
    is_over: bool,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        Self { source, line: Vec::new(), number: 0, is_read: false, is_over: false }
    }

    /// Reads the next line that is not blank. Returns whether there was one.
    fn read(&mut self) -> Result<bool, FileError> {
        if std::mem::take(&mut self.is_read) {
            return Ok(!self.line.is_empty());
        }
        loop {
            self.number = self.source.line();
            if !self.source.read_line(&mut self.line, LINE_BYTES_MAX)? {
                return Ok(false);
            }
            let is_blank = |text: &str| cell::trimmed(text).is_empty();
            if !std::str::from_utf8(&self.line).is_ok_and(is_blank) {
                return Ok(true);
            }
        }
    }

    fn check(&mut self) -> Result<(u64, CheckedJob), FileError> {
        let number = self.number;
        let fault = |message: &str| Err(RowFaults::of_line(number, message).into());
        let text = without_mark(&self.line);
        if text.starts_with(b"[") {
            self.is_over = true;
            return fault(ARRAY);
        }
        if text.len() > MAX_JOB_BYTES {
            return fault(&format!("the job is larger than {MAX_JOB_BYTES} bytes"));
        }
        if let Some(message) = damage(text) {
            return fault(&message);
        }
        match ending(text) {
            LineEnd::Early => return self.cut_off(),
            LineEnd::Late => return fault(SEVERAL_JOBS),
            LineEnd::Other => {}
        }
        CheckedJob::from_json(text)
            .map(|job| (number, job))
            .map_err(|invalid| RowFaults::of_job(number, &invalid, |_| None).into())
    }

    /// Says whether the job goes on in the next line, or the line is cut off.
    fn cut_off<T>(&mut self) -> Result<T, FileError> {
        let number = self.number;
        let is_next = self.read()?;
        let goes_on = is_next && !self.line.starts_with(b"{");
        self.is_over |= goes_on || !is_next;
        self.is_read = !self.is_over;
        let message = if goes_on { SEVERAL_LINES } else { CUT_OFF };
        Err(RowFaults::of_line(number, message).into())
    }

    /// Returns the next job and its line.
    pub(super) fn next(&mut self) -> Option<Result<(u64, CheckedJob), FileError>> {
        if self.is_over {
            return None;
        }
        match self.read() {
            Ok(true) => Some(self.check()),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Returns the line without blanks around it, and without the mark of a file that stands behind another.
fn without_mark(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii_start()
}

/// Returns what shows at once that the line is no job.
fn damage(text: &[u8]) -> Option<String> {
    if text.contains(&0) {
        return Some(NUL_BYTES.to_owned());
    }
    if let Err(error) = std::str::from_utf8(text) {
        let place = error.valid_up_to() + 1;
        return Some(format!("the line is not UTF-8 from byte {place} on; save the file as UTF-8"));
    }
    (!text.starts_with(b"{")).then(|| NO_OBJECT.to_owned())
}

/// How a line that begins with JSON ends.
enum LineEnd {
    /// Before the JSON does.
    Early,
    /// Behind the JSON, with something else.
    Late,
    Other,
}

fn ending(text: &[u8]) -> LineEnd {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Err(error)) if error.is_eof() => LineEnd::Early,
        Some(Ok(_)) if values.byte_offset() < text.len() => LineEnd::Late,
        _ => LineEnd::Other,
    }
}

#[cfg(test)]
mod tests;
