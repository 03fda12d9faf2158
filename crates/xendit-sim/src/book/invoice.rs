//! One invoice, and how Xendit shows it.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use super::{Draft, payment};
use crate::account::user_id_of;
use crate::clock::Moment;

/// The state of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Waits for its customer.
    Pending,
    /// Paid, money not yet with the merchant.
    Paid,
    /// Paid, money with the merchant. The simulator itself never settles.
    Settled,
    /// Can be paid no more.
    Expired,
}

impl Status {
    /// Whether a customer could pay it or has paid it.
    pub fn is_payable(self) -> bool {
        self != Self::Expired
    }
}

/// An invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    /// 24 hexadecimal digits.
    pub id: Arc<str>,
    /// The account it belongs to ([`account_of`](crate::account_of)).
    pub account: Arc<str>,
    /// The merchant's reference; not unique.
    pub external_id: Arc<str>,
    /// The state as stored; a pending one may have run out, see [`Invoice::status_at`].
    pub status: Status,
    /// The amount; decimals of IDR are cut.
    pub amount: Number,
    /// The currency.
    pub currency: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
    /// When it can be paid no more.
    pub expiry_date: DateTime<Utc>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The metadata of the create request.
    pub metadata: Option<Arc<Map<String, Value>>>,
    /// The other known fields of the create request, as they came.
    pub passed_on: Map<String, Value>,
    /// When it was made, in microseconds since the simulator started.
    pub created_us: u64,
}

impl Invoice {
    pub(crate) fn new(id: Arc<str>, account: Arc<str>, draft: Draft, now: Moment) -> Self {
        Self {
            id,
            account,
            external_id: draft.external_id,
            status: Status::Pending,
            amount: draft.amount,
            currency: draft.currency,
            created: now.wall,
            updated: now.wall,
            expiry_date: now.wall + TimeDelta::seconds(draft.duration_s),
            paid_at: None,
            metadata: draft.metadata,
            passed_on: draft.passed_on,
            created_us: now.us,
        }
    }

    /// Returns the state at a time: a pending invoice past its expiry date has expired.
    pub fn status_at(&self, time: DateTime<Utc>) -> Status {
        if self.status == Status::Pending && self.expiry_date <= time {
            Status::Expired
        } else {
            self.status
        }
    }

    /// Returns when it expired, if it has: when its time ran out, or when somebody expired it before.
    pub(super) fn expired_at(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let by_hand = (self.status == Status::Expired).then_some(self.updated);
        let at = by_hand.map_or(self.expiry_date, |updated| updated.min(self.expiry_date));
        (self.status_at(time) == Status::Expired).then_some(at)
    }

    /// Returns the channel by which it is paid, or was.
    pub(super) fn channel(&self) -> &str {
        payment::channel(&self.passed_on)
    }

    /// Returns the invoice as Xendit answers it.
    pub fn to_json(&self, time: DateTime<Utc>) -> Value {
        let Value::Object(mut fields) = json!({
            "id": &*self.id,
            "external_id": &*self.external_id,
            "user_id": user_id_of(&self.account),
            "status": self.status_at(time),
            "merchant_name": "Simulated Merchant",
            "merchant_profile_picture_url": "https://xendit.invalid/merchant.png",
            "amount": self.amount,
            "expiry_date": iso(self.expiry_date),
            "invoice_url": format!("https://checkout-staging.xendit.invalid/web/{}", self.id),
            "should_exclude_credit_card": false,
            "should_send_email": false,
            "created": iso(self.created),
            "updated": iso(self.updated),
            "currency": self.currency,
        }) else {
            return Value::Null;
        };
        fields.extend(channels(&self.amount));
        fields.extend(self.passed_on.iter().map(|(name, value)| (name.clone(), value.clone())));
        if let Some(metadata) = &self.metadata {
            fields.insert("metadata".to_owned(), Value::Object(Map::clone(metadata)));
        }
        if let Some(paid_at) = self.paid_at {
            fields.insert("paid_at".to_owned(), iso(paid_at).into());
            fields.insert("paid_amount".to_owned(), Value::Number(self.amount.clone()));
            fields.extend(payment::fields(self.channel(), &self.id));
        }
        Value::Object(fields)
    }
}

/// Returns the payment channels that every invoice offers.
fn channels(amount: &Number) -> Map<String, Value> {
    let Value::Object(channels) = json!({
        "available_banks": [{
            "bank_code": "BNI",
            "collection_type": "POOL",
            "transfer_amount": amount,
            "bank_branch": "Virtual Account",
            "account_holder_name": "SIMULATED MERCHANT",
            "identity_amount": 0,
        }],
        "available_retail_outlets": [{ "retail_outlet_name": "ALFAMART" }],
        "available_ewallets": [{ "ewallet_type": "OVO" }],
        "available_qr_codes": [{ "qr_code_type": "QRIS" }],
        "available_direct_debits": [{ "direct_debit_type": "DD_BRI" }],
        "available_paylaters": [],
    }) else {
        return Map::new();
    };
    channels
}

fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
