//! Nobody holds anything in the end, and the counters tell what happened.

use super::records::{Record, Records};
use super::{Promise, Rules, Violation};

pub(super) fn nothing_held(records: &Records) -> Vec<Violation> {
    let status = &records.status;
    let held = [
        ("in the inbox", status.inbox),
        ("waiting", status.waiting_total()),
        ("scheduled", status.scheduled),
        ("leased", status.running),
    ];
    let left = held.into_iter().filter(|(_, count)| *count > 0);
    left.map(|(what, count)| {
        Violation::new(Promise::NothingHeld, format!("{count} jobs are {what} in the end"), None)
    })
    .collect()
}

pub(super) fn check(rules: &Rules, records: &Records) -> Vec<Violation> {
    if !rules.is_lossless {
        return Vec::new();
    }
    let count = |is_counted: &dyn Fn(&Record) -> bool| {
        let counted = records.present().filter(|(_, record)| is_counted(record)).count();
        u64::try_from(counted).unwrap_or(u64::MAX)
    };
    let accepted = count(&|_| true);
    let duplicates = count(&Record::is_duplicate);
    let done = count(&|record| record.is("done") && !record.is_duplicate());
    let dead = count(&|record| record.is("dead") && !record.is_duplicate());
    let (status, corrected) = (&records.status, corrected(records));
    let mut pairs = vec![
        ("total accepted".to_owned(), status.totals.accepted, accepted),
        ("total duplicates".to_owned(), status.totals.duplicates, duplicates),
        ("total done".to_owned(), status.totals.done, done),
        ("total dead".to_owned(), status.totals.dead, dead + corrected),
        ("done".to_owned(), status.done, done),
        ("dead".to_owned(), status.dead, dead),
    ];
    for (name, figures) in &records.batches {
        let figure = |field: &str| figures.get(field).copied().unwrap_or_default();
        let of = |is_counted: &dyn Fn(&Record) -> bool| {
            count(&|record: &Record| record.text("batch") == name && is_counted(record))
        };
        let state = |state: &'static str| of(&|record| record.is(state) && !record.is_duplicate());
        pairs.push((format!("batch {name} total"), figure("total"), of(&|_| true)));
        pairs.push((format!("batch {name} done"), figure("done"), state("done")));
        pairs.push((format!("batch {name} dead"), figure("dead"), state("dead")));
        pairs.push((
            format!("batch {name} duplicates"),
            figure("duplicates"),
            of(&Record::is_duplicate),
        ));
    }
    let wrong = pairs.into_iter().filter(|(_, counter, counted)| counter != counted);
    wrong
        .map(|(name, counter, counted)| {
            let detail = format!("{name} is {counter}, but there are {counted}");
            Violation::new(Promise::Counted, detail, None)
        })
        .collect()
}

/// Returns how many jobs were dead before their invoice turned up.
fn corrected(records: &Records) -> u64 {
    let jobs = records.ends.iter().filter(|(id, ends)| {
        let is_duplicate = records.jobs.get(*id).is_some_and(Record::is_duplicate);
        !is_duplicate
            && ends.windows(2).any(|pair| pair[0].state == "dead" && pair[1].state == "done")
    });
    u64::try_from(jobs.count()).unwrap_or(u64::MAX)
}
