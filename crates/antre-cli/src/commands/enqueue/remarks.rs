//! Remarks on jobs that are sent: warnings about their content, notes on rows.

use std::collections::HashMap;
use std::io;

use antre_core::Warning;
use antre_producer::JobResult;
use antre_producer::files::{Review, RowRemark};

use crate::output::{counted, eprint, plain, print};

/// The most that is shown beside the jobs that are sent.
const SHOWN_MAX: usize = 20;

/// Says what a dry run found.
pub(super) fn say_all(review: &Review) -> io::Result<()> {
    lines(review).iter().try_for_each(|line| print(line))?;
    let jobs = counted(review.bills.len(), "job");
    if review.remarks.is_empty() {
        return print(&format!("nothing is wrong with {jobs}; none was sent"));
    }
    print(&format!("{jobs}{}; none was sent", counts(review)))
}

/// Says the first remarks on what is about to be sent.
pub(super) fn print_first(review: &Review) -> io::Result<()> {
    let lines = lines(review);
    lines.iter().take(SHOWN_MAX).try_for_each(|line| eprint(line))?;
    match lines.len().checked_sub(SHOWN_MAX) {
        Some(more @ 1..) => eprint(&format!("and {more} more; --dry-run shows them all")),
        _ => Ok(()),
    }
}

/// Returns a line for each remark. A column that Xendit does not know is one thing to know, however many
/// rows there are.
fn lines(review: &Review) -> Vec<String> {
    let mut rows_of: HashMap<(&str, &Warning), usize> = HashMap::new();
    for name in review.remarks.iter().filter_map(unknown_name) {
        *rows_of.entry(name).or_default() += 1;
    }
    let line = |remark| {
        let Some(name) = unknown_name(remark) else { return Some(plain(&remark.to_string())) };
        // Nothing is left of it when it was said.
        let rows = rows_of.remove(&name)?;
        let others = if rows > 1 { format!(" (so in {rows} rows)") } else { String::new() };
        Some(plain(&format!("{remark}{others}")))
    };
    review.remarks.iter().filter_map(line).collect()
}

/// Returns what is to be said of the column's name, if that is the matter and not what stands in the row.
fn unknown_name(remark: &RowRemark) -> Option<(&str, &Warning)> {
    let warning = remark.warning().filter(|warning| warning.code == "unknown_field")?;
    Some((remark.column.as_deref()?, warning))
}

/// Returns `, 2 warnings, 1 note`, or nothing.
pub(super) fn counts(review: &Review) -> String {
    let warnings = review.remarks.iter().filter_map(RowRemark::warning).count();
    let kinds = [(warnings, "warning"), (review.remarks.len() - warnings, "note")];
    let counted =
        |(count, kind): (usize, &str)| (count > 0).then(|| format!(", {}", counted(count, kind)));
    kinds.into_iter().filter_map(counted).collect()
}

/// What was said before of the jobs, and what their results say beyond it.
pub(super) struct Foreseen<'a> {
    /// By the jobs' places.
    warnings: HashMap<usize, Vec<&'a Warning>>,
    shown: usize,
    more: usize,
}

impl<'a> Foreseen<'a> {
    pub(super) fn of(remarks: &'a [RowRemark]) -> Self {
        let mut warnings: HashMap<usize, Vec<&Warning>> = HashMap::new();
        for remark in remarks {
            warnings.entry(remark.position).or_default().extend(remark.warning());
        }
        Self { warnings, shown: 0, more: 0 }
    }

    /// Adds to a result what was foreseen for its job. A worker says it itself, but not of a duplicate:
    /// that one gets the warnings of the job that has the bill.
    pub(super) fn complete(&self, position: usize, result: &mut JobResult) {
        if result.bill_job.as_ref() == Some(&result.job) {
            return;
        }
        for warning in self.warnings.get(&position).into_iter().flatten() {
            if !result.warnings.contains(warning) {
                result.warnings.push((*warning).clone());
            }
        }
    }

    /// Returns lines about those warnings of the result that were not foreseen, the first of them in words.
    pub(super) fn others(&mut self, position: usize, result: &JobResult) -> Vec<String> {
        let mut lines = Vec::new();
        let foreseen = self.warnings.get(&position);
        for warning in &result.warnings {
            if foreseen.is_some_and(|foreseen| foreseen.contains(&warning)) {
                continue;
            }
            if self.shown == SHOWN_MAX {
                self.more += 1;
                continue;
            }
            self.shown += 1;
            let bill = result.external_id.as_deref().unwrap_or(result.job.as_str());
            lines.push(plain(&format!("{bill}: warning: {warning}")));
        }
        lines
    }

    /// Returns a line about those that were not shown.
    pub(super) fn rest(&self) -> Option<String> {
        let more = counted(self.more, "more warning");
        (self.more > 0).then(|| format!("and {more}; the results have them all"))
    }
}

#[cfg(test)]
mod tests;
