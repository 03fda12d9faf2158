//! The jobs of a file, checked to its end before the first is sent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read as _, stdin};
use std::path::{Path, PathBuf};

use antre_producer::files::{self, FileError, Format, Review, Settings};
use antre_producer::{CheckedJob, Error};
use anyhow::Context as _;
use serde_json::value::{RawValue, to_raw_value};

/// Where jobs come from.
pub(super) struct Input {
    source: Source,
    review: Review,
    check_first: bool,
}

enum Source {
    /// Read twice, so that it need not fit into memory.
    File(PathBuf),
    /// What standard input had.
    Memory(Vec<u8>),
}

impl Input {
    /// Reads `path` to its end; `-` is standard input. All faults come at once.
    pub(super) fn open(path: &Path, check_first: bool, settings: Settings) -> anyhow::Result<Self> {
        let source = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            stdin().lock().read_to_end(&mut bytes).context("standard input")?;
            Source::Memory(bytes)
        } else {
            Source::File(path.to_owned())
        };
        let name = || match &source {
            Source::File(path) => path.display().to_string(),
            Source::Memory(_) => "standard input".to_owned(),
        };
        let (reader, format) = source.open()?;
        let review = files::check(reader, format, settings).with_context(name)?;
        Ok(Self { source, review, check_first })
    }

    /// Returns what the file as a whole is.
    pub(super) const fn review(&self) -> &Review {
        &self.review
    }

    /// Returns the jobs.
    pub(super) fn jobs(
        &self,
    ) -> anyhow::Result<impl Iterator<Item = Result<CheckedJob, Error>> + '_> {
        let (reader, format) = self.source.open()?;
        Ok(files::jobs(reader, format).map(|job: Result<CheckedJob, FileError>| {
            let job = job?;
            if self.check_first { checked_first(&job) } else { Ok(job) }
        }))
    }
}

impl Source {
    fn open(&self) -> anyhow::Result<(Box<dyn BufRead + '_>, Option<Format>)> {
        Ok(match self {
            Self::File(path) => {
                let file =
                    File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                (Box::new(BufReader::new(file)), Format::of_path(path))
            }
            Self::Memory(bytes) => (Box::new(Cursor::new(bytes)), None),
        })
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
