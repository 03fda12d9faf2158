//! Which job is next.

use antre_core::{
    priority::Priority,
    state::{NextRequest, State},
};
use antre_model::pacer::Moment;

use super::Model;

/// What a claim is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Job(String),
    FollowUp(String),
    /// What a program asks.
    Read(String),
    /// A request that no job pays for.
    Probe,
}

const HEADS_SCANNED: usize = 50;
pub(super) const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

impl Model {
    /// Returns the jobs that wait in a set, the next first, with their ready times.
    pub(super) fn waiting(&self, priority: Priority) -> Vec<(u64, String)> {
        let records = self.records.iter().filter(|(_, record)| {
            record.job.state == State::Waiting
                && record.duplicate_of.is_none()
                && record.priority == priority
        });
        let mut set: Vec<_> = records.map(|(id, record)| (record.ready_us, id.clone())).collect();
        set.sort();
        set
    }

    /// Returns the jobs of `scheduled` or `leases`, the next due first.
    pub(super) fn due(&self, state: State) -> Vec<(u64, String)> {
        let records = self.records.iter().filter(|(_, record)| record.job.state == state);
        let mut set: Vec<_> = records.map(|(id, record)| (record.job.due_ms, id.clone())).collect();
        set.sort();
        set
    }

    pub(super) fn follow_ups_by_due(&self) -> Vec<(u64, String)> {
        let mut set: Vec<_> =
            self.follow_ups.iter().map(|(id, follow_up)| (follow_up.due_ms, id.clone())).collect();
        set.sort();
        set
    }

    /// Returns the due follow-ups: an expiry is as urgent as important customers, an audit can wait.
    fn due_follow_ups(&self, now: Moment) -> std::vec::IntoIter<(i64, Candidate)> {
        let is_due = |(due_ms, _): &(u64, String)| *due_ms <= now.unix_ms();
        let due = self.follow_ups_by_due().into_iter().filter(is_due).take(HEADS_SCANNED);
        let (mut found, mut follow_ups) = (Vec::new(), Vec::new());
        for (due_ms, id) in due {
            let priority = if id.starts_with("expire-") { Priority::High } else { Priority::Low };
            if !found.contains(&priority) {
                found.push(priority);
                let effective = signed(due_ms * 1000) - self.head_start_us(priority);
                follow_ups.push((effective, Candidate::FollowUp(id)));
            }
        }
        follow_ups.into_iter()
    }

    pub(super) fn best(&self, now: Moment) -> Option<Candidate> {
        self.or_read(now, earliest(self.due_follow_ups(now).chain(self.jobs_where(|_| true))))
    }

    /// Returns the best job that is not suspected.
    pub(super) fn best_non_suspect(&self) -> Option<Candidate> {
        let suspects = self.breaker.suspects();
        earliest(self.jobs_where(|id| !suspects.contains_key(id)))
    }

    /// Returns the best of what is no create.
    pub(super) fn best_look_up(&self, now: Moment) -> Option<Candidate> {
        let is_no_create = |id: &str| self.records[id].job.request != NextRequest::Create;
        self.or_read(now, earliest(self.due_follow_ups(now).chain(self.jobs_where(is_no_create))))
    }

    /// Returns the read that may leave before this one, if there is one.
    fn or_read(&self, now: Moment, best: Option<Candidate>) -> Option<Candidate> {
        self.reads.due(now, best.is_some()).or(best)
    }

    /// Returns the first job of each priority that satisfies the condition.
    fn jobs_where(
        &self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (i64, Candidate)> {
        PRIORITIES.iter().filter_map(move |priority| {
            let set = self.waiting(*priority).into_iter().take(HEADS_SCANNED);
            let (ready_us, id) = set.into_iter().find(|(_, id)| is_wanted(id))?;
            Some((signed(ready_us) - self.head_start_us(*priority), Candidate::Job(id)))
        })
    }

    fn head_start_us(&self, priority: Priority) -> i64 {
        let head_start = match priority {
            Priority::High => self.settings.head_start_high,
            Priority::Normal => self.settings.head_start_normal,
            Priority::Low => return 0,
        };
        i64::try_from(head_start.as_micros()).unwrap()
    }
}

/// Returns the first of the smallest.
fn earliest(candidates: impl Iterator<Item = (i64, Candidate)>) -> Option<Candidate> {
    candidates.min_by_key(|(effective, _)| *effective).map(|(_, candidate)| candidate)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}
