//! One bill has one payable invoice, and it is the one that was told.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use xendit_sim::{Arrival, RequestKind};

use super::records::{Record, Records};
use super::{Evidence, Promise, Violation};

/// Jobs that end with such a code say that an invoice may exist.
const MAY_HAVE_ONE: [&str; 2] = ["crash_loop", "lookup_refused"];

pub(super) fn check(
    evidence: &Evidence<'_>,
    records: &Records,
    arrivals: &[Arrival],
) -> Vec<Violation> {
    let mut bills: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for (_, record) in records.present() {
        bills.entry(record.text("external_id")).or_default().push(record);
    }
    bills.remove("");
    let mut submitted_us: BTreeMap<&str, u64> = BTreeMap::new();
    for submitted in evidence.submitted {
        submitted_us.entry(&submitted.bill.external_id).or_insert(submitted.at_us);
    }
    let mut found = Vec::new();
    for (external_id, jobs) in &bills {
        let payable: Vec<String> = evidence
            .xendit
            .invoices(external_id)
            .iter()
            .filter(|invoice| invoice.status.is_payable())
            .map(|invoice| invoice.id.to_string())
            .collect();
        found.extend(fault(jobs, &payable, &evidence.rules.expired_by_hand).map(|fault| {
            let at_us = submitted_us.get(external_id).copied();
            let detail = format!("{external_id} {fault}; {}", course(external_id, arrivals));
            Violation::new(Promise::OneInvoice, detail, at_us)
        }));
    }
    if evidence.rules.is_lossless {
        found.extend(strangers(&bills, arrivals));
    }
    found
}

fn fault(
    jobs: &[&Record],
    payable: &[String],
    expired_by_hand: &BTreeSet<String>,
) -> Option<String> {
    let done: Vec<&&Record> = jobs.iter().filter(|job| job.is("done")).collect();
    if done.is_empty() {
        let may_have_one = jobs.iter().any(|job| MAY_HAVE_ONE.contains(&job.text("error_code")));
        let is_fine = payable.is_empty() || (may_have_one && payable.len() == 1);
        return (!is_fine).then(|| format!("has no done job, but payable invoices {payable:?}"));
    }
    let [only] = payable else {
        return Some(format!("has {} payable invoices: {payable:?}", payable.len()));
    };
    let told = done.iter().map(|job| job.text("invoice_id"));
    let told: HashSet<&str> = told.filter(|invoice| !expired_by_hand.contains(*invoice)).collect();
    (told.len() != 1 || !told.contains(only.as_str()))
        .then(|| format!("has the payable invoice {only}, but {told:?} was told"))
}

/// Returns what Xendit saw of a bill, for whoever has to find the cause.
fn course(external_id: &str, arrivals: &[Arrival]) -> String {
    let seen = arrivals.iter().filter(|it| it.external_id.as_deref() == Some(external_id));
    let steps = seen.map(|it| {
        let (status, fault) = (it.status.unwrap_or_default(), it.fault.as_deref().unwrap_or("-"));
        let invoice = it.invoice_id.as_deref().unwrap_or("-");
        let account = it.account.as_deref().unwrap_or("nobody");
        format!("{} ms {} {account} {status} {fault} {invoice}", it.arrived_us / 1_000, it.kind)
    });
    format!("arrivals: {}", steps.collect::<Vec<_>>().join(", "))
}

/// Returns invoices that were made for bills that nobody submitted.
fn strangers(bills: &BTreeMap<&str, Vec<&Record>>, arrivals: &[Arrival]) -> Vec<Violation> {
    let created = arrivals.iter().filter(|arrival| arrival.kind == RequestKind::Create);
    let external_ids =
        created.filter_map(|arrival| Some((arrival.external_id.as_deref()?, arrival)));
    external_ids
        .filter(|(external_id, _)| !bills.contains_key(external_id))
        .map(|(external_id, arrival)| {
            let detail = format!("{external_id} was created, but no job has it");
            Violation::new(Promise::OneInvoice, detail, Some(arrival.arrived_us))
        })
        .collect()
}
