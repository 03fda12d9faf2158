//! The demo's figures as people read them.

use std::fmt::{self, Write as _};

use antre_core::duration_text::DurationText;
use antre_demo::demo::{Report, Row};

use crate::output::{Table, length};

const COLUMNS: [&str; 8] =
    ["#", "BILL", "CUSTOMER", "PRIORITY", "SENT", "LINK", "OVERTOOK", "WHERE TO PAY"];

/// Returns the page.
pub(super) fn draw(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    write(&mut page, report).ok();
    page
}

fn write(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "{}\n", table(&report.rows))?;
    writeln!(page, "Measured at the simulated Xendit:")?;
    writeln!(page, "  requests           {}", report.requests)?;
    for (limit, most) in &report.windows {
        let window = format!("most in any {}", DurationText(limit.window()));
        writeln!(page, "  {window:17}  {most}  (limit {limit})")?;
    }
    writeln!(page, "  refused with 429   {}", report.count_429)?;
    writeln!(page, "  duplicates         {}", report.duplicates)?;
    writeln!(page, "  links delivered    {} of {}", report.links, report.invoices)?;
    let span = length(report.span);
    writeln!(page, "  time               {span}, from the first request to the last")?;
    if report.are_workers_stopped {
        writeln!(
            page,
            "\nWorkers were suspended: one that had just looked at the clock may send late,\n\
             so a window may hold one request more than its limit."
        )?;
    }
    let faults = report.faults();
    if faults.is_empty() {
        return write!(
            page,
            "\nThe promise was kept: one payable invoice per bill, never over the limit.\n\
             For your own application: antre dev gives it a URL in place of Xendit's."
        );
    }
    write!(page, "\nThe promise was BROKEN:")?;
    faults.iter().try_for_each(|fault| write!(page, "\n  {fault}"))
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for row in rows {
        table.row([
            row.place.to_string(),
            row.external_id.clone(),
            row.customer.clone(),
            row.priority.to_owned(),
            length(row.submitted),
            length(row.ended),
            if row.overtook > 0 { row.overtook.to_string() } else { String::new() },
            row.outcome.clone(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests;
