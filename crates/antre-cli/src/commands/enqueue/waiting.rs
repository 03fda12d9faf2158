//! Waiting for the results of the jobs that were sent, and saying why none come.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use antre_producer::files::Review;
use antre_producer::{JobId, JobResult, Producer};
use indicatif::ProgressBar;

use super::remarks::Foreseen;
use super::results::Results;
use super::why;
use crate::exit_status::ExitStatus;
use crate::output::{counted, eprint, length, plain, print};

/// The most bills that a message names.
const NAMED_MAX: usize = 20;

/// What is waited for.
pub(super) struct Wait<'a> {
    pub(super) producer: &'a Producer,
    /// In the order of the file, as the bills of the review.
    pub(super) ids: &'a [JobId],
    pub(super) review: &'a Review,
    pub(super) timeout: Duration,
    pub(super) bar: ProgressBar,
}

/// What became of it so far.
struct Progress<'a> {
    results: Results,
    foreseen: Foreseen<'a>,
    places: HashMap<&'a str, usize>,
    /// By the places.
    has_ended: Vec<bool>,
}

impl Wait<'_> {
    /// Writes every result, and ends when all are there or the time is over.
    pub(super) async fn run(self, results: Results) -> anyhow::Result<ExitStatus> {
        let places = self.ids.iter().enumerate().map(|(place, id)| (id.as_str(), place));
        let progress = RefCell::new(Progress {
            results,
            foreseen: Foreseen::of(&self.review.remarks),
            places: places.collect(),
            has_ended: vec![false; self.ids.len()],
        });
        let ends = self.producer.wait_many(self.ids, self.timeout, |result| {
            self.eprint(&progress.borrow_mut().end(result));
            self.bar.inc(1);
        });
        let open_bills = || self.open_bills(&progress.borrow().has_ended);
        let unfinished = why::telling(self.producer.queue(), &self.bar, open_bills, ends).await;
        self.bar.finish_and_clear();
        let unfinished = unfinished?;
        let Progress { results, foreseen, .. } = progress.into_inner();
        self.eprint(&foreseen.rest().into_iter().collect::<Vec<_>>());
        let summary = results.finish()?;
        print(&summary.to_string())?;
        let late = format!(
            "not ended within {}; nothing is lost: the jobs go on, and sending the file again waits for \
             the same results",
            length(self.timeout)
        );
        let unknown =
            "unknown: no such job was sent here, or it ended longer ago than results are kept";
        for (ids, what) in [(&unfinished.late, late.as_str()), (&unfinished.unknown, unknown)] {
            if !ids.is_empty() {
                eprint(&format!("{} {what}", self.named(ids)))?;
            }
        }
        let is_done = summary.are_all_done() && unfinished.is_empty();
        Ok(if is_done { ExitStatus::Done } else { ExitStatus::Failed })
    }

    /// Counts the bills without a result; rows of one bill are one.
    fn open_bills(&self, has_ended: &[bool]) -> usize {
        let bills = self.review.bills.iter().zip(has_ended);
        let open = bills.filter(|(_, has_ended)| !**has_ended);
        open.map(|(bill, _)| bill.external_id.as_str()).collect::<HashSet<_>>().len()
    }

    /// Returns `2 bills (INV-1, INV-2)`.
    fn named(&self, ids: &[JobId]) -> String {
        let ids: HashSet<&str> = ids.iter().map(JobId::as_str).collect();
        let mut names: Vec<&str> = Vec::new();
        let mut known = HashSet::new();
        for (id, bill) in self.ids.iter().zip(&self.review.bills) {
            if ids.contains(id.as_str()) && known.insert(&bill.external_id) {
                names.push(&bill.external_id);
            }
        }
        let more = if names.len() > NAMED_MAX { ", …" } else { "" };
        let first: Vec<&str> = names.iter().take(NAMED_MAX).copied().collect();
        plain(&format!("{} ({}{more})", counted(names.len(), "bill"), first.join(", ")))
    }

    fn eprint(&self, lines: &[String]) {
        // Standard error may be closed; the results are written all the same.
        self.bar.suspend(|| lines.iter().try_for_each(|line| eprint(line)).ok());
    }
}

impl Progress<'_> {
    /// Writes a result. Returns what is to be said about it.
    fn end(&mut self, mut result: JobResult) -> Vec<String> {
        let Some(place) = self.places.get(result.job.as_str()).copied() else { return Vec::new() };
        if let Some(has_ended) = self.has_ended.get_mut(place) {
            *has_ended = true;
        }
        self.foreseen.complete(place, &mut result);
        self.results.add(place, &result);
        self.foreseen.others(place, &result)
    }
}
