//! The table of a run.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::Duration;

use super::check::{Promise, Violation, describe};
use super::incident::{Incident, Kind, Naming};
use super::run::Outcome;

/// One row: what happened from the beginning of such a fault to the beginning of the next fault.
#[derive(Debug, Default)]
struct Row {
    times: u64,
    kills: u64,
    jobs: u64,
    broken: HashMap<Promise, u64>,
    recoveries_us: Vec<u64>,
    named_us: Vec<u64>,
    sick: (usize, usize),
}

/// Returns the table of all parts, and what was broken, as Markdown.
pub fn table(outcomes: &[Outcome], seed: u64) -> String {
    let mut text = format!("Seed {seed}.\n");
    for outcome in outcomes {
        write_part(&mut text, outcome).ok();
    }
    write_totals(&mut text, outcomes).ok();
    text
}

/// Returns whether every promise was kept.
pub fn is_clean(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| outcome.violations.is_empty() && outcome.deaths == 0)
}

fn write_part(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let part = &outcome.part;
    writeln!(text, "\n### {} ({} workers, {} s)\n", part.name, part.workers, part.lasts.as_secs())?;
    writeln!(
        text,
        "| fault | injected | processes killed | jobs | lost | payable twice | windows exceeded | next \
         request after p50 | p99 | named in status after at most | of the sick worker |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )?;
    for (kind, row) in rows(outcome) {
        write_row(text, kind.map_or("(before the first fault)", Kind::text), row)?;
    }
    writeln!(
        text,
        "\nNothing was left to do {} after the last fault. Requests: {}.",
        seconds(u64::try_from(outcome.drained_in.as_micros()).unwrap_or(u64::MAX)),
        outcome.arrivals.len()
    )?;
    if !part.is_lossless {
        writeln!(
            text,
            "Redis may forget acknowledged jobs here, and forgot {}; counters are not asked for either.",
            outcome.forgotten
        )?;
    }
    if outcome.deaths > 0 {
        writeln!(text, "{} workers ended by themselves.", outcome.deaths)?;
    }
    if !outcome.violations.is_empty() {
        writeln!(text, "\n```text\n{}\n```", describe(&outcome.violations))?;
    }
    Ok(())
}

fn write_row(text: &mut String, name: &str, mut row: Row) -> std::fmt::Result {
    row.recoveries_us.sort_unstable();
    let broken = |promise| row.broken.get(&promise).copied().unwrap_or_default();
    writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        row.times,
        row.kills,
        row.jobs,
        broken(Promise::EndsOnce),
        broken(Promise::OneInvoice),
        broken(Promise::WithinLimits),
        percentile(&row.recoveries_us, 50),
        percentile(&row.recoveries_us, 99),
        row.named_us.iter().max().map_or_else(String::new, |us| seconds(*us)),
        share(row.sick),
    )
}

/// Requests of the sick worker among all while it was sick.
fn share((sick, all): (usize, usize)) -> String {
    if all == 0 { String::new() } else { format!("{sick} of {all} requests") }
}

fn write_totals(text: &mut String, outcomes: &[Outcome]) -> std::fmt::Result {
    let sum = |count: &dyn Fn(&Outcome) -> u64| outcomes.iter().map(count).sum::<u64>();
    let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let broken = |promise: Promise| {
        let is_it = |violation: &&Violation| violation.promise == promise;
        sum(&|outcome| length(outcome.violations.iter().filter(is_it).count()))
    };
    writeln!(
        text,
        "\nIn all: {} jobs, {} requests, {} faults, {} worker processes killed. Lost: {}, payable twice: {}, \
         windows exceeded: {}, held in the end: {}, out of order: {}, miscounted: {}, died by themselves: {}. Beside: \
         {} jobs, harmed: {}. Slowed by a sick worker: {}, causes not named: {}.",
        sum(&|outcome| length(outcome.submitted.len())),
        sum(&|outcome| length(outcome.arrivals.len())),
        sum(&|outcome| length(outcome.incidents.len())),
        sum(&|outcome| outcome.incidents.iter().map(|incident| incident.kills).sum()),
        broken(Promise::EndsOnce),
        broken(Promise::OneInvoice),
        broken(Promise::WithinLimits),
        broken(Promise::NothingHeld),
        broken(Promise::InOrder),
        broken(Promise::Counted),
        sum(&|outcome| outcome.deaths),
        sum(&|outcome| length(outcome.beside.len())),
        broken(Promise::Unharmed),
        broken(Promise::KeepsPace),
        broken(Promise::Named),
    )
}

fn rows(outcome: &Outcome) -> BTreeMap<Option<Kind>, Row> {
    let mut arrivals_us: Vec<u64> = outcome.arrivals.iter().map(|it| it.arrived_us).collect();
    arrivals_us.sort_unstable();
    let mut rows: BTreeMap<Option<Kind>, Row> = BTreeMap::new();
    for incident in &outcome.incidents {
        let row = rows.entry(Some(incident.kind)).or_default();
        row.times += 1;
        row.kills += incident.kills;
        row.recoveries_us.extend(recovery_us(incident, &arrivals_us));
        if let Some(Naming::After(us)) = incident.neighbour.named {
            row.named_us.push(us);
        }
        if let Some((sick, all)) = incident.neighbour.share {
            row.sick = (row.sick.0 + sick, row.sick.1 + all);
        }
    }
    for submitted in &outcome.submitted {
        rows.entry(kind_at(outcome, submitted.at_us)).or_default().jobs += 1;
    }
    for violation in &outcome.violations {
        let kind = violation.at_us.and_then(|at_us| kind_at(outcome, at_us));
        *rows.entry(kind).or_default().broken.entry(violation.promise).or_default() += 1;
    }
    rows
}

/// Returns the fault that had begun last.
fn kind_at(outcome: &Outcome, at_us: u64) -> Option<Kind> {
    let begun = outcome.incidents.partition_point(|incident| incident.lasted_us.start <= at_us);
    outcome.incidents.get(begun.checked_sub(1)?).map(|incident| incident.kind)
}

/// Returns how long after its end the next request arrived; work was always waiting.
fn recovery_us(incident: &Incident, arrivals_us: &[u64]) -> Option<u64> {
    let next = arrivals_us.partition_point(|us| *us <= incident.lasted_us.end);
    arrivals_us.get(next).map(|us| us - incident.lasted_us.end)
}

fn percentile(sorted_us: &[u64], percent: usize) -> String {
    let place = (sorted_us.len() * percent).div_ceil(100).saturating_sub(1);
    sorted_us.get(place).map_or_else(String::new, |us| seconds(*us))
}

fn seconds(us: u64) -> String {
    let duration = Duration::from_micros(us);
    format!("{:.3} s", duration.as_secs_f64())
}
