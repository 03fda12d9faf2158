//! The jobs of a file, checked to its end before the first is sent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{
    self, BufRead, BufReader, Cursor, IsTerminal as _, Read, Seek as _, SeekFrom, Write as _, stdin,
};
use std::path::Path;
use std::time::SystemTime;

use antre_producer::files::{self, FileError, Format, Review, Settings};
use antre_producer::{CheckedJob, Error};
use anyhow::Context as _;
use serde_json::value::{RawValue, to_raw_value};
use tempfile::{SpooledData, SpooledTempFile};

use crate::output::eprint;

/// What cannot be read twice is kept in memory up to here, else in a temporary file.
const MEMORY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where jobs come from.
pub(super) struct Input<'a> {
    path: &'a Path,
    format: Option<Format>,
    content: Content,
    review: Review,
    check_first: bool,
}

/// What is read twice: to be checked, and to be sent. It need not fit into memory.
enum Content {
    /// With what it looked like before it was checked.
    File(File, Stamp),
    /// What a pipe had.
    Memory(Vec<u8>),
}

/// Changes when somebody writes to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
}

impl<'a> Input<'a> {
    /// Reads `path` to its end; `-` is standard input. All faults come at once.
    pub(super) fn open(
        path: &'a Path,
        check_first: bool,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        let standard_input = Path::new("-");
        if path == standard_input {
            let (content, review) =
                piped(hinted_input(), None, settings).context("standard input")?;
            return Ok(Self { path, format: None, content, review, check_first });
        }
        let name = || path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot open {}", name()))?;
        let format = Format::of_path(path);
        if file.metadata().with_context(name)?.is_file() {
            let stamp = Stamp::of(&file).with_context(name)?;
            let review =
                files::check(BufReader::new(&file), format, settings).with_context(name)?;
            stamp.compare(&file).map_err(FileError::from).with_context(name)?;
            let content = Content::File(file, stamp);
            return Ok(Self { path, format, content, review, check_first });
        }
        // A pipe or the like: nothing stands beside it.
        let (content, review) = piped(file, format, settings).with_context(name)?;
        Ok(Self { path: standard_input, format, content, review, check_first })
    }

    /// Returns the file beside which results are written; `-` if it is none.
    pub(super) const fn path(&self) -> &Path {
        self.path
    }

    /// Returns what the file as a whole is.
    pub(super) const fn review(&self) -> &Review {
        &self.review
    }

    /// Returns the jobs.
    pub(super) fn jobs(
        &self,
    ) -> anyhow::Result<impl Iterator<Item = Result<CheckedJob, Error>> + '_> {
        let jobs = files::jobs(self.content.again()?, self.format);
        Ok(jobs.map(|job: Result<CheckedJob, FileError>| {
            self.content.refuse_change()?;
            let job = job?;
            if self.check_first { checked_first(&job) } else { Ok(job) }
        }))
    }
}

/// Returns standard input; somebody who sits before it is told.
fn hinted_input() -> impl Read {
    if stdin().is_terminal() {
        let hint =
            "antre: type or paste jobs, and end with Ctrl-D on a line of its own; or name a file";
        // The jobs are read all the same.
        eprint(hint).ok();
    }
    stdin().lock()
}

/// Checks what can be read only once, and keeps it.
fn piped(
    reader: impl Read,
    format: Option<Format>,
    settings: Settings,
) -> Result<(Content, Review), FileError> {
    let mut kept = SpooledTempFile::new(MEMORY_BYTES_MAX);
    let reader = BufReader::new(Kept { reader, kept: &mut kept });
    let review = files::check(reader, format, settings)?;
    let content = match kept.into_inner() {
        SpooledData::InMemory(bytes) => Content::Memory(bytes.into_inner()),
        SpooledData::OnDisk(file) => {
            let stamp = Stamp::of(&file)?;
            Content::File(file, stamp)
        }
    };
    Ok((content, review))
}

/// A reader that keeps what was read.
struct Kept<'a, R> {
    reader: R,
    kept: &'a mut SpooledTempFile,
}

impl<R: Read> Read for Kept<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.kept.write_all(buffer.get(..length).unwrap_or_default())?;
        Ok(length)
    }
}

impl Content {
    /// Returns a reader that begins at the beginning.
    fn again(&self) -> anyhow::Result<Box<dyn BufRead + '_>> {
        Ok(match self {
            Self::File(file, stamp) => {
                let mut file = file;
                file.seek(SeekFrom::Start(0))?;
                Box::new(BufReader::new(file).take(stamp.length))
            }
            Self::Memory(bytes) => Box::new(Cursor::new(bytes)),
        })
    }

    /// Refuses what was not checked.
    fn refuse_change(&self) -> Result<(), FileError> {
        match self {
            Self::File(file, stamp) => Ok(stamp.compare(file)?),
            Self::Memory(_) => Ok(()),
        }
    }
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { length: metadata.len(), modified: metadata.modified()? })
    }

    fn compare(self, file: &File) -> io::Result<()> {
        if Self::of(file)? == self {
            return Ok(());
        }
        Err(io::Error::other(
            "a program writes to it at this time; wait until it is whole, and start again",
        ))
    }
}

/// Adds `check_first` and leaves every other value as it was written.
fn checked_first(job: &CheckedJob) -> Result<CheckedJob, Error> {
    let mut fields: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(job.json()).map_err(Error::NotJson)?;
    fields.insert("check_first".to_owned(), to_raw_value(&true).map_err(Error::NotJson)?);
    Ok(CheckedJob::from_json(serde_json::to_vec(&fields).map_err(Error::NotJson)?)?)
}

#[cfg(test)]
mod tests;
