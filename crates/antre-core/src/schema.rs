//! Fields, their names and kinds: those of a job around its body, and how a list of a body's fields is used.
//!
//! A provider lists the fields of its bodies ([`Product::fields`]). A field that is not in the list is passed on all
//! the same; the list is for reading values of nearly the right type, and for telling the sender of a misspelt name.

mod near;
mod words;

pub use words::OtherWords;

use crate::product::Product;

/// What kind of value a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A number; also written as text.
    Number,
    /// True or false; also written as text or as 1 and 0.
    Boolean,
    /// A text.
    Text,
    /// An e-mail address or a telephone number: the provider leaves out what cannot be one.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The kind of its value.
    pub shape: Shape,
}

/// Returns the field of this name and kind.
pub const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// The fields of a job beside its body.
pub const ENVELOPE: &[Field] = &[
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

impl Product {
    /// Returns the kind of the field at a path from the job on, such as `invoice`, `items`, `*`, `price`, where an
    /// entry of a list is `*`; nothing for a field that is not in the list.
    pub fn shape_at(&self, path: &[&str]) -> Option<Shape> {
        match path {
            ["customer", name] => find(ATTRIBUTES, name),
            [field] if *field == self.field => Some(Shape::Object(self.fields)),
            [field, rest @ ..] if *field == self.field => shape_in(self.fields, rest),
            _ => shape_in(ENVELOPE, path),
        }
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
