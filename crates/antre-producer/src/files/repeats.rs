//! Bills that a file has twice.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, RandomState},
};

use serde_json::Value;

use super::RowFaults;
use crate::CheckedJob;

/// The rows so far, by their bills.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// The line and a digest of the content.
    seen: HashMap<Box<str>, (u64, u64)>,
    hasher: RandomState,
}

impl Repeats {
    /// Notes a row. Returns the line of an equal earlier row of the bill, if there is one.
    ///
    /// # Errors
    /// An earlier row of the bill says something else.
    pub(super) fn note(
        &mut self,
        line: u64,
        job: &CheckedJob,
        column_of: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<u64>, RowFaults> {
        // By value: neither blanks nor the order of fields make another job.
        let content = serde_json::from_slice::<Value>(job.json()).unwrap_or_default();
        let digest = self.hasher.hash_one(content.to_string());
        match self.seen.entry(job.external_id().into()) {
            Entry::Vacant(place) => {
                place.insert((line, digest));
                Ok(None)
            }
            Entry::Occupied(place) => match *place.get() {
                (first, same) if same == digest => Ok(Some(first)),
                (first, _) => {
                    const FIELD: &str = "invoice.external_id";
                    let message = format!(
                        "{FIELD} stands in line {first}, too, with other content; one bill is one job: \
                         remove one of the rows, or give them different names"
                    );
                    let mut faults = RowFaults::default();
                    faults.add(line, column_of(FIELD).as_deref(), message);
                    Err(faults)
                }
            },
        }
    }
}
