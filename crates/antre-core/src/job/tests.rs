mod other_product;
mod refused;
mod taken;

use super::{Fault, FaultCode, Faults, Fields, InvalidJob, Job, ReadBody, parse_with, tidied};
use crate::amount::Amount;
use crate::bill::Bill;
use crate::payer::Payer;
use crate::product::{PayerFields, Product};
use crate::raw_object::RawObject;
use crate::schema::{Field, Shape, field};

const FIELDS: &[Field] = &[
    field("external_id", Shape::Text),
    field("amount", Shape::Number),
    field("currency", Shape::Text),
    field("customer", Shape::Object(CUSTOMER)),
    field("items", Shape::Objects(&[field("name", Shape::Text), field("quantity", Shape::Number)])),
];
const CUSTOMER: &[Field] = &[field("full_name", Shape::Text), field("email", Shape::Contact)];

/// A provider's product that exists nowhere, in this field of a job.
pub(crate) const fn product(field: &'static str) -> Product {
    Product {
        field,
        external_id_names: ["external_id", "externalId", "external-id"],
        fields: FIELDS,
        words: &[("amount", &["jumlah"])],
        payer: PayerFields {
            field: "customer",
            meant: &["email"],
            words: &[(&["mail", "email"], "email"), (&["name", "nama"], "full_name")],
        },
        missing: "is missing; put the body there",
        unknown: "means nothing to the provider",
        read,
    }
}

/// Takes any name and any amount.
fn read(body: &RawObject, faults: &mut Faults) -> Option<ReadBody> {
    let body = tidied(body, &product("invoice"), &["amount"], faults);
    let mut fields = Fields::new(&body, "invoice.", faults);
    let external_id = fields.identity("external_id");
    let amount = fields.number("amount", "a number").and_then(|text| Amount::parse(&text).ok());
    if external_id.is_none() || amount.is_none() {
        fields.missing(&product("invoice"), "amount", "write a number");
    }
    let (external_id, amount) = external_id.zip(amount)?;
    let bill = Bill { external_id, amount, currency: None, payer: Payer::default() };
    Some(ReadBody { bill, body, remarks: Vec::new() })
}

pub(super) fn parse(raw: &[u8]) -> Result<Job, InvalidJob> {
    parse_with(raw, &product("invoice"))
}

/// Returns the job with this invoice and these further top-level fields (`,"batch":"2026-12"`).
pub(super) fn job_with(invoice: &str, further: &str) -> Result<Job, InvalidJob> {
    parse(format!("{{\"invoice\":{invoice}{further}}}").as_bytes())
}

/// Returns a job of a plain invoice with these further top-level fields.
fn plain_with(further: &str) -> Result<Job, InvalidJob> {
    job_with(r#"{"external_id":"INV-1","amount":350000}"#, further)
}

/// Returns the only fault.
fn only_fault(job: Result<Job, InvalidJob>) -> Fault {
    let invalid = job.unwrap_err();
    assert_eq!(invalid.faults().count(), 1, "{invalid}");
    invalid.faults().next().unwrap().clone()
}

fn code_and_field(job: Result<Job, InvalidJob>) -> (FaultCode, String) {
    let fault = only_fault(job);
    assert!(fault.message.starts_with(&fault.field), "{}", fault.message);
    (fault.code, fault.field)
}
