//! The results file: one line per ended job, written as it ends, in the end in the input's order.

mod form;
mod order;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use antre_producer::files::Form;
use antre_producer::{EndState, JobResult};
use anyhow::Context as _;

use self::order::Line;
use crate::output::counted;

/// An open results file.
pub(super) struct Results {
    path: PathBuf,
    form: Form,
    file: File,
    /// How far it is written.
    length: u64,
    lines: Vec<Line>,
    summary: Summary,
    /// The first failure to write; told at the end, because the jobs go on anyhow.
    fault: Option<anyhow::Error>,
}

/// How the jobs ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Summary {
    done: usize,
    dead: usize,
    cancelled: usize,
    warnings: usize,
    path: PathBuf,
}

impl Results {
    /// Makes the file: `path`, or one beside `input`, in the form of the input as far as its name allows.
    /// What an earlier run has written stays until [`Results::begin`].
    pub(super) fn create(path: Option<&Path>, input: &Path, form: Form) -> anyhow::Result<Self> {
        let path = path.map_or_else(|| form::beside(input, form), Path::to_owned);
        if path
            .canonicalize()
            .is_ok_and(|path| input.canonicalize().is_ok_and(|input| input == path))
        {
            anyhow::bail!(
                "the results would overwrite the jobs in {}; name another file",
                path.display()
            );
        }
        let form = form::of_results(&path, form);
        let open = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = open.with_context(|| cannot_write(&path))?;
        let is_new = file.metadata().is_ok_and(|metadata| metadata.len() == 0);
        let summary = Summary::default();
        let mut results =
            Self { path, form, file, length: 0, lines: Vec::new(), summary, fault: None };
        if is_new {
            results.write_heading()?;
        }
        Ok(results)
    }

    /// Removes what an earlier run has written: from now on there are results of this one.
    pub(super) fn begin(&mut self) -> anyhow::Result<()> {
        if self.length > 0 {
            return Ok(());
        }
        // A pipe or a device holds nothing.
        if self.file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            self.file.set_len(0).with_context(|| cannot_write(&self.path))?;
        }
        self.write_heading()
    }

    fn write_heading(&mut self) -> anyhow::Result<()> {
        let heading = form::heading(self.form)?;
        self.file.write_all(&heading).with_context(|| cannot_write(&self.path))?;
        self.length = u64::try_from(heading.len())?;
        Ok(())
    }

    /// Writes the result of the job at `position` of the input.
    pub(super) fn add(&mut self, position: usize, result: &JobResult) {
        let count = match result.state {
            EndState::Done => &mut self.summary.done,
            EndState::Dead => &mut self.summary.dead,
            EndState::Cancelled => &mut self.summary.cancelled,
        };
        *count += 1;
        self.summary.warnings += result.warnings.len();
        if let Err(error) = self.write(position, result) {
            self.fault.get_or_insert(error);
        }
    }

    /// Writes at once: whoever interrupts the wait keeps what was there.
    fn write(&mut self, position: usize, result: &JobResult) -> anyhow::Result<()> {
        let line = form::line(self.form, result)?;
        self.file.write_all(&line)?;
        let length = line.len();
        self.lines.push(Line { position, start: self.length, length });
        self.length += u64::try_from(length)?;
        Ok(())
    }

    /// Brings the lines into the input's order and closes the file.
    pub(super) fn finish(self) -> anyhow::Result<Summary> {
        let ordered = order::restore(&self.path, self.lines);
        let result = self.fault.map_or(ordered, Err);
        result.with_context(|| cannot_write(&self.path))?;
        Ok(Summary { path: self.path, ..self.summary })
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

impl Summary {
    /// Returns whether every job that ended has its invoice.
    pub(super) const fn are_all_done(&self) -> bool {
        self.dead == 0 && self.cancelled == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, dead, cancelled, warnings, path } = self;
        write!(f, "{done} done, {dead} dead, {cancelled} cancelled")?;
        if *warnings > 0 {
            write!(f, ", {}", counted(*warnings, "warning"))?;
        }
        write!(f, "; results in {}", path.display())
    }
}

#[cfg(test)]
mod tests;
