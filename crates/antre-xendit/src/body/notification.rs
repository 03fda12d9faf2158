//! Notifications: channels and addresses, so that Xendit's WhatsApp messages and e-mails reach the customer.
//!
//! Changes an invoice's addresses and its `customer_notification_preference`, nothing else. An
//! address that cannot be one is left out with a warning, because Xendit might refuse the whole
//! invoice for it. No warning holds the address.

use std::fmt;
use std::str::FromStr;

use antre_core::characters::without_invisible;
use antre_core::raw_object::{Kind, RawObject, decode, encode};
use antre_core::warning::Warning;
use serde::{Deserialize, Serialize};

use crate::body::email;
use crate::body::phone::{self, Region};

const PREFERENCE: &str = "customer_notification_preference";
/// Every event is named, because one that is left out is switched off at Xendit.
const EVENTS: [&str; 3] = ["invoice_created", "invoice_reminder", "invoice_paid"];

/// How an account's customers are told about their invoices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Who chooses the channels.
    pub notify: Notify,
    /// The country whose national spellings of telephone numbers are understood.
    pub region: Region,
}

/// Who chooses the channels of an invoice that names none itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// Antre asks for every channel whose address is there. The default.
    #[default]
    Available,
    /// The settings in Xendit's dashboard; Antre adds nothing.
    Dashboard,
}

/// A word that is no choice of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a choice of channels; use available or dashboard")]
pub struct UnknownNotify;

impl Notify {
    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Dashboard => "dashboard",
        }
    }
}

impl FromStr for Notify {
    type Err = UnknownNotify;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let choices = [Self::Available, Self::Dashboard];
        choices.into_iter().find(|choice| choice.as_str() == text).ok_or(UnknownNotify)
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What became of one address.
enum Address {
    /// There is none: missing, `null` or blank.
    Absent,
    Valid,
    Invalid,
}

/// Brings the invoice's addresses into the form Xendit needs and fills in the channels.
pub(crate) fn clean(invoice: &mut RawObject, settings: Settings) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let to_e164 = |number: &str| phone::to_e164(&without_invisible(number), settings.region).ok();
    let (mut has_mobile, mut has_email) = (false, false);
    if let Some(mut customer) = invoice.object("customer") {
        let mobile = put_right(&mut customer, "mobile_number", to_e164);
        has_mobile = matches!(mobile, Address::Valid);
        warnings.extend(mobile.warning(&MOBILE_LEFT_OUT));
        warnings.extend(put_right(&mut customer, "phone_number", to_e164).warning(&PHONE_LEFT_OUT));
        let email = put_right(&mut customer, "email", to_email);
        has_email = matches!(email, Address::Valid);
        warnings.extend(email.warning(&EMAIL_LEFT_OUT));
        if invoice.object("customer").as_ref() != Some(&customer) {
            invoice.set("customer", &customer.to_json());
        }
    }
    let payer_email = put_right(invoice, "payer_email", to_email);
    has_email |= matches!(payer_email, Address::Valid);
    warnings.extend(payer_email.warning(&PAYER_EMAIL_LEFT_OUT));
    // The older switch: who turns e-mail off by it does not want it back from us.
    has_email &= invoice.get("should_send_email") != Some("false");
    if settings.notify == Notify::Available && invoice.get(PREFERENCE).is_none() {
        fill_preference(invoice, has_mobile, has_email);
    }
    warnings
}

const MOBILE_LEFT_OUT: Warning = Warning::about_field(
    "mobile_number_left_out",
    "invoice.customer.mobile_number",
    "cannot be a mobile number and was left out; no WhatsApp message is sent",
);
const PHONE_LEFT_OUT: Warning = Warning::about_field(
    "phone_number_left_out",
    "invoice.customer.phone_number",
    "cannot be a telephone number and was left out",
);
const EMAIL_LEFT_OUT: Warning = Warning::about_field(
    "email_left_out",
    "invoice.customer.email",
    "cannot be an e-mail address and was left out",
);
const PAYER_EMAIL_LEFT_OUT: Warning = Warning::about_field(
    "payer_email_left_out",
    "invoice.payer_email",
    "cannot be an e-mail address and was left out",
);

impl Address {
    fn warning(&self, warning: &Warning) -> Option<Warning> {
        matches!(self, Self::Invalid).then(|| warning.clone())
    }
}

fn to_email(text: &str) -> Option<String> {
    let text = without_invisible(text);
    email::is_address(&text).then_some(text)
}

/// Replaces an address by its proper form and removes one that has none. `null` stays.
fn put_right(
    object: &mut RawObject,
    name: &'static str,
    proper: impl Fn(&str) -> Option<String>,
) -> Address {
    let Some(raw) = object.get(name).filter(|raw| Kind::of(raw) != Kind::Null) else {
        return Address::Absent;
    };
    let text = address_text(raw);
    if let Some(address) = text.as_deref().and_then(proper) {
        if decode(raw).as_ref() != Some(&address) {
            object.set(name, &encode(&address));
        }
        return Address::Valid;
    }
    object.remove(name);
    let is_blank = text.is_some_and(|text| without_invisible(&text).is_empty());
    if is_blank { Address::Absent } else { Address::Invalid }
}

/// Returns an address as text; spreadsheets and loose typing make numbers of telephone numbers.
pub(crate) fn address_text(raw: &str) -> Option<String> {
    match Kind::of(raw) {
        Kind::Text => decode(raw),
        Kind::Number => Some(raw.trim().to_owned()),
        Kind::Object | Kind::Array | Kind::Boolean | Kind::Null => None,
    }
}

fn fill_preference(invoice: &mut RawObject, has_mobile: bool, has_email: bool) {
    let channels: Vec<_> = [(has_mobile, "\"whatsapp\""), (has_email, "\"email\"")]
        .into_iter()
        .filter_map(|(is_there, channel)| is_there.then_some(channel))
        .collect();
    if channels.is_empty() {
        return;
    }
    let mut preference = RawObject::default();
    for event in EVENTS {
        preference.set(event, &format!("[{}]", channels.join(",")));
    }
    invoice.set(PREFERENCE, &preference.to_json());
}

#[cfg(test)]
mod tests;
