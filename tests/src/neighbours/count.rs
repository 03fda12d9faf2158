//! What became of every bill: from the producer's memory, from Redis and from the simulator.

use antre_core::state::State;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::chaos::cluster::Cluster;

/// Jobs and invoices of one run.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Jobs that Redis acknowledged.
    pub jobs: usize,
    /// Bills that have neither an invoice that can be paid under the link that was told, nor an error.
    pub lost: usize,
    /// Bills with more than one payable invoice, in all accounts at Xendit together.
    pub payable_twice: usize,
    /// Dead jobs by their error.
    pub dead: BTreeMap<String, usize>,
    /// Acknowledged jobs that Redis did not know afterwards, and that were submitted again.
    pub forgotten: usize,
    /// Bills that were lost or are payable twice.
    pub broken: Vec<(&'static str, String)>,
}

impl Count {
    /// Looks at every bill.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn of(cluster: &Cluster) -> anyhow::Result<Self> {
        let submitted = cluster.submitted();
        let mut count = Self { jobs: submitted.len(), ..Self::default() };
        let mut kept: HashMap<&str, bool> = HashMap::new();
        for job in &submitted {
            let record = cluster.queue.job(&job.id).await?.unwrap_or_default();
            let is_kept = match record.state {
                Some(State::Dead) => {
                    *count.dead.entry(record.error.code.unwrap_or_default()).or_default() += 1;
                    true
                }
                Some(State::Done) => {
                    let payable = cluster.payable(&job.bill.external_id);
                    payable.iter().any(|invoice| record.invoice.id.as_deref() == Some(&*invoice.id))
                }
                Some(State::Waiting | State::Scheduled | State::Running | State::Cancelled)
                | None => false,
            };
            *kept.entry(&job.bill.external_id).or_default() |= is_kept;
        }
        let lost = kept.iter().filter(|(_, is_kept)| !**is_kept).map(|(bill, _)| *bill);
        count.broken.extend(lost.map(|bill| ("lost", bill.to_owned())));
        count.lost = count.broken.len();
        let arrivals = cluster.xendit.ledger().arrivals();
        let bills: BTreeSet<&str> =
            arrivals.iter().filter_map(|arrival| arrival.external_id.as_deref()).collect();
        let twice = bills.into_iter().filter(|bill| cluster.payable(bill).len() > 1);
        count.broken.extend(twice.map(|bill| ("payable twice", bill.to_owned())));
        count.payable_twice = count.broken.len() - count.lost;
        Ok(count)
    }

    /// Returns what stands behind the number of jobs.
    pub fn to_remarks(&self) -> String {
        let mut remarks = Vec::new();
        if self.forgotten > 0 {
            remarks.push(format!("{} forgotten by Redis, submitted again", self.forgotten));
        }
        remarks.extend(self.dead.iter().map(|(code, jobs)| format!("{jobs} dead: {code}")));
        if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) }
    }
}
