//! A billing application among the faults: it submits, remembers what was acknowledged, and repeats
//! what was not.

use std::time::Duration;

use antre_core::priority::Priority;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::bills::Bill;
use super::cluster::Cluster;
use super::moment::pass;

const INTERVAL: Duration = Duration::from_millis(100);
const PORTION: usize = 20;
const RUN_AT_MAX_S: i64 = 5;

/// Submits bills as long as the queue has room for them.
#[derive(Debug)]
pub struct Producer {
    random: StdRng,
    name: String,
    made: Vec<Bill>,
    /// Submitted without an acknowledgement: nobody knows whether they arrived.
    uncertain: Vec<Bill>,
    backlog_max: u64,
    is_careful: bool,
    /// Only plain bills, few of them, for the account beside.
    is_beside: bool,
}

impl Producer {
    /// Returns a producer that keeps at most `backlog_max` jobs waiting.
    ///
    /// A careful one knows that Redis may have lost what it acknowledged: whatever it repeats is to be
    /// looked up first.
    pub fn new(seed: u64, name: &str, backlog_max: u64, is_careful: bool) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            name: name.to_owned(),
            made: Vec::new(),
            uncertain: Vec::new(),
            backlog_max,
            is_careful,
            is_beside: false,
        }
    }

    /// Returns a producer for the account beside: new bills only, so that each of them must be done.
    pub fn beside(seed: u64, backlog_max: u64, is_careful: bool) -> Self {
        Self { is_beside: true, ..Self::new(seed, "BESIDE", backlog_max, is_careful) }
    }

    /// Submits until dropped.
    pub async fn produce(&mut self, cluster: &Cluster) {
        loop {
            if self.has_room(cluster).await {
                self.submit_some(cluster).await;
            }
            pass(INTERVAL).await;
        }
    }

    /// Submits what was never acknowledged once more, so that nothing remains uncertain.
    ///
    /// # Errors
    /// When Redis does not take it.
    pub async fn clear_up(&mut self, cluster: &Cluster) -> anyhow::Result<()> {
        for bills in std::mem::take(&mut self.uncertain).chunks(PORTION) {
            self.submit(cluster, bills).await?;
        }
        Ok(())
    }

    async fn has_room(&self, cluster: &Cluster) -> bool {
        let beside = cluster.beside.as_ref().filter(|_| self.is_beside);
        let status = beside.map_or(&cluster.queue, |beside| &beside.queue).status().await;
        status.is_ok_and(|it| it.inbox + it.waiting_total() + it.scheduled < self.backlog_max)
    }

    async fn submit_some(&mut self, cluster: &Cluster) {
        let room = usize::try_from(self.backlog_max).unwrap_or(PORTION);
        let mut bills = std::mem::take(&mut self.uncertain);
        let portion = if self.is_beside { 1 } else { PORTION.min(room) };
        while bills.len() < portion {
            bills.push(self.draw_bill());
        }
        if self.submit(cluster, &bills).await.is_ok() {
            self.made.extend(bills);
        } else {
            for bill in &mut bills {
                bill.check_first = self.is_careful;
            }
            self.uncertain = bills;
        }
    }

    async fn submit(&self, cluster: &Cluster, bills: &[Bill]) -> anyhow::Result<()> {
        if self.is_beside {
            return cluster.submit_beside(bills).await;
        }
        cluster.submit(bills).await.map(drop)
    }

    /// Mostly new bills; some that were submitted before, some important, some for later, some with a
    /// contradictory amount.
    fn draw_bill(&mut self) -> Bill {
        let is_again = !self.is_beside && self.random.random_ratio(1, 20);
        let earlier = is_again.then(|| self.draw_earlier()).flatten();
        if let Some(mut bill) = earlier {
            if self.random.random_ratio(1, 10) {
                bill.amount += 1;
            }
            bill.run_at = None;
            bill.check_first = self.is_careful;
            return bill;
        }
        let number = self.made.len() + self.uncertain.len();
        let unique: u32 = self.random.random();
        let mut bill = Bill::new(format!("{}/{number}/{unique:08x}", self.name));
        bill.priority = match self.random.random_range(0..10) {
            0 => Priority::High,
            1 | 2 => Priority::Low,
            _ => Priority::Normal,
        };
        if self.random.random_ratio(1, 30) {
            let seconds = self.random.random_range(0..=RUN_AT_MAX_S);
            let at = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
            bill.run_at = Some(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        }
        bill
    }

    fn draw_earlier(&mut self) -> Option<Bill> {
        let count = self.made.len();
        (count > 0).then(|| self.made[self.random.random_range(0..count)].clone())
    }
}
