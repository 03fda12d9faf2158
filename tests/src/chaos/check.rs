//! The checker: reads the simulator's ledger and Redis, and returns every broken promise.
//!
//! It trusts neither side's counters alone: invoices and instants come from the simulator, what was
//! promised comes from the producers' memory, and Redis has to agree with both.

mod counters;
mod ends;
mod invoices;
mod order;
mod records;
mod windows;

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use antre_store::Queue;
use redis::aio::MultiplexedConnection;
use xendit_sim::{Arrival, Limit, Running};

use self::records::Records;
use super::bills::Submitted;

/// What one run left behind.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The queue; drained.
    pub queue: &'a Queue,
    /// The simulated Xendit.
    pub xendit: &'a Running,
    /// Everything that Redis acknowledged.
    pub submitted: &'a [Submitted],
    /// The requests that are this account's to answer for.
    pub arrivals: Vec<Arrival>,
    /// What may be asked of this run.
    pub rules: &'a Rules,
}

/// What may be asked of one run.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The limits in force.
    pub limits: Vec<Limit>,
    /// When arrivals do not tell when they were sent, because a link released what it had held, or a
    /// stopped process wrote what it had decided before. In the clock of the ledger.
    pub blurs: Vec<Range<u64>>,
    /// Whether everything acknowledged must be there. False where Redis may lose its last second.
    pub is_lossless: bool,
    /// By how much a job may be overtaken: given back and claimed again.
    pub overtaking_max: Duration,
    /// Whether every job must be done: nothing that was submitted can be refused.
    pub is_all_done: bool,
    /// Invoices that a person expired after they were told.
    pub expired_by_hand: BTreeSet<String>,
}

impl Rules {
    /// Returns the rules of a run without faults that blur anything.
    ///
    /// # Errors
    /// When `limits` is none.
    pub fn strict(limits: &str) -> anyhow::Result<Self> {
        let limits: xendit_sim::Limits = limits.parse()?;
        Ok(Self {
            limits: limits.0,
            blurs: Vec::new(),
            is_lossless: true,
            overtaking_max: Duration::from_secs(2),
            is_all_done: false,
            expired_by_hand: BTreeSet::new(),
        })
    }
}

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// Every acknowledged job ends once, and is visible.
    EndsOnce,
    /// One bill has one payable invoice, and it is the one that was told.
    OneInvoice,
    /// No window holds more requests than the limit.
    WithinLimits,
    /// Nobody holds anything in the end.
    NothingHeld,
    /// Important first, then in order of acceptance.
    InOrder,
    /// Counters tell what happened.
    Counted,
    /// The account beside comes to no harm.
    Unharmed,
    /// A sick worker costs the others next to nothing.
    KeepsPace,
    /// `status` names the cause.
    Named,
}

/// One broken promise.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// What was found.
    pub detail: String,
    /// The submission it is about, by its time in the clock of the ledger, or the instant itself.
    pub at_us: Option<u64>,
}

impl Violation {
    pub(super) fn new(promise: Promise, detail: impl Into<String>, at_us: Option<u64>) -> Self {
        Self { promise, detail: detail.into(), at_us }
    }
}

/// Returns every broken promise of a run that is over.
///
/// # Errors
/// When Redis does not answer.
pub async fn check(
    evidence: &Evidence<'_>,
    connection: &mut MultiplexedConnection,
) -> anyhow::Result<Vec<Violation>> {
    let records = Records::read(evidence, connection).await?;
    let arrivals = evidence.arrivals.as_slice();
    let mut found = Vec::new();
    found.extend(ends::check(evidence, &records));
    found.extend(invoices::check(evidence, &records, arrivals));
    found.extend(windows::check(evidence.rules, arrivals));
    found.extend(counters::nothing_held(&records));
    found.extend(counters::check(evidence.rules, &records));
    found.extend(order::check(evidence.rules, &records, arrivals));
    Ok(found)
}

/// Returns violations as text, one a line, at most 40 of them.
pub fn describe(violations: &[Violation]) -> String {
    let mut lines: Vec<String> = violations
        .iter()
        .take(40)
        .map(|violation| {
            let at = violation
                .at_us
                .map(|us| format!(" at {}.{:03} s", us / 1_000_000, us / 1_000 % 1_000));
            format!("{:?}{}: {}", violation.promise, at.unwrap_or_default(), violation.detail)
        })
        .collect();
    if violations.len() > lines.len() {
        lines.push(format!("… {} in all", violations.len()));
    }
    lines.join("\n")
}
