//! Which job is next.

use antre_protocol::{pacer::Moment, priority::Priority, state::State};

use super::World;

/// What a claim is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Job(String),
    Chore(String),
}

const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

impl World {
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

    pub(super) fn chores_by_due(&self) -> Vec<(u64, String)> {
        let mut set: Vec<_> =
            self.chores.iter().map(|(id, chore)| (chore.due_ms, id.clone())).collect();
        set.sort();
        set
    }

    pub(super) fn best(&self, now: Moment) -> Option<Candidate> {
        let chore =
            self.chores_by_due().into_iter().next().filter(|(due, _)| *due <= now.unix_ms());
        let chore = chore.map(|(due_ms, id)| {
            let head_start = self.head_start_us(Priority::High);
            (signed(due_ms * 1000) - head_start, Candidate::Chore(id))
        });
        let jobs = PRIORITIES.iter().filter_map(|priority| {
            let (ready_us, id) = self.waiting(*priority).into_iter().next()?;
            Some((signed(ready_us) - self.head_start_us(*priority), Candidate::Job(id)))
        });
        earliest(chore.into_iter().chain(jobs))
    }

    /// While the breaker is open: a job that is not suspected, else the suspect probed longest ago.
    pub(super) fn best_probe(&self, now: Moment) -> Option<Candidate> {
        let suspects = self.breaker.suspects();
        let others = PRIORITIES.iter().filter_map(|priority| {
            let set = self.waiting(*priority).into_iter();
            let (ready_us, id) = set.into_iter().find(|(_, id)| !suspects.contains_key(id))?;
            Some((signed(ready_us) - self.head_start_us(*priority), Candidate::Job(id)))
        });
        let mut probed: Vec<_> = suspects.iter().map(|(id, probed_ms)| (*probed_ms, id)).collect();
        probed.sort();
        let suspect = || {
            let is_waiting = |id: &String| {
                self.records.get(id).is_some_and(|record| record.job.state == State::Waiting)
            };
            probed.iter().map(|(_, id)| *id).find(|id| is_waiting(id)).cloned().map(Candidate::Job)
        };
        earliest(others).or_else(suspect).or_else(|| self.best(now))
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
