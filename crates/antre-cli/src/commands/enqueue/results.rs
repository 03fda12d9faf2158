//! The results file: one line per ended job, written as it ends.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use antre_producer::{EndState, JobResult};
use anyhow::Context as _;

const COLUMNS: [&str; 10] = [
    "external_id",
    "state",
    "invoice_url",
    "invoice_id",
    "amount",
    "expiry_date",
    "error_code",
    "error_message",
    "job",
    "reference",
];
/// Used when the jobs came from standard input.
const NAME_DEFAULT: &str = "antre.results.jsonl";

/// An open results file.
pub(super) struct Results {
    path: PathBuf,
    writer: Writer,
    summary: Summary,
    /// The first failure to write; told at the end, because the jobs go on anyhow.
    fault: Option<anyhow::Error>,
}

enum Writer {
    Csv(Box<csv::Writer<File>>),
    JsonLines(BufWriter<File>),
}

/// How the jobs ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Summary {
    done: usize,
    dead: usize,
    cancelled: usize,
    path: PathBuf,
}

impl Results {
    /// Makes the file: `path`, or one beside `input` in the same form.
    pub(super) fn create(path: Option<&Path>, input: &Path) -> anyhow::Result<Self> {
        let path = path.map_or_else(|| beside(input), Path::to_owned);
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let is_csv = path.extension().is_some_and(|extension| extension == "csv");
        let writer = if is_csv {
            let mut writer = csv::Writer::from_writer(file);
            writer.write_record(COLUMNS)?;
            Writer::Csv(Box::new(writer))
        } else {
            Writer::JsonLines(BufWriter::new(file))
        };
        Ok(Self { path, writer, summary: Summary::default(), fault: None })
    }

    /// Writes a result.
    pub(super) fn add(&mut self, result: &JobResult) {
        let count = match result.state {
            EndState::Done => &mut self.summary.done,
            EndState::Dead => &mut self.summary.dead,
            EndState::Cancelled => &mut self.summary.cancelled,
        };
        *count += 1;
        if let Err(error) = self.writer.write(result) {
            self.fault.get_or_insert(error);
        }
    }

    /// Closes the file.
    pub(super) fn finish(mut self) -> anyhow::Result<Summary> {
        let flushed = self.writer.flush();
        let result = self.fault.map_or(flushed, Err);
        result.with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(Summary { path: self.path, ..self.summary })
    }
}

impl Writer {
    fn write(&mut self, result: &JobResult) -> anyhow::Result<()> {
        match self {
            Self::Csv(writer) => writer.write_record(row(result))?,
            Self::JsonLines(writer) => {
                serde_json::to_writer(&mut *writer, result)?;
                writer.write_all(b"\n")?;
            }
        }
        // Whoever interrupts the wait keeps what was there.
        self.flush()
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.flush()?),
            Self::JsonLines(writer) => Ok(writer.flush()?),
        }
    }
}

fn row(result: &JobResult) -> [String; COLUMNS.len()] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let error = result.error.as_ref();
    [
        text(&result.external_id),
        result.state.to_string(),
        text(&result.invoice_url),
        text(&result.invoice_id),
        result.amount.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&result.expiry_date),
        error.map(|error| error.code.clone()).unwrap_or_default(),
        error.map(|error| error.message.clone()).unwrap_or_default(),
        result.job.to_string(),
        text(&result.reference),
    ]
}

/// Returns `december.results.csv` for `december.csv`.
fn beside(input: &Path) -> PathBuf {
    if input.as_os_str() == "-" {
        return PathBuf::from(NAME_DEFAULT);
    }
    let is_csv = input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    input.with_extension(if is_csv { "results.csv" } else { "results.jsonl" })
}

impl Summary {
    /// Returns whether every job that ended has its invoice.
    pub(super) const fn are_all_done(&self) -> bool {
        self.dead == 0 && self.cancelled == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, dead, cancelled, path } = self;
        write!(f, "{done} done, {dead} dead, {cancelled} cancelled; results in {}", path.display())
    }
}

#[cfg(test)]
mod tests;
