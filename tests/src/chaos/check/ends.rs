//! Every acknowledged job ends once and is visible.

use super::records::{End, Record, Records};
use super::{Evidence, Promise, Violation};

const ENDED: [&str; 3] = ["done", "dead", "cancelled"];

pub(super) fn check(evidence: &Evidence<'_>, records: &Records) -> Vec<Violation> {
    let mut found = Vec::new();
    for submitted in evidence.submitted {
        let id = &submitted.id;
        let record = records.jobs.get(id);
        let ends = records.ends.get(id).map(Vec::as_slice).unwrap_or_default();
        let is_absent = record.is_none_or(|record| record.text("state").is_empty());
        if is_absent && !evidence.rules.is_lossless {
            continue;
        }
        if evidence.rules.is_all_done && record.is_some_and(|record| !record.is("done")) {
            let state = record.map_or("", |record| record.text("state"));
            let detail = format!("job {id} ({}) is {state}", submitted.bill.external_id);
            found.push(Violation::new(Promise::Unharmed, detail, Some(submitted.at_us)));
        }
        let fault = match record {
            None => Some("was acknowledged and is lost".to_owned()),
            Some(_) if is_absent => Some("was acknowledged and is lost".to_owned()),
            Some(record) => fault(record, ends),
        };
        found.extend(fault.map(|fault| {
            let detail = format!("job {id} ({}) {fault}", submitted.bill.external_id);
            Violation::new(Promise::EndsOnce, detail, Some(submitted.at_us))
        }));
    }
    found
}

fn fault(record: &Record, ends: &[End]) -> Option<String> {
    let state = record.text("state");
    if !ENDED.contains(&state) {
        let text = |field| record.text(field);
        return Some(format!(
            "is {state} in the end (step {}, {} tries, {} {})",
            text("request"),
            text("tries"),
            text("error_code"),
            text("error_message"),
        ));
    }
    let Some(last) = ends.last() else {
        return Some(format!("is {state}, but its end was not told"));
    };
    if last.state != state {
        return Some(format!("is {state}, but {} was told last", last.state));
    }
    if record.text("result").is_empty() {
        return Some("has no result".to_owned());
    }
    let is_sound = ends.windows(2).all(|pair| follows(&pair[0], &pair[1]));
    (!is_sound).then(|| format!("ended more than once: {ends:?}"))
}

/// An end may be corrected: an invoice turned up, or another one of the bill's was paid.
fn follows(one: &End, next: &End) -> bool {
    next.state == "done" && (one.state == "dead" || one.invoice_id != next.invoice_id)
}
