//! The demo's figures at its end: from the simulated Xendit's ledger, compared with the promise.

use std::collections::HashMap;
use std::time::Duration;

use antre_core::EndState;
use antre_core::Limit;
use serde_json::{Value, json};
use xendit_sim::Summary;

use super::Options;
use super::ends::{End, Journal, Sent};
use crate::Result;

/// Rows of ordinary customers, and of VIPs, that are shown.
const ROWS_MAX: usize = 8;

/// Everything that was measured.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many invoices were submitted.
    pub invoices: usize,
    /// How many of them have a link.
    pub links: usize,
    /// How many requests arrived.
    pub requests: u64,
    /// The most requests in any half-open window of each limit.
    pub windows: Vec<(Limit, u64)>,
    /// How many requests were refused because of the limit.
    pub count_429: u64,
    /// How many bills have more than one payable invoice.
    pub duplicates: u64,
    /// From the first request to the last.
    pub span: Duration,
    /// The times from submission to link of VIPs, in milliseconds and ascending.
    pub vip_delays_ms: Vec<i64>,
    /// The same of the others.
    pub other_delays_ms: Vec<i64>,
    /// The first ends, and the VIPs'.
    pub rows: Vec<Row>,
    /// Whether workers were suspended: one that had just looked at the clock may send late.
    pub are_workers_stopped: bool,
}

/// One bill, as the table shows it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its place in the order of the ends, from 1.
    pub place: usize,
    /// The bill.
    pub external_id: String,
    /// Who pays it.
    pub customer: String,
    /// `high`, `normal` or `low`.
    pub priority: &'static str,
    /// When it was submitted, since the first submission.
    pub submitted: Duration,
    /// When it ended, since then.
    pub ended: Duration,
    /// How many bills were submitted before it and got their link after it.
    pub overtook: usize,
    /// Where to pay, or the code of the failure.
    pub outcome: String,
}

/// Asks the simulated Xendit what arrived.
pub(super) async fn measure(
    xendit_url: &str,
    options: &Options,
    journal: &Journal,
) -> Result<Report> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let url = format!("{xendit_url}/_sim/summary");
    let summary = summary(&client, &url).await?;
    let mut windows = Vec::new();
    for limit in options.limits.iter() {
        let url = format!("{url}?window_ms={}", limit.window().as_millis());
        windows.push((limit, self::summary(&client, &url).await?.most_in_any_window));
    }
    Ok(Report::new(journal, &summary, windows, options.are_workers_stopped))
}

async fn summary(client: &reqwest::Client, url: &str) -> Result<Summary> {
    Ok(client.get(url).send().await?.error_for_status()?.json().await?)
}

impl Report {
    fn new(
        journal: &Journal,
        summary: &Summary,
        windows: Vec<(Limit, u64)>,
        are_workers_stopped: bool,
    ) -> Self {
        let totals = &summary.totals;
        let (first_us, last_us) = (totals.first_us.unwrap_or(0), totals.last_us.unwrap_or(0));
        let has_link = |end: &&End| end.state == Some(EndState::Done) && end.invoice_url.is_some();
        let progress = Progress::of(journal);
        Self {
            invoices: journal.sent.len(),
            links: journal.ends.iter().filter(has_link).count(),
            requests: totals.requests,
            windows,
            count_429: totals.count_429,
            duplicates: summary.payable.external_ids_with_several,
            span: Duration::from_micros(last_us.saturating_sub(first_us)),
            vip_delays_ms: progress.delays_ms(true),
            other_delays_ms: progress.delays_ms(false),
            rows: progress.rows(),
            are_workers_stopped,
        }
    }

    /// Returns how the promise was broken; nothing if it was kept.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let (links, invoices) = (self.links, self.invoices);
        if links < invoices {
            faults.push(format!("{} of {invoices} bills have no link", invoices - links));
        }
        if self.duplicates > 0 {
            faults.push(format!("{} bills have more than one payable invoice", self.duplicates));
        }
        for (limit, most) in &self.windows {
            // A process stopped between its last look at the clock and the write sends late.
            let most_allowed = u64::from(limit.requests()) + u64::from(self.are_workers_stopped);
            if *most > most_allowed {
                faults.push(format!("a window of the limit {limit} held {most} requests"));
            }
        }
        if self.count_429 > 0 && !self.are_workers_stopped {
            faults.push(format!("{} requests were refused with 429", self.count_429));
        }
        faults
    }

    /// Returns the figures for programs.
    pub fn to_json(&self) -> Value {
        let window =
            |(limit, most): &(Limit, u64)| json!({ "limit": limit, "most_in_any_window": most });
        let delays = |ms: &[i64]| json!({ "median": ms.get(ms.len() / 2), "most": ms.last() });
        json!({
            "invoices": self.invoices,
            "links": self.links,
            "requests": self.requests,
            "most_in_any_window": self.windows.first().map_or(0, |(_, most)| *most),
            "windows": self.windows.iter().map(window).collect::<Vec<_>>(),
            "count_429": self.count_429,
            "duplicates": self.duplicates,
            "duration_ms": u64::try_from(self.span.as_millis()).unwrap_or(u64::MAX),
            "vip_delivered_after_ms": delays(&self.vip_delays_ms),
            "others_delivered_after_ms": delays(&self.other_delays_ms),
            "faults": self.faults(),
        })
    }
}

/// The ends in their order, each with its submission.
struct Progress<'a> {
    ends: Vec<(&'a End, &'a Sent)>,
    start_ms: i64,
}

impl<'a> Progress<'a> {
    fn of(journal: &'a Journal) -> Self {
        let sent: HashMap<&str, &Sent> =
            journal.sent.iter().map(|sent| (sent.sample.external_id.as_str(), sent)).collect();
        let with_sent = |end: &'a End| Some((end, *sent.get(end.external_id.as_str())?));
        let start_ms = journal.sent.first().map_or(0, |sent| sent.submitted_ms);
        Self { ends: journal.ends.iter().filter_map(with_sent).collect(), start_ms }
    }

    /// Returns the times from submission to link of VIPs or of the others, ascending.
    fn delays_ms(&self, is_vip: bool) -> Vec<i64> {
        let of_these = self.ends.iter().filter(|(_, sent)| sent.sample.is_vip == is_vip);
        let mut delays_ms: Vec<i64> =
            of_these.map(|(end, sent)| end.ended_ms - sent.submitted_ms).collect();
        delays_ms.sort_unstable();
        delays_ms
    }

    fn rows(&self) -> Vec<Row> {
        let (mut ordinary, mut vips) = (0, 0);
        let mut rows = Vec::new();
        for (index, (end, sent)) in self.ends.iter().enumerate() {
            let shown = if sent.sample.is_vip { &mut vips } else { &mut ordinary };
            *shown += 1;
            if *shown <= ROWS_MAX {
                rows.push(self.row(index, end, sent));
            }
        }
        rows
    }

    fn row(&self, index: usize, end: &End, sent: &Sent) -> Row {
        let later = self.ends.iter().skip(index + 1);
        let outcome =
            if end.state == Some(EndState::Done) { &end.invoice_url } else { &end.error_code };
        Row {
            place: index + 1,
            external_id: end.external_id.clone(),
            customer: sent.sample.customer.clone(),
            priority: sent.sample.priority(),
            submitted: milliseconds(sent.submitted_ms - self.start_ms),
            ended: milliseconds(end.ended_ms - self.start_ms),
            overtook: later.filter(|(_, other)| other.submitted_ms < sent.submitted_ms).count(),
            outcome: outcome.clone().unwrap_or_default(),
        }
    }
}

fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

#[cfg(test)]
mod tests;
