//! Wording an answer, right or as a scripted fault wants it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::operation::Outcome;
use crate::delivery::{End, Pace, Reply};
use crate::faults::Act;

/// Returns the ending of an act that replaces the answer; `None` for one that alters it.
pub(super) fn replacement(act: &Act) -> Option<End> {
    match act {
        Act::Status { status, body, headers } => {
            Some(End::Reply(Reply::scripted(*status, body.clone(), headers.clone())))
        }
        Act::Hang { max_ms } => Some(End::Silence(Duration::from_millis(*max_ms))),
        Act::Reset => Some(End::Reset),
        Act::Close => Some(End::Close),
        Act::Garbage => Some(End::Reply(Reply::garbage())),
        Act::Delay { .. }
        | Act::DelayAnswer { .. }
        | Act::Truncate { .. }
        | Act::NoId
        | Act::UnknownStatus
        | Act::Alter { .. }
        | Act::OtherInvoice { .. }
        | Act::IgnoreFilters { .. }
        | Act::OtherAccount { .. }
        | Act::Pad { .. }
        | Act::LateCreation { .. }
        | Act::SlowBody { .. } => None,
    }
}

/// Words the outcome, altered or replaced by an act that comes after the effect.
pub(super) fn conclude(act: Option<&Act>, outcome: Outcome) -> End {
    if let Some(ending) = act.and_then(replacement) {
        return ending;
    }
    let mut value = match outcome {
        Ok(value) => value,
        Err(refusal) => return End::Reply(Reply::refusal(&refusal)),
    };
    match act {
        Some(Act::NoId) => each_invoice(&mut value, |invoice| {
            invoice.remove("id");
        }),
        Some(Act::Alter { fields }) => each_invoice(&mut value, |invoice| {
            for (name, value) in fields {
                match value {
                    Some(value) => drop(invoice.insert(name.clone(), value.clone())),
                    None => drop(invoice.remove(name)),
                }
            }
        }),
        Some(Act::Pad { bytes }) => pad(&mut value, *bytes),
        Some(Act::UnknownStatus) => each_invoice(&mut value, |invoice| {
            invoice.insert("status".to_owned(), "UNDER_REVIEW".into());
        }),
        _ => {}
    }
    let mut reply = Reply::json(200, &value);
    reply.pace = match act {
        Some(Act::Truncate { bytes }) => Pace::Truncated { bytes: *bytes },
        Some(Act::SlowBody { bytes, interval_ms }) => {
            Pace::Slow { bytes: *bytes, interval: Duration::from_millis(*interval_ms) }
        }
        _ => Pace::Whole,
    };
    End::Reply(reply)
}

fn each_invoice(value: &mut Value, mut change: impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(invoices) => {
            invoices.iter_mut().filter_map(Value::as_object_mut).for_each(change);
        }
        Value::Object(invoice) => change(invoice),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Makes the body longer than `bytes`, with the same padding for each invoice.
fn pad(value: &mut Value, bytes: usize) {
    let count = value.as_array().map_or(1, Vec::len);
    let missing = (bytes + 1).saturating_sub(value.to_string().len());
    if count > 0 && missing > 0 {
        let padding = "x".repeat(missing.div_ceil(count));
        each_invoice(value, |invoice| {
            invoice.insert("padding".to_owned(), padding.as_str().into());
        });
    }
}
