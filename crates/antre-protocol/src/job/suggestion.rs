//! What the sender of an unknown field may have meant.

/// The fields of a job.
pub(super) const JOB_FIELDS: [&str; 9] = [
    "invoice",
    "priority",
    "customer",
    "run_at",
    "batch",
    "reference",
    "check_first",
    "max_retries",
    "traceparent",
];

/// Fields of Xendit's create-invoice call, which stand inside `invoice`.
const INVOICE_FIELDS: [&str; 15] = [
    "external_id",
    "amount",
    "description",
    "payer_email",
    "customer_notification_preference",
    "should_send_email",
    "invoice_duration",
    "success_redirect_url",
    "failure_redirect_url",
    "payment_methods",
    "currency",
    "locale",
    "items",
    "fees",
    "metadata",
];

/// Longer names are compared by their beginning.
const MAX_COMPARED_CHARACTERS: usize = 40;

/// Returns what is wrong with a name that is no field of a job, to stand after it.
pub fn unknown_field(name: &str) -> Option<String> {
    (!JOB_FIELDS.contains(&name)).then(|| advice(name))
}

/// Returns the field of a job that a name is the nearest to, for readers of files in which fields of the
/// job and of the invoice stand side by side. A name that is a field, of either, is nobody else's.
pub fn meant_job_field(name: &str) -> Option<&'static str> {
    let is_known = JOB_FIELDS.contains(&name) || INVOICE_FIELDS.contains(&name);
    nearest(name).filter(|known| !is_known && !INVOICE_FIELDS.contains(known))
}

/// Returns what to do about an unknown field, to stand after its name.
pub(super) fn advice(unknown: &str) -> String {
    match nearest(unknown) {
        Some(known) if INVOICE_FIELDS.contains(&known) => {
            format!("is not a field of a job; put {known} inside invoice")
        }
        Some(known) => format!("is not a field of a job; did you mean {known}?"),
        None => format!("is not a field of a job; it has {}", JOB_FIELDS.join(", ")),
    }
}

/// Returns the known name that is like this one, if there is one.
fn nearest(unknown: &str) -> Option<&'static str> {
    let unknown = normalised(unknown);
    let candidates = JOB_FIELDS.iter().chain(&INVOICE_FIELDS);
    candidates
        .map(|known| (strsim::levenshtein(&unknown, known), *known))
        .filter(|(distance, known)| *distance <= tolerance(known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `maxRetries` and `Max-Retries` are both one edit or none away from `max_retries`.
fn normalised(name: &str) -> String {
    let same_case = name.chars().take(MAX_COMPARED_CHARACTERS).flat_map(char::to_lowercase);
    same_case.map(|character| if character == '-' { '_' } else { character }).collect()
}

/// A third of a name may be mistyped.
fn tolerance(known: &str) -> usize {
    (known.len() / 3).max(1)
}

#[cfg(test)]
mod tests;
