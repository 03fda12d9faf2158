//! The description of a provider's product, by which jobs for it are read: a value, no trait.

use std::fmt;

use crate::job::{Faults, ReadBody};
use crate::raw_object::RawObject;
use crate::schema::{ENVELOPE, Field, OtherWords};

/// One kind of request that a job may become, for example an invoice.
///
/// All that names the provider in front of a sender stands in here, and how the body is read. What is the same for
/// every provider is [`job`](crate::job)'s: the fields around the body, faults, advice about names.
pub struct Product {
    /// The field of a job in which the body stands, for example `invoice`.
    pub field: &'static str,
    /// How senders spell the body's field with the bill's name; the right name first.
    pub external_id_names: [&'static str; 3],
    /// The body's fields.
    pub fields: &'static [Field],
    /// What people call them when they do not know them.
    pub words: OtherWords,
    /// Where the payer stands in the body.
    pub payer: PayerFields,
    /// What is wrong with a job without a body and what to put there, to stand after the field's name.
    pub missing: &'static str,
    /// What becomes of a name that the provider does not know, to stand after it.
    pub unknown: &'static str,
    /// Returns what Antre must know of a body, and the body as it will be sent. Adds a fault for all that is wrong;
    /// returns nothing only if there is one.
    pub read: fn(&RawObject, &mut Faults) -> Option<ReadBody>,
}

/// The payer's own fields in a body.
#[derive(Debug)]
pub struct PayerFields {
    /// The body's field in which they stand, an object.
    pub field: &'static str,
    /// Those of them that may have been meant where they have no effect.
    pub meant: &'static [&'static str],
    /// Words for an address or a name, and the field they mean. They count in names of up to three words
    /// (`nama_pelanggan`).
    pub words: &'static [(&'static [&'static str], &'static str)],
}

impl Product {
    /// Returns the names of a job's fields, that of the body first.
    pub fn job_fields(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.field).chain(ENVELOPE.iter().map(|field| field.name))
    }

    /// Tells whether a job has a field of this name.
    pub fn is_job_field(&self, name: &str) -> bool {
        self.job_fields().any(|field| field == name)
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Product").field("field", &self.field).finish_non_exhaustive()
    }
}
