//! The filters of the invoice list.

use serde_json::{Value, json};

use super::Status;
use crate::refusal::Refusal;

/// How many invoices a list shows unless asked otherwise, and at most.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;

/// Which invoices are asked for. Filters that are not simulated are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    /// Exactly this external id.
    pub(crate) external_id: Option<String>,
    pub(crate) limit: usize,
    /// Any of these; empty: all.
    pub(crate) statuses: Vec<Status>,
    /// Only invoices made before the one with this id.
    pub(crate) last_invoice: Option<String>,
}

impl ListQuery {
    /// Asks for the newest of all invoices.
    pub(crate) fn newest(limit: usize) -> Self {
        Self { external_id: None, limit, statuses: Vec::new(), last_invoice: None }
    }

    /// Reads decoded query parameters. Statuses are accepted repeated, with `[]`, and as JSON array:
    /// all three are in use, and no source says which Xendit takes.
    pub(crate) fn parse(parameters: &[(String, String)]) -> Result<Self, Refusal> {
        let mut query = Self::newest(LIMIT_DEFAULT);
        for (name, value) in parameters {
            match name.as_str() {
                "external_id" => query.external_id = Some(value.clone()),
                "limit" => query.limit = parse_limit(value)?,
                "statuses" | "statuses[]" => query.statuses.extend(parse_statuses(value)?),
                "last_invoice" | "last_invoice_id" => query.last_invoice = Some(value.clone()),
                _ => {}
            }
        }
        Ok(query)
    }
}

fn parse_limit(text: &str) -> Result<usize, Refusal> {
    text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        let message = format!("\"limit\" must be a number between 1 and {LIMIT_MAX}");
        Refusal::validation(vec![json!({ "path": "limit", "message": message })])
    })
}

fn parse_statuses(text: &str) -> Result<Vec<Status>, Refusal> {
    let values = match serde_json::from_str(text) {
        Ok(Value::Array(values)) => values,
        _ => vec![Value::String(text.to_owned())],
    };
    values.into_iter().map(|value| serde_json::from_value(value).map_err(|_| unknown())).collect()
}

fn unknown() -> Refusal {
    let message = "\"statuses\" must be PENDING, PAID, SETTLED or EXPIRED";
    Refusal::validation(vec![json!({ "path": "statuses", "message": message })])
}
