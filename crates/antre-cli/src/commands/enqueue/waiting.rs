//! Waiting for the results of what was sent, and saying why none come.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use antre_producer::files::Review;
use antre_producer::{JobId, JobResult, Producer};
use antre_store::Queue;
use indicatif::ProgressBar;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::remarks::Unforeseen;
use super::results::Results;
use crate::commands::status::{Stop, stops};
use crate::ending::Ending;
use crate::output::{complain, counted, length, plain, say};

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often one reason is said.
const SAY_AGAIN: Duration = Duration::from_mins(1);
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
struct Course<'a> {
    results: Results,
    unforeseen: Unforeseen<'a>,
    places: HashMap<&'a str, usize>,
    /// By the places.
    has_ended: Vec<bool>,
}

impl Wait<'_> {
    /// Writes every result, and ends when all are there or the time is over.
    pub(super) async fn run(self, results: Results) -> anyhow::Result<Ending> {
        let places = self.ids.iter().enumerate().map(|(place, id)| (id.as_str(), place));
        let course = RefCell::new(Course {
            results,
            unforeseen: Unforeseen::after(&self.review.remarks),
            places: places.collect(),
            has_ended: vec![false; self.ids.len()],
        });
        let ends = self.producer.wait_many(self.ids, self.timeout, |result| {
            self.complain(&course.borrow_mut().end(&result));
            self.bar.inc(1);
        });
        let unfinished = tokio::select! {
            unfinished = ends => unfinished,
            () = self.say_why(&course) => Ok(antre_producer::Unfinished::default()),
        };
        self.bar.finish_and_clear();
        let unfinished = unfinished?;
        let Course { results, unforeseen, .. } = course.into_inner();
        self.complain(&unforeseen.rest().into_iter().collect::<Vec<_>>());
        let summary = results.finish()?;
        say(&summary.to_string())?;
        let late = format!(
            "not ended within {}; nothing is lost: the jobs go on, and sending the file again waits for \
             the same results",
            length(self.timeout)
        );
        let unknown =
            "unknown: no such job was sent here, or it ended longer ago than results are kept";
        for (ids, what) in [(&unfinished.late, late.as_str()), (&unfinished.unknown, unknown)] {
            if !ids.is_empty() {
                complain(&format!("{} {what}", self.named(ids)))?;
            }
        }
        let is_done = summary.are_all_done() && unfinished.is_empty();
        Ok(if is_done { Ending::Done } else { Ending::Failed })
    }

    /// Says why nothing is sent: at once, when the reason is another one, and each minute. Never ends.
    async fn say_why(&self, course: &RefCell<Course<'_>>) {
        let queue: &Queue = self.producer.queue();
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = Said::default();
        loop {
            ticks.tick().await;
            // A look that fails is not worth a word: the wait itself goes on over any outage.
            let Ok(stops) = stops(queue).await else { continue };
            if let Some(reasons) = said.next(&stops, Instant::now()) {
                let bills = counted(self.open_bills(&course.borrow().has_ended), "bill");
                self.complain(&[plain(&format!("{bills} waiting: {reasons}"))]);
            }
        }
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

    fn complain(&self, lines: &[String]) {
        // Standard error may be closed; the results are written all the same.
        self.bar.suspend(|| lines.iter().try_for_each(|line| complain(line)).ok());
    }
}

impl Course<'_> {
    /// Writes a result. Returns what is to be said about it.
    fn end(&mut self, result: &JobResult) -> Vec<String> {
        let Some(place) = self.places.get(result.job.as_str()).copied() else { return Vec::new() };
        if let Some(has_ended) = self.has_ended.get_mut(place) {
            *has_ended = true;
        }
        self.results.add(place, result);
        self.unforeseen.lines(place, result)
    }
}

/// Which reasons were said, and when.
#[derive(Debug, Default)]
struct Said {
    codes: Vec<&'static str>,
    at: Option<Instant>,
}

impl Said {
    /// Returns the reasons if it is time to say them.
    fn next(&mut self, stops: &[Stop], now: Instant) -> Option<String> {
        let codes: Vec<&str> = stops.iter().map(|stop| stop.code).collect();
        let is_due = codes != self.codes || self.at.is_none_or(|at| now - at >= SAY_AGAIN);
        if stops.is_empty() || !is_due {
            self.codes.retain(|_| !stops.is_empty());
            return None;
        }
        self.codes = stops.iter().map(|stop| stop.code).collect();
        self.at = Some(now);
        let texts: Vec<&str> = stops.iter().map(|stop| stop.text.as_str()).collect();
        Some(texts.join("; "))
    }
}

#[cfg(test)]
mod tests;
