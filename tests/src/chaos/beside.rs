//! An account that shares workers and Redis with the one that is harmed, and must come to no harm.

use std::sync::{Mutex, PoisonError};

use antre_core::mode::Mode;
use antre_store::{Queue, claim::WorkerIdentity, settings::Configurator};
use xendit_sim::Arrival;

use super::bills::{Bill, Submitted};
use super::check::{Evidence, Rules, Violation, check};
use super::cluster::Cluster;

/// Its name.
pub(super) const BESIDE: &str = "beside";
/// Its key, of another merchant.
pub(super) const BESIDE_KEY: &str = "xnd_development_antre_tests_beside";

/// An account that shares workers and Redis with the one that is harmed.
#[derive(Debug)]
pub struct Beside {
    /// Its queue.
    pub queue: Queue,
    /// Its account at the simulator.
    pub account: String,
    pub(super) submitted: Mutex<Vec<Submitted>>,
}

impl Beside {
    /// Returns everything that was acknowledged so far.
    pub fn submitted(&self) -> Vec<Submitted> {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Cluster {
    /// Opens the account beside: nobody harms it, so it must come to no harm.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn open_beside(&mut self) -> anyhow::Result<()> {
        let queue = self.queue.redis().queue(BESIDE.parse()?);
        let tester = WorkerIdentity::new("cluster", "cluster", Mode::Test);
        let by = Configurator { worker: &tester, has_lost_data: false };
        queue.configure(&self.conditions.settings()?, by).await?;
        let account = self.xendit.account_of(BESIDE_KEY);
        self.beside = Some(Beside { queue, account, submitted: Mutex::default() });
        Ok(())
    }

    /// Submits `bills` to the account beside.
    ///
    /// # Errors
    /// As [`Cluster::submit`], and when it is not open.
    pub async fn submit_beside(&self, bills: &[Bill]) -> anyhow::Result<()> {
        let beside = self.beside.as_ref().ok_or_else(|| anyhow::anyhow!("no account beside"))?;
        let submitted = submit(&beside.queue, bills, self.now_us()).await?;
        beside.submitted.lock().unwrap_or_else(PoisonError::into_inner).extend(submitted);
        Ok(())
    }

    /// Asks the checker the same of the account beside.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn check_beside(&self, rules: &Rules) -> anyhow::Result<Vec<Violation>> {
        let Some(beside) = &self.beside else { return Ok(Vec::new()) };
        let submitted = beside.submitted();
        let is_its = |arrival: &Arrival| arrival.account.as_deref() == Some(&*beside.account);
        let arrivals = self.xendit.ledger().arrivals().into_iter().filter(is_its).collect();
        let (queue, xendit) = (&beside.queue, &self.xendit);
        let evidence = Evidence { queue, xendit, submitted: &submitted, arrivals, rules };
        check(&evidence, &mut self.redis().await?).await
    }
}

/// Submits `bills` in one round trip.
pub(super) async fn submit(
    queue: &Queue,
    bills: &[Bill],
    at_us: u64,
) -> anyhow::Result<Vec<Submitted>> {
    let jobs: Vec<String> = bills.iter().map(Bill::to_json).collect();
    let ids: Option<Vec<String>> = queue.submit(&jobs).await?.into_iter().collect();
    let ids = ids.ok_or_else(|| anyhow::anyhow!("nobody serves the account"))?;
    let note = |(bill, id): (&Bill, String)| Submitted { id, bill: bill.clone(), at_us };
    Ok(bills.iter().zip(ids).map(note).collect())
}
