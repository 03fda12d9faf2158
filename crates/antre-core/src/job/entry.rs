//! The fields of the job itself.

use super::fault::{Fault, FaultCode, Faults, InvalidJob};
use super::fields::Fields;
use super::{
    Job, MAX_BATCH_CHARACTERS, MAX_REFERENCE_CHARACTERS, MAX_RETRIES, invoice, repeated, tidied,
    unknown,
};
use crate::priority::Priority;
use crate::raw_object::{Kind, RawObject, decode, encode};
use crate::schema::{JOB, find, unknown_job_field};
use crate::value;

/// Returns the job in the object, whose text is `text`, or everything that is wrong with it.
pub(super) fn read(text: &str, object: &RawObject) -> Result<Job, InvalidJob> {
    let mut faults = Faults::default();
    repeated::refuse(text, &mut faults);
    let mut fields = Fields::new(object, "", &mut faults);
    // An empty list stands for an empty object elsewhere; an invoice cannot be empty.
    let invoice = fields.of_kind("invoice", Kind::Object, "an object");
    let invoice = invoice.and_then(|raw| RawObject::parse(raw).ok());
    if fields.raw("invoice").is_none() {
        fields.fault(FaultCode::MissingField, "invoice", MISSING_INVOICE);
    }
    let invoice = invoice.map(|invoice| tidied::invoice(&invoice, &mut faults));
    let essentials = invoice.as_ref().and_then(|invoice| invoice::read(invoice, &mut faults));
    let mut fields = Fields::new(object, "", &mut faults);
    let priority = priority(&mut fields);
    let run_at_ms = run_at_ms(&mut fields);
    let batch = batch(&mut fields);
    let reference = reference(&mut fields);
    let check_first = fields.boolean("check_first").unwrap_or(false);
    let max_retries = max_retries(&mut fields);
    let traceparent = fields.text("traceparent", is_traceparent, TRACEPARENT_RULE);
    refuse_unknown(object, &mut faults);
    match (invoice.zip(essentials), faults.into_invalid_job()) {
        (_, Some(invalid)) => Err(invalid),
        (None, None) => Err(Fault::of(FaultCode::MissingField, "invoice", MISSING_INVOICE).into()),
        (Some((mut invoice, essentials)), None) => {
            let mut remarks = unknown::warnings(object, &invoice);
            remarks.extend(essentials.warning);
            if let Some(amount) = &essentials.written_amount {
                invoice.set("amount", amount);
            }
            match &essentials.currency {
                Some(code) => invoice.set("currency", &encode(code)),
                None => invoice.remove("currency"),
            }
            Ok(Job {
                external_id: essentials.external_id,
                amount: essentials.amount,
                currency: essentials.currency,
                payer: essentials.payer,
                priority,
                run_at_ms,
                batch,
                reference,
                check_first,
                max_retries,
                traceparent,
                invoice,
                remarks,
            })
        }
    }
}

const MISSING_INVOICE: &str =
    "is missing; put the body of Xendit's create-invoice call there, with external_id and amount";

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

fn refuse_unknown(object: &RawObject, faults: &mut Faults) {
    for name in object.names().filter(|name| find(JOB, name).is_none()) {
        if faults.has_more() {
            break;
        }
        let mut fields = Fields::new(object, "", faults);
        let what = unknown_job_field(name).unwrap_or_default();
        fields.fault(FaultCode::UnknownField, name, what);
    }
}
