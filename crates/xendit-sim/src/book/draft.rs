//! The body of a create request: what Xendit checks, and what it keeps.
//!
//! Unknown fields are ignored, as Xendit appears to do. Mobile numbers are not checked: no source
//! says what Xendit does with a wrong one.

use std::sync::Arc;

use serde_json::{Map, Number, Value, json};

use super::form;
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
const DURATION_MAX_S: i64 = 31_536_000;

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
        let mut faults = Faults::default();
        let external_id = faults.required_text(&fields, "external_id", 255);
        let amount = faults.amount(&fields);
        let duration_s = faults.duration_s(&fields);
        faults.optional_fields(&fields);
        faults.preferences(&fields);
        faults.metadata(&fields);
        let (Some(external_id), Some(amount)) = (external_id, amount) else {
            return Err(Refusal::validation(faults.0));
        };
        if !faults.0.is_empty() {
            return Err(Refusal::validation(faults.0));
        }
        check_email(&fields)?;
        let currency = check_currency(&fields)?;
        let metadata = match fields.remove("metadata") {
            Some(Value::Object(metadata)) => Some(Arc::new(metadata)),
            _ => None,
        };
        fields.retain(|name, _| PASSED_ON.contains(&name.as_str()));
        let amount = if currency == "IDR" { cut_decimals(amount) } else { amount };
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

/// Cuts the decimals, as Xendit does for IDR: 4550.50 becomes 4550.
fn cut_decimals(amount: Number) -> Number {
    match amount.as_f64() {
        Some(float) if amount.is_f64() => format!("{:.0}", float.trunc()).parse().unwrap_or(amount),
        _ => amount,
    }
}

/// The faults found so far, as elements of `errors`.
#[derive(Debug, Default)]
struct Faults(Vec<Value>);

impl Faults {
    fn add(&mut self, path: &str, message: &str) {
        self.0.push(json!({ "path": path, "message": format!("\"{path}\" {message}") }));
    }

    fn required_text(
        &mut self,
        fields: &Map<String, Value>,
        name: &str,
        characters_max: usize,
    ) -> Option<Arc<str>> {
        match fields.get(name) {
            None => self.add(name, "is required"),
            Some(Value::String(text)) if (1..=characters_max).contains(&text.chars().count()) => {
                return Some(text.as_str().into());
            }
            Some(Value::String(_)) => {
                self.add(name, &format!("must have 1 to {characters_max} characters"));
            }
            Some(_) => self.add(name, "must be a string"),
        }
        None
    }

    fn amount(&mut self, fields: &Map<String, Value>) -> Option<Number> {
        match fields.get("amount") {
            None => self.add("amount", "is required"),
            Some(Value::Number(amount)) if amount.as_f64().is_some_and(|amount| amount > 0.0) => {
                return Some(amount.clone());
            }
            Some(Value::Number(_)) => self.add("amount", "must be greater than 0"),
            Some(_) => self.add("amount", "must be a number"),
        }
        None
    }

    fn duration_s(&mut self, fields: &Map<String, Value>) -> i64 {
        let Some(duration) = fields.get("invoice_duration") else { return DURATION_DEFAULT_S };
        // 86400.0 is a whole number, too. A text is none, whatever it holds.
        let whole = |number: f64| (number.fract() == 0.0).then(|| format!("{number:.0}"));
        let of_float = || duration.as_f64().and_then(whole)?.parse().ok();
        match duration.as_i64().or_else(of_float) {
            Some(seconds) if (1..=DURATION_MAX_S).contains(&seconds) => return seconds,
            Some(_) => self.add("invoice_duration", "must be a number from 1 to 31536000"),
            None => self.add("invoice_duration", "must be an integer"),
        }
        DURATION_DEFAULT_S
    }

    fn optional_fields(&mut self, fields: &Map<String, Value>) {
        for name in ["description", "payer_email", "success_redirect_url", "failure_redirect_url"] {
            if fields.contains_key(name) {
                self.required_text(fields, name, 10_000);
            }
        }
        for name in ["customer", "channel_properties"] {
            if fields.get(name).is_some_and(|value| !value.is_object()) {
                self.add(name, "must be an object");
            }
        }
        self.elements(fields, "items", (75, &["name", "quantity", "price"]));
        self.elements(fields, "fees", (10, &["type", "value"]));
    }

    fn elements(&mut self, fields: &Map<String, Value>, name: &str, rule: (usize, &[&str])) {
        let (elements_max, required) = rule;
        let Some(value) = fields.get(name) else { return };
        let Some(elements) = value.as_array().filter(|list| list.len() <= elements_max) else {
            return self.add(name, &format!("must be an array of at most {elements_max} elements"));
        };
        for (place, element) in elements.iter().enumerate() {
            for key in required {
                if element.get(key).is_none_or(Value::is_null) {
                    self.add(&format!("{name}[{place}].{key}"), "is required");
                }
            }
        }
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
        let Some(value) = fields.get("metadata") else { return };
        let Some(metadata) = value.as_object().filter(|metadata| metadata.len() <= 50) else {
            return self.add("metadata", "must be an object of at most 50 keys");
        };
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
