//! What to say of jobs that are sent all the same: warnings of their content, notes on rows.

use std::collections::HashSet;
use std::io;

use antre_producer::JobResult;
use antre_producer::files::{Review, RowRemark};

use crate::output::{complain, counted, plain, say};

/// The most that is shown beside the jobs that are sent.
const SHOWN_MAX: usize = 20;

/// Says what a dry run found.
pub(super) fn say_all(review: &Review) -> io::Result<()> {
    review.remarks.iter().try_for_each(|remark| say(&plain(&remark.to_string())))?;
    let jobs = counted(review.bills.len(), "job");
    if review.remarks.is_empty() {
        return say(&format!("nothing is wrong with {jobs}; none was sent"));
    }
    say(&format!("{jobs}{}; none was sent", counts(review)))
}

/// Says the first remarks on what is about to be sent.
pub(super) fn complain_first(review: &Review) -> io::Result<()> {
    let first = review.remarks.iter().take(SHOWN_MAX);
    first.into_iter().try_for_each(|remark| complain(&plain(&remark.to_string())))?;
    match review.remarks.len().checked_sub(SHOWN_MAX) {
        Some(more @ 1..) => complain(&format!("and {more} more; --dry-run shows them all")),
        _ => Ok(()),
    }
}

/// Returns `, 2 warnings, 1 note`, or nothing.
pub(super) fn counts(review: &Review) -> String {
    let notes = review.remarks.iter().filter(|remark| remark.is_note()).count();
    let kinds = [(review.remarks.len() - notes, "warning"), (notes, "note")];
    let counted =
        |(count, kind): (usize, &str)| (count > 0).then(|| format!(", {}", counted(count, kind)));
    kinds.into_iter().filter_map(counted).collect()
}

/// The warnings of results that were not said before, the first of them in words.
pub(super) struct Unforeseen<'a> {
    said: HashSet<(usize, &'a str)>,
    shown: usize,
    more: usize,
}

impl<'a> Unforeseen<'a> {
    /// Returns nothing yet; what `remarks` say was said.
    pub(super) fn after(remarks: &'a [RowRemark]) -> Self {
        let said = remarks.iter().map(|remark| (remark.position, remark.message.as_str()));
        Self { said: said.collect(), shown: 0, more: 0 }
    }

    /// Returns lines about the result of the job at `position`.
    pub(super) fn lines(&mut self, position: usize, result: &JobResult) -> Vec<String> {
        let mut lines = Vec::new();
        for message in result.warnings.iter().map(ToString::to_string) {
            if self.said.contains(&(position, message.as_str())) {
                continue;
            }
            if self.shown == SHOWN_MAX {
                self.more += 1;
                continue;
            }
            self.shown += 1;
            let bill = result.external_id.as_deref().unwrap_or(result.job.as_str());
            lines.push(plain(&format!("{bill}: warning: {message}")));
        }
        lines
    }

    /// Returns a line about those that were not shown.
    pub(super) fn rest(&self) -> Option<String> {
        let more = counted(self.more, "more warning");
        (self.more > 0).then(|| format!("and {more}; the results have them all"))
    }
}
