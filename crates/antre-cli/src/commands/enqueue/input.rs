//! The jobs of a file, checked to its end before the first is sent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};

use antre_producer::files::{self, FileError, Format};
use antre_producer::{CheckedJob, Error};
use anyhow::Context as _;
use serde_json::value::{RawValue, to_raw_value};

/// Where jobs come from.
pub(super) struct Input {
    source: Source,
    count: usize,
    check_first: bool,
}

enum Source {
    /// Read twice, so that it need not fit into memory.
    File(PathBuf),
    /// What standard input had.
    Memory(Vec<CheckedJob>),
}

impl Input {
    /// Reads `path` to its end; `-` is standard input. All faults come at once.
    pub(super) fn open(path: &Path, check_first: bool) -> anyhow::Result<Self> {
        if path.as_os_str() == "-" {
            let jobs = files::read_all(stdin().lock(), None).context("standard input")?;
            let count = jobs.len();
            return Ok(Self { source: Source::Memory(jobs), count, check_first });
        }
        let name = || path.display().to_string();
        let count = files::check(reader(path)?, Format::of_path(path)).with_context(name)?;
        Ok(Self { source: Source::File(path.to_owned()), count, check_first })
    }

    /// Returns how many jobs there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Returns the jobs.
    pub(super) fn jobs(
        &self,
    ) -> anyhow::Result<Box<dyn Iterator<Item = Result<CheckedJob, Error>> + '_>> {
        let jobs: Box<dyn Iterator<Item = Result<CheckedJob, FileError>>> = match &self.source {
            Source::File(path) => Box::new(files::jobs(reader(path)?, Format::of_path(path))),
            Source::Memory(jobs) => Box::new(jobs.iter().cloned().map(Ok)),
        };
        Ok(Box::new(jobs.map(|job| {
            let job = job?;
            if self.check_first { checked_first(&job) } else { Ok(job) }
        })))
    }
}

fn reader(path: &Path) -> anyhow::Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(BufReader::new(file))
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
