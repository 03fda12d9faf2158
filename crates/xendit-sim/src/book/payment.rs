//! How a customer paid, as a paid invoice shows it.

use serde_json::{Map, Value, json};

/// The channel of an invoice that leaves the choice open.
const CHANNEL_DEFAULT: &str = "BNI";

/// Returns the channel of an invoice: the first that its create request allowed.
pub(super) fn channel(passed_on: &Map<String, Value>) -> &str {
    let allowed = passed_on.get("payment_methods").and_then(Value::as_array);
    let first = allowed.and_then(|methods| methods.iter().find_map(Value::as_str));
    first.unwrap_or(CHANNEL_DEFAULT)
}

/// Returns `payment_method`, `payment_channel` and `payment_id`.
pub(super) fn fields(channel: &str, invoice_id: &str) -> Map<String, Value> {
    let (method, prefix) = method(channel);
    let Value::Object(fields) = json!({
        "payment_method": method,
        "payment_channel": channel,
        "payment_id": format!("{prefix}_{invoice_id}"),
    }) else {
        return Map::new();
    };
    fields
}

/// Returns the kind of a channel, and how ids of its payments begin.
fn method(channel: &str) -> (&'static str, &'static str) {
    match channel {
        "OVO" | "DANA" | "SHOPEEPAY" | "LINKAJA" | "ASTRAPAY" | "GOPAY" | "JENIUSPAY" => {
            ("EWALLET", "ewc")
        }
        "QRIS" => ("QR_CODE", "qrpy"),
        "ALFAMART" | "INDOMARET" => ("RETAIL_OUTLET", "fpc"),
        "CREDIT_CARD" => ("CREDIT_CARD", "cc"),
        debit if debit.starts_with("DD_") => ("DIRECT_DEBIT", "ddpy"),
        _ => ("BANK_TRANSFER", "va"),
    }
}
