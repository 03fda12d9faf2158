mod create_body;
mod random;
mod refused;
mod taken;
mod unknown;

use antre_core::job::{Fault, FaultCode};

use super::*;

/// Returns the job with this invoice and these further top-level fields (`,"batch":"2026-12"`).
pub(super) fn job_with(invoice: &str, further: &str) -> Result<Job, InvalidJob> {
    parse(format!("{{\"invoice\":{invoice}{further}}}").as_bytes())
}

/// Returns a job of a plain invoice with these further top-level fields.
fn plain_with(further: &str) -> Result<Job, InvalidJob> {
    job_with(r#"{"external_id":"INV-1","amount":350000}"#, further)
}

/// Returns the only fault.
fn only_fault(job: Result<Job, InvalidJob>) -> Fault {
    let invalid = job.unwrap_err();
    assert_eq!(invalid.faults().count(), 1, "{invalid}");
    invalid.faults().next().unwrap().clone()
}

fn code_and_field(job: Result<Job, InvalidJob>) -> (FaultCode, String) {
    let fault = only_fault(job);
    assert!(fault.message.starts_with(&fault.field), "{}", fault.message);
    (fault.code, fault.field)
}
