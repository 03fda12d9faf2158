//! What the demo shows at its end: figures of the simulated Xendit's ledger, held against the promise.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use antre_protocol::duration_text::DurationText;
use antre_protocol::{Limit, Limits};
use serde_json::{Value, json};
use xendit_sim::Summary;

use super::ends::{End, Journal, Sent};
use crate::output::{Table, length};

/// Rows of ordinary customers, and of VIPs, that are shown.
const ROWS_MAX: usize = 8;

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    journal: Journal,
    summary: Summary,
    /// The most requests in any half-open window of each limit.
    windows: Vec<(Limit, u64)>,
    are_workers_stopped: bool,
}

/// Asks the simulated Xendit what arrived.
pub(super) async fn measure(
    xendit_url: &str,
    limits: &Limits,
    journal: Journal,
    are_workers_stopped: bool,
) -> anyhow::Result<Report> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let mut windows = Vec::new();
    let mut first = None;
    for limit in limits.iter() {
        let window_ms = limit.window().as_millis();
        let url = format!("{xendit_url}/_sim/summary?window_ms={window_ms}");
        let summary: Summary = client.get(url).send().await?.error_for_status()?.json().await?;
        windows.push((limit, summary.most_in_any_window));
        first.get_or_insert(summary);
    }
    let summary = first.ok_or_else(|| anyhow::anyhow!("there is no limit"))?;
    Ok(Report { journal, summary, windows, are_workers_stopped })
}

impl Report {
    /// Returns how the promise was broken; nothing if it was kept.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let (links, sent) = (self.links(), self.journal.sent.len());
        if links < sent {
            faults.push(format!("{} of {sent} bills have no link", sent - links));
        }
        let several = self.summary.payable.external_ids_with_several;
        if several > 0 {
            faults.push(format!("{several} bills have more than one payable invoice"));
        }
        for (limit, most) in &self.windows {
            // A process stopped between its last look at the clock and the write sends late.
            let most_allowed = u64::from(limit.requests()) + u64::from(self.are_workers_stopped);
            if *most > most_allowed {
                faults.push(format!("a window of the limit {limit} held {most} requests"));
            }
        }
        if self.summary.totals.count_429 > 0 && !self.are_workers_stopped {
            faults
                .push(format!("{} requests were refused with 429", self.summary.totals.count_429));
        }
        faults
    }

    fn links(&self) -> usize {
        let has_link = |end: &&End| end.state == "done" && !end.invoice_url.is_empty();
        self.journal.ends.iter().filter(has_link).count()
    }

    /// Returns the time from the first request to the last.
    fn span(&self) -> Duration {
        let totals = &self.summary.totals;
        let span_us =
            totals.last_us.unwrap_or_default().saturating_sub(totals.first_us.unwrap_or_default());
        Duration::from_micros(span_us)
    }

    fn most(&self) -> u64 {
        self.windows.first().map_or(0, |(_, most)| *most)
    }

    /// Returns the figures for programs.
    pub(super) fn to_json(&self) -> Value {
        let windows: Vec<Value> = self
            .windows
            .iter()
            .map(|(limit, most)| json!({ "limit": limit, "most_in_any_window": most }))
            .collect();
        json!({
            "invoices": self.journal.sent.len(),
            "links": self.links(),
            "requests": self.summary.totals.requests,
            "most_in_any_window": self.most(),
            "windows": windows,
            "count_429": self.summary.totals.count_429,
            "duplicates": self.summary.payable.external_ids_with_several,
            "duration_ms": u64::try_from(self.span().as_millis()).unwrap_or(u64::MAX),
            "vip_delivered_after_ms": self.delays(true),
            "others_delivered_after_ms": self.delays(false),
            "faults": self.faults(),
        })
    }

    /// Returns the median and longest time from submission to link, of VIPs or of the others.
    fn delays(&self, is_vip: bool) -> Value {
        let sent = self.by_external_id();
        let mut delays: Vec<i64> = self
            .journal
            .ends
            .iter()
            .filter_map(|end| Some((end, sent.get(end.external_id.as_str())?)))
            .filter(|(_, sent)| sent.sample.is_vip == is_vip)
            .map(|(end, sent)| end.ended_ms - sent.submitted_ms)
            .collect();
        delays.sort_unstable();
        json!({ "median": delays.get(delays.len() / 2), "most": delays.last() })
    }

    fn by_external_id(&self) -> HashMap<&str, &Sent> {
        let sent = &self.journal.sent;
        sent.iter().map(|sent| (sent.sample.external_id.as_str(), sent)).collect()
    }

    /// Returns the table of the first ends and of the VIPs'.
    fn table(&self) -> Table {
        let mut table = Table::new(&[
            "#",
            "BILL",
            "CUSTOMER",
            "PRIORITY",
            "SENT",
            "LINK",
            "OVERTOOK",
            "WHERE TO PAY",
        ]);
        let sent = self.by_external_id();
        let start_ms = self.journal.sent.first().map_or(0, |sent| sent.submitted_ms);
        let (mut ordinary, mut vips) = (0, 0);
        for (position, end) in self.journal.ends.iter().enumerate() {
            let Some(origin) = sent.get(end.external_id.as_str()) else { continue };
            let shown = if origin.sample.is_vip { &mut vips } else { &mut ordinary };
            *shown += 1;
            if *shown > ROWS_MAX {
                continue;
            }
            let overtaken = self.overtaken(position, origin, &sent);
            let what = if end.state == "done" { &end.invoice_url } else { &end.error_code };
            table.row([
                (position + 1).to_string(),
                end.external_id.clone(),
                origin.sample.customer.clone(),
                origin.sample.priority().to_owned(),
                seconds(origin.submitted_ms - start_ms),
                seconds(end.ended_ms - start_ms),
                if overtaken > 0 { overtaken.to_string() } else { String::new() },
                what.clone(),
            ]);
        }
        table
    }

    /// Returns how many bills were submitted before this one and got their link after it.
    fn overtaken(&self, position: usize, origin: &Sent, sent: &HashMap<&str, &Sent>) -> usize {
        let later = self.journal.ends.iter().skip(position + 1);
        let later = later.filter_map(|end| sent.get(end.external_id.as_str()));
        later.filter(|other| other.submitted_ms < origin.submitted_ms).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = &self.summary.totals;
        writeln!(f, "{}\n", self.table())?;
        writeln!(f, "Measured at the simulated Xendit:")?;
        writeln!(f, "  requests           {}", totals.requests)?;
        for (limit, most) in &self.windows {
            let window = format!("most in any {}", DurationText(limit.window()));
            writeln!(f, "  {window:17}  {most}  (limit {limit})")?;
        }
        writeln!(f, "  refused with 429   {}", totals.count_429)?;
        writeln!(f, "  duplicates         {}", self.summary.payable.external_ids_with_several)?;
        writeln!(f, "  links delivered    {} of {}", self.links(), self.journal.sent.len())?;
        writeln!(
            f,
            "  time               {}, from the first request to the last",
            length(self.span())
        )?;
        if self.are_workers_stopped {
            writeln!(
                f,
                "\nWorkers were suspended: one that had just looked at the clock may send late,"
            )?;
            writeln!(f, "so a window may hold one request more than its limit.")?;
        }
        let faults = self.faults();
        if faults.is_empty() {
            return write!(
                f,
                "\nThe promise was kept: one payable invoice per bill, never over the limit."
            );
        }
        write!(f, "\nThe promise was BROKEN:")?;
        faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

fn seconds(ms: i64) -> String {
    length(Duration::from_millis(u64::try_from(ms).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
