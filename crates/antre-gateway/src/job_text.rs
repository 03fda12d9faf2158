//! The job that a create's body becomes: the body as it came, and how to treat it.

use antre_core::{InvalidJob, Priority, raw_object::encode};
use antre_store::gateway::AskedBill;
use antre_xendit::body::{self, billed::other_currency, phone::Region};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// How a create is to be treated, as its headers say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Treatment {
    pub(crate) priority: Priority,
    pub(crate) batch: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) traceparent: Option<String>,
}

/// A body that a worker will take, and how to treat it.
pub(crate) struct JobText {
    pub(crate) bill: AskedBill,
    pub(crate) treatment: Treatment,
    /// The job's JSON up to the end of its invoice. It is the same whenever the body is.
    head: String,
}

/// Why a body is no job.
#[derive(Debug)]
pub(crate) enum NoJob {
    /// It is no JSON object.
    NotJson,
    /// What a worker would say of it.
    Invalid(InvalidJob),
}

impl JobText {
    /// Returns the job of this body; addresses are read as in `region`, as the account's workers do.
    pub(crate) fn of(body: &[u8], treatment: Treatment, region: Region) -> Result<Self, NoJob> {
        // One whole JSON value: what a worker reads as the invoice is what the caller sent, and nothing behind it.
        let invoice: &RawValue = serde_json::from_slice(body).map_err(|_error| NoJob::NotJson)?;
        if !invoice.get().starts_with('{') {
            return Err(NoJob::NotJson);
        }
        let head = format!(r#"{{"invoice":{}"#, invoice.get());
        let mut text = Self { bill: AskedBill::default(), treatment, head };
        let job = body::parse(text.json(Look::WhenUnclear).as_bytes()).map_err(NoJob::Invalid)?;
        let payer = body::payer_in(&job, region);
        let digest = |digest: Option<antre_core::payer::Digest>| {
            digest.map(|digest| digest.to_string()).unwrap_or_default()
        };
        text.bill = AskedBill {
            external_id: job.bill.external_id.clone(),
            amount: job.bill.amount.to_string(),
            currency: other_currency(&job.bill).unwrap_or_default().to_owned(),
            payer_email: digest(payer.email),
            payer_mobile: digest(payer.mobile),
        };
        Ok(text)
    }

    /// Returns the job's JSON up to the end of its invoice.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// Returns the job's JSON.
    pub(crate) fn json(&self, look: Look) -> String {
        let Treatment { priority, batch, reference, traceparent } = &self.treatment;
        let mut json = format!(r#"{},"priority":"{priority}""#, self.head);
        for (name, value) in
            [("batch", batch), ("reference", reference), ("traceparent", traceparent)]
        {
            if let Some(value) = value {
                for part in [",\"", name, "\":", &encode(value)] {
                    json.push_str(part);
                }
            }
        }
        json.push_str(if look == Look::First { r#","check_first":true}"# } else { "}" });
        json
    }

    /// Returns the digest of the body.
    pub(crate) fn body_digest(&self) -> [u8; 32] {
        Sha256::digest(self.head.as_bytes()).into()
    }
}

/// When the job looks for an invoice at Xendit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Look {
    /// As the queue's rules have it.
    WhenUnclear,
    /// Before anything is created.
    First,
}

#[cfg(test)]
mod tests;
