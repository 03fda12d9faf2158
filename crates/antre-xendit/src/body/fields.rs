//! The fields of the body of Xendit's create-invoice call: the one list of their names and kinds.
//!
//! Source: Xendit's documentation of the invoice API and its own clients.

use antre_core::schema::{Field, Shape, field};

/// The fields of the body of Xendit's create-invoice call.
pub(super) const FIELDS: &[Field] = &[
    field("external_id", Shape::Text),
    field("amount", Shape::Number),
    field("description", Shape::Text),
    field("payer_email", Shape::Contact),
    field("customer", Shape::Object(CUSTOMER)),
    field("customer_notification_preference", Shape::Object(PREFERENCE)),
    field("should_send_email", Shape::Boolean),
    field("invoice_duration", Shape::Number),
    field("reminder_time", Shape::Number),
    field("reminder_time_unit", Shape::Text),
    field("success_redirect_url", Shape::Text),
    field("failure_redirect_url", Shape::Text),
    field("payment_methods", Shape::Texts),
    field("currency", Shape::Text),
    field("locale", Shape::Text),
    field("items", Shape::Objects(ITEM)),
    field("fees", Shape::Objects(FEE)),
    field("metadata", Shape::Open),
    field("channel_properties", Shape::Open),
    field("callback_virtual_account_id", Shape::Text),
    field("mid_label", Shape::Text),
    field("should_authenticate_credit_card", Shape::Boolean),
    field("should_exclude_credit_card", Shape::Boolean),
    field("fixed_va", Shape::Boolean),
];

const CUSTOMER: &[Field] = &[
    field("given_names", Shape::Text),
    field("surname", Shape::Text),
    field("email", Shape::Contact),
    field("mobile_number", Shape::Contact),
    field("phone_number", Shape::Contact),
    field("id", Shape::Text),
    field("customer_id", Shape::Text),
    field("addresses", Shape::Objects(ADDRESS)),
];

const ADDRESS: &[Field] = &[
    field("country", Shape::Text),
    field("street_line1", Shape::Text),
    field("street_line2", Shape::Text),
    field("city", Shape::Text),
    field("province", Shape::Text),
    field("state", Shape::Text),
    field("postal_code", Shape::Text),
];

const PREFERENCE: &[Field] = &[
    field("invoice_created", Shape::Texts),
    field("invoice_reminder", Shape::Texts),
    field("invoice_paid", Shape::Texts),
    field("invoice_expired", Shape::Texts),
];

const ITEM: &[Field] = &[
    field("name", Shape::Text),
    field("quantity", Shape::Number),
    field("price", Shape::Number),
    field("category", Shape::Text),
    field("url", Shape::Text),
    field("reference_id", Shape::Text),
];

const FEE: &[Field] = &[field("type", Shape::Text), field("value", Shape::Number)];

#[cfg(test)]
mod tests;
