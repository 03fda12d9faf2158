//! The fields of the invoice by which Antre keeps its promises.

use super::fault::{FaultCode, Faults};
use super::fields::Fields;
use super::{MAX_EXTERNAL_ID_CHARACTERS, MAX_METADATA_ENTRIES};
use crate::amount::{Amount, AmountError, Billed};
use crate::invoice_view::MARKER_KEY;
use crate::notification::address_text;
use crate::payer::Payer;
use crate::phone::Region;
use crate::raw_object::RawObject;
use crate::schema::INVOICE;
use crate::value;
use crate::warning::Warning;

const DECIMALS_CUT: Warning = Warning::about_field(
    "decimals_cut",
    "invoice.amount",
    "has decimals, which Xendit cuts off for rupiah; the result has the amount that is billed",
);

/// What the rest of Antre needs to know of an invoice.
pub(super) struct Essentials {
    pub(super) external_id: String,
    pub(super) amount: Amount,
    pub(super) currency: Option<String>,
    pub(super) payer: Payer,
    /// Xendit gets this in place of what was written.
    pub(super) written_amount: Option<String>,
    pub(super) warning: Option<Warning>,
}

/// Returns the essentials; without them at least one fault was added, with them perhaps others.
pub(super) fn read(invoice: &RawObject, faults: &mut Faults) -> Option<Essentials> {
    let mut fields = Fields::new(invoice, "invoice.", faults);
    let external_id = external_id(&mut fields);
    let currency = currency(&mut fields);
    let amount = amount(&mut fields, currency.as_deref());
    check_metadata(&mut fields);
    let payer = payer(invoice, Region::Id);
    let (billed, written_amount) = amount?;
    Some(Essentials {
        external_id: external_id?,
        amount: billed.amount,
        currency,
        payer,
        written_amount,
        warning: billed.is_cut.then_some(DECIMALS_CUT),
    })
}

fn external_id(fields: &mut Fields<'_>) -> Option<String> {
    const NAME: &str = "external_id";
    if fields.raw(NAME).is_none() {
        let what = "give the bill a name that never changes, such as INV-2026-11-1182";
        fields.missing(INVOICE, NAME, what);
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
        fields.missing(INVOICE, NAME, "write a number such as 350000");
    }
    let number = fields.number(NAME, "a number such as 350000")?;
    match Amount::billed(&number, currency) {
        Ok(billed) => {
            let is_as_written =
                fields.raw(NAME) == Some(number.as_str()) && Amount::parse(&number).is_ok();
            let written = (!is_as_written).then(|| billed.amount.to_string());
            Some((billed, written))
        }
        Err(error) => {
            let code = match error {
                AmountError::NotANumber => FaultCode::WrongType,
                AmountError::NotPositive
                | AmountError::NotRounded
                | AmountError::TooManyDigits
                | AmountError::ZeroAfterCut => FaultCode::OutOfRange,
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
pub(super) fn payer(invoice: &RawObject, region: Region) -> Payer {
    let customer = invoice.object("customer").unwrap_or_default();
    let address = |object: &RawObject, name| {
        object.get(name).and_then(address_text).filter(|text| !text.trim().is_empty())
    };
    let email = address(&customer, "email").or_else(|| address(invoice, "payer_email"));
    let mobile = address(&customer, "mobile_number");
    Payer::in_region(email.as_deref(), mobile.as_deref(), region)
}
