//! From the order in which jobs ended to that of their file.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _, copy};
use std::path::Path;

use tempfile::NamedTempFile;

/// Where a job's line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// The job's place in the input.
    pub(super) position: usize,
    /// In bytes, from the beginning of the file.
    pub(super) start: u64,
    pub(super) length: usize,
}

/// Writes the file anew with its lines in order, and puts it in the place of the other one. What stands
/// before the first line stays. A pipe or a device stays as it is.
pub(super) fn restore(path: &Path, mut lines: Vec<Line>) -> anyhow::Result<()> {
    let is_ordered = lines.is_sorted_by_key(|line| line.position);
    let heading = lines.first().map_or(0, |line| line.start);
    if is_ordered || !fs::metadata(path)?.is_file() {
        return Ok(());
    }
    lines.sort_by_key(|line| line.position);
    // A link stays one.
    let path = fs::canonicalize(path)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut old = File::open(&path)?;
    let mut new = BufWriter::new(NamedTempFile::new_in(directory)?);
    copy(&mut (&old).take(heading), &mut new)?;
    let mut bytes = Vec::new();
    for line in lines {
        old.seek(SeekFrom::Start(line.start))?;
        bytes.resize(line.length, 0);
        old.read_exact(&mut bytes)?;
        new.write_all(&bytes)?;
    }
    let new = new.into_inner()?;
    new.as_file().set_permissions(old.metadata()?.permissions())?;
    new.persist(&path)?;
    Ok(())
}
