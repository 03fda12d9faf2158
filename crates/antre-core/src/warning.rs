//! Remarks on a job that did not stop it, as its result carries them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One remark; holds names and codes only, never an address or another personal value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Warning {
    /// A stable word, for example `mobile_number_left_out`.
    pub code: Cow<'static, str>,
    /// Dotted path of the job's field it is about, for example `invoice.customer.mobile_number`.
    pub field: Option<Cow<'static, str>>,
    /// What happened, for a person.
    pub message: Cow<'static, str>,
}

impl Warning {
    /// Returns a remark about a field of the job.
    pub const fn about_field(
        code: &'static str,
        field: &'static str,
        message: &'static str,
    ) -> Self {
        Self {
            code: Cow::Borrowed(code),
            field: Some(Cow::Borrowed(field)),
            message: Cow::Borrowed(message),
        }
    }
}

/// The field and what became of it, for a person.
impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(formatter, "{field} ")?;
        }
        formatter.write_str(&self.message)
    }
}
