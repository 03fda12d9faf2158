//! What became of the bills: invoices by the simulator's ledger, links by the database's file.

use std::time::Duration;

use antre_testkit::ChildProcess;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Portal;

const READING: Duration = Duration::from_mins(1);

/// The findings at one instant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Count {
    /// Bills in the database.
    pub bills: usize,
    /// Their invoices at Xendit that can be paid.
    pub payable: usize,
    /// The most of one bill.
    pub payable_max: usize,
    /// Bills that have more than one.
    pub payable_twice: usize,
    /// Bills whose row has no link that can be paid.
    pub links_missing: usize,
    /// From the first row to the last link, in seconds.
    pub last_link_s: f64,
    /// The most requests at Xendit in any one second.
    pub most_in_any_second: u64,
    /// How close three requests came at Xendit, from the first to the last of them.
    pub closest_three_ms: u64,
    /// Requests that Xendit refused with 429.
    pub refused: u64,
}

impl Portal {
    /// Counts what is there now.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn count(&self) -> Result<Count> {
        let mut reading = ChildProcess::start(self.links())?;
        let ended = reading.wait(READING).await?;
        ensure!(ended.success(), "the database cannot be read\n{}", reading.output());
        let rows: Vec<Value> = serde_json::from_str(&reading.stdout())?;
        let summary = self.xendit.summary(Duration::from_secs(1));
        let mut count = Count {
            bills: rows.len(),
            most_in_any_second: summary.most_in_any_window,
            refused: summary.totals.count_429,
            ..Count::default()
        };
        let mut arrived_us: Vec<u64> =
            self.xendit.ledger().arrivals().iter().map(|arrival| arrival.arrived_us).collect();
        arrived_us.sort_unstable();
        let spans = arrived_us.windows(3).map(|three| three[2] - three[0]);
        count.closest_three_ms = spans.min().unwrap_or_default() / 1_000;
        let first_row = rows.iter().filter_map(|row| row["created_at"].as_f64()).reduce(f64::min);
        let last_link = rows.iter().filter_map(|row| row["linked_at"].as_f64()).reduce(f64::max);
        count.last_link_s = last_link.zip(first_row).map_or(0.0, |(last, first)| last - first);
        for row in &rows {
            let name = row["external_id"].as_str().context("a bill without a name")?;
            let invoices = self.xendit.invoices(name).into_iter();
            let payable: Vec<_> = invoices.filter(|one| one.status.is_payable()).collect();
            // Its link ends with its id.
            let link = row["link"].as_str().unwrap_or_default();
            let is_linked = payable.iter().any(|one| link.ends_with(&*one.id));
            count.payable += payable.len();
            count.payable_max = count.payable_max.max(payable.len());
            count.payable_twice += usize::from(payable.len() > 1);
            count.links_missing += usize::from(!is_linked);
        }
        Ok(count)
    }
}
