//! The fields of the job itself.

use super::fault::{Fault, FaultCode, Faults, InvalidJob};
use super::fields::Fields;
use super::{
    Job, MAX_BATCH_CHARACTERS, MAX_REFERENCE_CHARACTERS, MAX_RETRIES, ReadBody, repeated, unknown,
};
use crate::priority::Priority;
use crate::product::Product;
use crate::raw_object::{Kind, RawObject, decode};
use crate::value;

/// Returns the job in the object, whose text is `text`, or everything that is wrong with it.
pub(super) fn read(text: &str, object: &RawObject, product: &Product) -> Result<Job, InvalidJob> {
    let mut faults = Faults::default();
    repeated::refuse(text, &mut faults);
    let read = body(object, product, &mut faults);
    let mut fields = Fields::new(object, "", &mut faults);
    let priority = priority(&mut fields);
    let run_at_ms = run_at_ms(&mut fields);
    let batch = batch(&mut fields);
    let reference = reference(&mut fields);
    let check_first = fields.boolean("check_first").unwrap_or(false);
    let max_retries = max_retries(&mut fields);
    let traceparent = fields.text("traceparent", is_traceparent, TRACEPARENT_RULE);
    refuse_unknown(object, product, &mut faults);
    match (read, faults.into_invalid_job()) {
        (_, Some(invalid)) => Err(invalid),
        (None, None) => {
            Err(Fault::of(FaultCode::MissingField, product.field, product.missing).into())
        }
        (Some(read), None) => {
            let mut remarks = unknown::warnings(product, object, &read.body);
            remarks.extend(read.remarks);
            Ok(Job {
                bill: read.bill,
                priority,
                run_at_ms,
                batch,
                reference,
                check_first,
                max_retries,
                traceparent,
                body: read.body,
                remarks,
            })
        }
    }
}

/// Returns what the provider reads in the body. Without it at least one fault was added, with it perhaps others.
fn body(object: &RawObject, product: &Product, faults: &mut Faults) -> Option<ReadBody> {
    let mut fields = Fields::new(object, "", faults);
    // An empty list stands for an empty object elsewhere; a body cannot be empty.
    let body = fields.of_kind(product.field, Kind::Object, "an object");
    if fields.raw(product.field).is_none() {
        fields.fault(FaultCode::MissingField, product.field, product.missing);
    }
    let body = body.and_then(|raw| RawObject::parse(raw).ok())?;
    (product.read)(&body, faults)
}

/// Returns the priority: as given, else by the customer's attributes.
fn priority(fields: &mut Fields<'_>) -> Priority {
    let word = |text: &str| value::trimmed(text).to_ascii_lowercase().parse::<Priority>();
    let holds = |text: &str| word(text).is_ok();
    let given = fields.text("priority", holds, "high, normal or low");
    let customer = fields.object("customer").unwrap_or_default();
    let is_bulk = |name| {
        customer
            .get(name)
            .and_then(decode)
            .is_some_and(|text| value::trimmed(&text).eq_ignore_ascii_case("bulk"))
    };
    let is_vip = fields.inside(&customer, "customer.").boolean("is_vip").unwrap_or(false);
    match given.and_then(|text| word(&text).ok()) {
        Some(priority) => priority,
        None if is_vip => Priority::High,
        None if is_bulk("tipe") || is_bulk("type") => Priority::Low,
        None => Priority::Normal,
    }
}

fn run_at_ms(fields: &mut Fields<'_>) -> Option<i64> {
    let rule = "a date and time with its offset (RFC 3339) such as 2026-12-01T08:00:00+07:00";
    let text = fields.text("run_at", |text| value::unix_ms(text).is_some(), rule)?;
    value::unix_ms(&text)
}

fn batch(fields: &mut Fields<'_>) -> Option<String> {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let rule = "a name of letters a-z and A-Z, digits and - _ . : only";
    let batch = fields.text("batch", |_| true, rule);
    let is_plain = fields.check_characters("batch", batch.as_deref());
    if is_plain && batch.as_ref().is_some_and(|batch| !batch.bytes().all(is_taken)) {
        fields.fault(FaultCode::InvalidValue, "batch", format!("must be {rule}"));
    }
    fields.check_length("batch", batch.as_deref(), MAX_BATCH_CHARACTERS);
    batch
}

fn reference(fields: &mut Fields<'_>) -> Option<String> {
    let reference = fields.text("reference", |_| true, "")?;
    fields.check_characters("reference", Some(&reference));
    if !reference.is_empty() {
        fields.check_length("reference", Some(&reference), MAX_REFERENCE_CHARACTERS);
    }
    Some(reference)
}

fn max_retries(fields: &mut Fields<'_>) -> Option<u32> {
    const NAME: &str = "max_retries";
    let number = fields.number(NAME, "a whole number such as 3")?;
    let (integer, decimals) = number.split_once('.').unwrap_or((&number, "0"));
    if decimals.bytes().any(|digit| digit != b'0') || integer.contains(['e', 'E']) {
        fields.fault(FaultCode::WrongType, NAME, "must be a whole number such as 3");
        return None;
    }
    let retries = integer.parse().ok().filter(|retries| *retries <= MAX_RETRIES);
    if retries.is_none() {
        fields.fault(FaultCode::OutOfRange, NAME, format!("must be 0 to {MAX_RETRIES}"));
    }
    retries
}

const TRACEPARENT_RULE: &str = "a W3C trace context such as \
    00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Tells whether the text is a `traceparent` (W3C Trace Context, section 3.2); a version after 00 may
/// have more parts.
fn is_traceparent(text: &str) -> bool {
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |part: &str, length| is_hex(part, length) && part.bytes().any(|byte| byte != b'0');
    let mut parts = text.splitn(5, '-');
    let mut next = || parts.next().unwrap_or_default();
    let (version, trace, parent, flags) = (next(), next(), next(), next());
    let has_more = parts.next().is_some();
    is_hex(version, 2)
        && version != "ff"
        && is_id(trace, 32)
        && is_id(parent, 16)
        && is_hex(flags, 2)
        && !(has_more && version == "00")
        && text.len() <= 255
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn refuse_unknown(object: &RawObject, product: &Product, faults: &mut Faults) {
    for name in object.names().filter(|name| !product.is_job_field(name)) {
        if faults.has_more() {
            break;
        }
        let mut fields = Fields::new(object, "", faults);
        let what = product.unknown_job_field(name).unwrap_or_default();
        fields.fault(FaultCode::UnknownField, name, what);
    }
}
