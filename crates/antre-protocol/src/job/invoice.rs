//! The fields of the invoice by which Antre keeps its promises.

use super::fault::{FaultCode, Faults};
use super::fields::Fields;
use super::{MAX_EXTERNAL_ID_CHARACTERS, MAX_METADATA_ENTRIES};
use crate::amount::{Amount, AmountError};
use crate::invoice_view::MARKER_KEY;
use crate::notification::address_text;
use crate::payer::Payer;
use crate::phone::Region;
use crate::raw_object::{Kind, RawObject};

/// What the rest of Antre needs to know of an invoice.
pub(super) struct Essentials {
    pub(super) external_id: String,
    pub(super) amount: Amount,
    pub(super) currency: Option<String>,
    pub(super) payer: Payer,
}

/// Returns the essentials; without them at least one fault was added, with them perhaps others.
pub(super) fn read(invoice: &RawObject, faults: &mut Faults) -> Option<Essentials> {
    let mut fields = Fields::new(invoice, "invoice.", faults);
    let external_id = external_id(&mut fields);
    let currency = currency(&mut fields);
    let amount = amount(&mut fields, currency.as_deref());
    check_metadata(&mut fields);
    let payer = payer(invoice, Region::Id);
    Some(Essentials { external_id: external_id?, amount: amount?, currency, payer })
}

fn external_id(fields: &mut Fields<'_>) -> Option<String> {
    const NAME: &str = "external_id";
    if fields.raw(NAME).is_none() {
        let what = "is missing; give the bill a name that never changes, such as INV-2026-11-1182";
        fields.fault(FaultCode::MissingField, NAME, what);
    }
    let rule = "a text without control characters and without blanks at its ends";
    let holds = |text: &str| text.trim() == text && !text.contains(char::is_control);
    let text = fields.text(NAME, holds, rule);
    fields.check_length(NAME, text.as_deref(), MAX_EXTERNAL_ID_CHARACTERS);
    text
}

/// Returns the currency's code in upper case.
fn currency(fields: &mut Fields<'_>) -> Option<String> {
    let is_code =
        |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let code = fields.text("currency", is_code, "a code of three letters such as IDR");
    code.map(|code| code.to_ascii_uppercase())
}

fn amount(fields: &mut Fields<'_>, currency: Option<&str>) -> Option<Amount> {
    const NAME: &str = "amount";
    if fields.raw(NAME).is_none() {
        fields.fault(FaultCode::MissingField, NAME, "is missing; write a number such as 350000");
    }
    let raw = fields.of_kind(NAME, Kind::Number, "a number without quotes such as 350000")?;
    match Amount::parse(raw).and_then(|amount| amount.for_currency(currency)) {
        Ok(amount) => Some(amount),
        Err(error) => {
            let code = match error {
                AmountError::NotANumber => FaultCode::WrongType,
                AmountError::NotPositive
                | AmountError::TooManyDigits
                | AmountError::ZeroAfterCut => FaultCode::OutOfRange,
            };
            fields.fault(code, NAME, error);
            None
        }
    }
}

fn check_metadata(fields: &mut Fields<'_>) {
    let Some(metadata) = fields.object("metadata") else { return };
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
