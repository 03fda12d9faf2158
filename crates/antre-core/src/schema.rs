//! The fields of a job and of Xendit's create-invoice call: the one list of their names and kinds.
//!
//! Source: Xendit's documentation of the invoice API and its own clients. A field that is not in the
//! list is passed on all the same; the list is for reading values of nearly the right type, and for
//! telling the sender of a misspelt name.

mod near;
mod words;

pub use near::{meant_job_field, nearest, unknown_job_field};

/// What kind of value a field has.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A number; also written as text.
    Number,
    /// True or false; also written as text or as 1 and 0.
    Boolean,
    /// A text.
    Text,
    /// An e-mail address or a telephone number: what cannot be one is left out, see
    /// [`notification`](crate::notification).
    Contact,
    /// A list of texts.
    Texts,
    /// An object with these fields.
    Object(&'static [Field]),
    /// A list of objects with these fields.
    Objects(&'static [Field]),
    /// An object with fields of its sender's choice.
    Open,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The kind of its value.
    pub shape: Shape,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// The fields of a job.
pub const JOB: &[Field] = &[
    field("invoice", Shape::Object(INVOICE)),
    field("priority", Shape::Text),
    field("customer", Shape::Open),
    field("run_at", Shape::Text),
    field("batch", Shape::Text),
    field("reference", Shape::Text),
    field("check_first", Shape::Boolean),
    field("max_retries", Shape::Number),
    field("traceparent", Shape::Text),
];

/// The attributes of a job's own `customer` from which the priority follows; it may have others.
pub const ATTRIBUTES: &[Field] =
    &[field("is_vip", Shape::Boolean), field("tipe", Shape::Text), field("type", Shape::Text)];

/// The fields of the body of Xendit's create-invoice call.
pub const INVOICE: &[Field] = &[
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

/// Returns the kind of the field at a path from the job on, such as `invoice`, `items`, `*`, `price`, where
/// an entry of a list is `*`; nothing for a field that is not in the list.
///
/// # Examples
/// ```
/// use antre_core::schema::{Shape, shape_at};
///
/// assert!(matches!(shape_at(&["invoice", "items", "*", "price"]), Some(Shape::Number)));
/// assert!(matches!(shape_at(&["customer", "is_vip"]), Some(Shape::Boolean)));
/// assert!(shape_at(&["invoice", "payerEmail"]).is_none());
/// ```
pub fn shape_at(path: &[&str]) -> Option<Shape> {
    match path {
        ["customer", name] => find(ATTRIBUTES, name),
        _ => shape_in(JOB, path),
    }
}

fn shape_in(fields: &[Field], path: &[&str]) -> Option<Shape> {
    let (name, rest) = path.split_first()?;
    match (find(fields, name)?, rest) {
        (shape, []) => Some(shape),
        (Shape::Object(fields), rest) | (Shape::Objects(fields), ["*", rest @ ..]) => {
            shape_in(fields, rest)
        }
        _ => None,
    }
}

/// Returns the kind of the field of this name.
pub fn find(fields: &[Field], name: &str) -> Option<Shape> {
    fields.iter().find(|field| field.name == name).map(|field| field.shape)
}
