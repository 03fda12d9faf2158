//! The invoice as a job's body: the fields that Antre needs, and the body of Xendit's create call.

use antre_core::amount::AmountError;
use antre_core::bill::Bill;
use antre_core::job::{
    FaultCode, Faults, Fields, Job, MAX_EXTERNAL_ID_CHARACTERS, ReadBody, tidied,
};
use antre_core::product::{PayerFields, Product};
use antre_core::raw_object::{RawObject, encode};
use antre_core::{Amount, Payer, Warning, value};

use super::billed::{Billed, BilledError, billed};
use super::fields::FIELDS;
use super::marker::MARKER_KEY;
use super::notification::{self, Settings, address_text};
use super::payer;
use super::phone::Region;
use super::words::{CONTACT_WORDS, OTHER_WORDS};

/// The most entries that Xendit takes in an invoice's `metadata`; one of them is Antre's.
pub const MAX_METADATA_ENTRIES: usize = 50;

/// Fields that are read below.
const READ_BY_ITSELF: [&str; 3] = ["external_id", "amount", "currency"];

/// Xendit's invoices, as a job has them in its field `invoice`.
pub static INVOICE: Product = Product {
    field: "invoice",
    external_id_names: ["external_id", "externalId", "external-id"],
    fields: FIELDS,
    words: OTHER_WORDS,
    payer: PayerFields {
        field: "customer",
        meant: &["email", "mobile_number", "phone_number", "given_names"],
        words: CONTACT_WORDS,
    },
    missing: "is missing; put the body of Xendit's create-invoice call there, with external_id and amount",
    unknown: "is not a field of Xendit's, which ignores it",
    read,
};

const DECIMALS_CUT: Warning = Warning::about_field(
    "decimals_cut",
    "invoice.amount",
    "has decimals, which Xendit cuts off for rupiah; the result has the amount that is billed",
);

const MARKER_REPLACED: Warning = Warning::about_field(
    "marker_replaced",
    "invoice.metadata.antre_job",
    "is Antre's own mark; what was there has been replaced",
);

/// Returns the body of Xendit's create call, and what was changed in it that its sender should know.
///
/// The body is the job's, every value with its own text and in its own order, except for
/// `metadata.antre_job`, which becomes `marker` (see [`marker`](super::marker())), and what
/// [`notification`] describes.
pub fn create_body(job: &Job, marker: &str, settings: Settings) -> (String, Vec<Warning>) {
    let mut invoice = job.body().clone();
    let mut metadata = invoice.object("metadata").unwrap_or_default();
    let replaced = metadata
        .get(MARKER_KEY)
        .is_some_and(|_| metadata.text(MARKER_KEY).is_none_or(|present| present != marker));
    metadata.set(MARKER_KEY, &encode(marker));
    invoice.set("metadata", &metadata.to_json());
    let mut warnings = job.remarks().to_vec();
    warnings.extend(notification::clean(&mut invoice, settings));
    warnings.extend(replaced.then_some(MARKER_REPLACED));
    (invoice.to_json(), warnings)
}

/// Returns the payer with national spellings of the number read as those of `region`, for
/// comparing with invoices that were made with that region's settings.
pub fn payer_in(job: &Job, region: Region) -> Payer {
    payer_of(job.body(), region)
}

/// Returns what Antre must know; without it at least one fault was added, with it perhaps others.
fn read(written: &RawObject, faults: &mut Faults) -> Option<ReadBody> {
    let mut invoice = tidied(written, &INVOICE, &READ_BY_ITSELF, faults);
    let mut fields = Fields::new(&invoice, "invoice.", faults);
    let external_id = external_id(&mut fields);
    let currency = currency(&mut fields);
    let amount = amount(&mut fields, currency.as_deref());
    check_metadata(&mut fields);
    let payer = payer_of(&invoice, Region::Id);
    let (billed, written_amount) = amount?;
    let external_id = external_id?;
    if let Some(amount) = &written_amount {
        invoice.set("amount", amount);
    }
    match &currency {
        Some(code) => invoice.set("currency", &encode(code)),
        None => invoice.remove("currency"),
    }
    let remarks = billed.is_cut.then_some(DECIMALS_CUT).into_iter().collect();
    let bill = Bill { external_id, amount: billed.amount, currency, payer };
    Some(ReadBody { bill, body: invoice, remarks })
}

fn external_id(fields: &mut Fields<'_>) -> Option<String> {
    const NAME: &str = "external_id";
    if fields.raw(NAME).is_none() {
        let what = "give the bill a name that never changes, such as INV-2026-11-1182";
        fields.missing(&INVOICE, NAME, what);
    }
    let text = fields.identity(NAME);
    fields.check_length(NAME, text.as_deref(), MAX_EXTERNAL_ID_CHARACTERS);
    text
}

/// Returns the currency's code in upper case.
fn currency(fields: &mut Fields<'_>) -> Option<String> {
    let is_code = |text: &str| {
        let text = value::trimmed(text);
        text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let code = fields.text("currency", is_code, "a code of three letters such as IDR");
    code.map(|code| value::trimmed(&code).to_ascii_uppercase())
}

/// Returns the amount that is billed, and what to write in place of a text or of what a float made of it.
fn amount(fields: &mut Fields<'_>, currency: Option<&str>) -> Option<(Billed, Option<String>)> {
    const NAME: &str = "amount";
    if fields.raw(NAME).is_none() {
        fields.missing(&INVOICE, NAME, "write a number such as 350000");
    }
    let number = fields.number(NAME, "a number such as 350000")?;
    match billed(&number, currency) {
        Ok(billed) => {
            let is_as_written =
                fields.raw(NAME) == Some(number.as_str()) && Amount::parse(&number).is_ok();
            let written = (!is_as_written).then(|| billed.amount.to_string());
            Some((billed, written))
        }
        Err(error) => {
            let code = match error {
                BilledError::Amount(AmountError::NotANumber) => FaultCode::WrongType,
                BilledError::Amount(_) | BilledError::NotRounded | BilledError::ZeroAfterCut => {
                    FaultCode::OutOfRange
                }
            };
            fields.fault(code, NAME, error);
            None
        }
    }
}

fn check_metadata(fields: &mut Fields<'_>) {
    // What is no object was told before.
    let Some(metadata) = fields.inner("metadata") else { return };
    let entries = metadata.names().filter(|name| *name != MARKER_KEY).count();
    if entries >= MAX_METADATA_ENTRIES {
        let what = format!(
            "must have at most {} entries, because Xendit takes {MAX_METADATA_ENTRIES} and one is Antre's",
            MAX_METADATA_ENTRIES - 1
        );
        fields.fault(FaultCode::OutOfRange, "metadata", what);
    }
}

/// Returns the digests of the invoice's addresses.
fn payer_of(invoice: &RawObject, region: Region) -> Payer {
    let customer = invoice.object("customer").unwrap_or_default();
    let address = |object: &RawObject, name| {
        object.get(name).and_then(address_text).filter(|text| !text.trim().is_empty())
    };
    let email = address(&customer, "email").or_else(|| address(invoice, "payer_email"));
    let mobile = address(&customer, "mobile_number");
    payer::in_region(email.as_deref(), mobile.as_deref(), region)
}
