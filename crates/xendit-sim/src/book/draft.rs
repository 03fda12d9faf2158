//! The body of a create request: what Xendit checks, and what it keeps.
//!
//! Unknown fields are ignored, as Xendit appears to do. Mobile numbers are not checked: no source
//! says what Xendit does with a wrong one.

use std::sync::Arc;

use serde_json::{Map, Number, Value, json};

use super::{form, shape};
use crate::refusal::Refusal;

/// Known fields that are answered as they came.
const PASSED_ON: [&str; 18] = [
    "payer_email",
    "description",
    "payment_methods",
    "locale",
    "should_exclude_credit_card",
    "should_send_email",
    "success_redirect_url",
    "failure_redirect_url",
    "should_authenticate_credit_card",
    "items",
    "fixed_va",
    "reminder_time",
    "reminder_time_unit",
    "customer",
    "customer_notification_preference",
    "fees",
    "channel_properties",
    "mid_label",
];
const CURRENCIES: [&str; 6] = ["IDR", "PHP", "THB", "VND", "MYR", "USD"];
const CHANNELS: [&str; 4] = ["whatsapp", "email", "sms", "viber"];
const DURATION_DEFAULT_S: i64 = 86_400;

/// A create request that Xendit would accept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) external_id: Arc<str>,
    pub(crate) amount: Number,
    pub(crate) currency: String,
    pub(crate) duration_s: i64,
    pub(crate) metadata: Option<Arc<Map<String, Value>>>,
    pub(crate) passed_on: Map<String, Value>,
}

impl Draft {
    /// Checks a JSON body. A refusal names every field at fault.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = serde_json::from_slice(body).map_err(|_| Refusal::invalid_json())?;
        let Value::Object(fields) = body else { return Err(Refusal::invalid_json()) };
        Self::of(fields)
    }

    /// Checks the body of a form. JSON that calls itself a form, as curl's does by itself, is read as JSON.
    pub(crate) fn parse_form(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii_start().starts_with(b"{") {
            return Self::parse(body);
        }
        Self::of(form::to_json(body))
    }

    fn of(mut fields: Map<String, Value>) -> Result<Self, Refusal> {
        // A null counts as left out.
        fields.retain(|_, value| !value.is_null());
        let faults = Faults::of(&fields);
        let (Some(Value::String(external_id)), Some(Value::Number(amount)), []) =
            (fields.get("external_id"), fields.get("amount"), faults.0.as_slice())
        else {
            return Err(Refusal::validation(faults.0));
        };
        let (external_id, amount) = (external_id.as_str().into(), amount.clone());
        let duration_s = fields.get("invoice_duration").and_then(shape::seconds);
        check_email(&fields)?;
        let currency = check_currency(&fields)?;
        let amount = if currency == "IDR" { cut_decimals(amount)? } else { amount };
        let metadata = match fields.remove("metadata") {
            Some(Value::Object(metadata)) => Some(Arc::new(metadata)),
            _ => None,
        };
        fields.retain(|name, _| PASSED_ON.contains(&name.as_str()));
        let duration_s = duration_s.unwrap_or(DURATION_DEFAULT_S);
        Ok(Self { external_id, amount, currency, duration_s, metadata, passed_on: fields })
    }
}

fn check_email(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let emails = [
        fields.get("payer_email"),
        fields.get("customer").and_then(|customer| customer.get("email")),
    ];
    let is_malformed = |email: &&Value| email.as_str().is_some_and(|email| !email.contains('@'));
    if emails.iter().flatten().any(is_malformed) {
        return Err(Refusal::bad_request("EMAIL_FORMAT_ERROR", "The email format is invalid."));
    }
    Ok(())
}

fn check_currency(fields: &Map<String, Value>) -> Result<String, Refusal> {
    match fields.get("currency") {
        None => Ok("IDR".to_owned()),
        Some(Value::String(currency)) if CURRENCIES.contains(&currency.as_str()) => {
            Ok(currency.clone())
        }
        Some(_) => {
            Err(Refusal::bad_request("UNSUPPORTED_CURRENCY", "The currency is not supported."))
        }
    }
}

/// Cuts the decimals, as Xendit does for IDR: 4550.50 becomes 4550. Nothing may be left.
fn cut_decimals(amount: Number) -> Result<Number, Refusal> {
    let Some(float) = amount.as_f64().filter(|_| amount.is_f64()) else { return Ok(amount) };
    if float < 1.0 {
        let mut faults = Faults::default();
        faults.add("amount", "must be greater than 0");
        return Err(Refusal::validation(faults.0));
    }
    Ok(format!("{:.0}", float.trunc()).parse().unwrap_or(amount))
}

/// The faults found so far, as elements of `errors`.
#[derive(Debug, Default)]
struct Faults(Vec<Value>);

impl Faults {
    fn of(fields: &Map<String, Value>) -> Self {
        let mut faults = Self::default();
        for (path, fault) in shape::faults(fields) {
            faults.add(&path, &fault);
        }
        faults.preferences(fields);
        faults.metadata(fields);
        faults
    }

    fn add(&mut self, path: &str, message: &str) {
        self.0.push(json!({ "path": path, "message": format!("\"{path}\" {message}") }));
    }

    fn preferences(&mut self, fields: &Map<String, Value>) {
        const NAME: &str = "customer_notification_preference";
        let Some(value) = fields.get(NAME) else { return };
        let Some(events) = value.as_object() else {
            return self.add(NAME, "must be an object");
        };
        for (event, channels) in events.iter().filter(|(_, channels)| !channels.is_null()) {
            let is_channel =
                |channel: &Value| channel.as_str().is_some_and(|name| CHANNELS.contains(&name));
            if !channels.as_array().is_some_and(|channels| channels.iter().all(is_channel)) {
                let path = format!("{NAME}.{event}");
                self.add(&path, "must be an array of whatsapp, email, sms or viber");
            }
        }
    }

    fn metadata(&mut self, fields: &Map<String, Value>) {
        let Some(metadata) = fields.get("metadata").and_then(Value::as_object) else { return };
        if metadata.len() > 50 {
            self.add("metadata", "must have at most 50 keys");
        }
        for (key, value) in metadata {
            let is_long = value.as_str().is_some_and(|value| value.chars().count() > 500);
            if key.chars().count() > 40 || is_long {
                self.add(
                    "metadata",
                    "must have keys of at most 40, values of at most 500 characters",
                );
            }
        }
    }
}
