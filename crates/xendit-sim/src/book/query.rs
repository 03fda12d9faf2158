//! The filters of the invoice list.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

use super::{Invoice, Status};
use crate::refusal::Refusal;

/// How many invoices a list shows unless asked otherwise, and at most.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;
/// The client type of every invoice that is made here: none comes from a dashboard.
const CLIENT_TYPE: &str = "API_GATEWAY";

/// Which invoices are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListQuery {
    /// Exactly this external id.
    pub(crate) external_id: Option<String>,
    pub(crate) limit: usize,
    /// Any of these; empty: all.
    pub(crate) statuses: Vec<Status>,
    /// Only invoices made before the one with this id.
    pub(crate) last_invoice: Option<String>,
    /// Only invoices paid by any of these; empty: all.
    pub(crate) payment_channels: Vec<String>,
    /// Only invoices created, paid, expired within these times.
    pub(crate) created: Option<Period>,
    pub(crate) paid: Option<Period>,
    pub(crate) expired: Option<Period>,
    /// Asks for what no invoice here is: made in the dashboard, from a link on demand, or recurring.
    pub(crate) is_elsewhere: bool,
}

/// From the first instant to the second, both included.
pub(crate) type Period = RangeInclusive<DateTime<Utc>>;

impl ListQuery {
    /// Asks for the newest of all invoices.
    pub(crate) fn newest(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Reads decoded query parameters. Statuses are accepted repeated, with `[]`, and as JSON array:
    /// all three are in use, and no source says which Xendit takes.
    pub(crate) fn parse(parameters: &[(String, String)]) -> Result<Self, Refusal> {
        let mut query = Self::newest(LIMIT_DEFAULT);
        let mut client_types = Vec::new();
        for (name, value) in parameters {
            match name.as_str() {
                "external_id" => query.external_id = Some(value.clone()),
                "limit" => query.limit = parse_limit(value)?,
                "statuses" | "statuses[]" => query.statuses.extend(parse_statuses(value)?),
                "last_invoice" | "last_invoice_id" => query.last_invoice = Some(value.clone()),
                "payment_channels" | "payment_channels[]" => {
                    query.payment_channels.extend(parse_list(value));
                }
                "client_types" | "client_types[]" => {
                    client_types.extend(parse_list(value));
                }
                "on_demand_link" | "recurring_payment_id" => query.is_elsewhere = true,
                _ => {}
            }
        }
        let is_elsewhere =
            !client_types.is_empty() && !client_types.iter().any(|it| it == CLIENT_TYPE);
        query.is_elsewhere |= is_elsewhere;
        query.created = parse_period(parameters, "created")?;
        query.paid = parse_period(parameters, "paid")?;
        query.expired = parse_period(parameters, "expired")?;
        Ok(query)
    }

    /// Returns whether an invoice passes the filters, as it is at `now`.
    pub(crate) fn wants(&self, invoice: &Invoice, now: DateTime<Utc>) -> bool {
        let is_within = |period: &Option<Period>, at: Option<DateTime<Utc>>| {
            period.as_ref().is_none_or(|period| at.is_some_and(|at| period.contains(&at)))
        };
        let is_paid = invoice.paid_at.is_some();
        let has_channel = self.payment_channels.is_empty()
            || (is_paid && self.payment_channels.iter().any(|one| one == invoice.channel()));
        !self.is_elsewhere
            && has_channel
            && (self.statuses.is_empty() || self.statuses.contains(&invoice.status_at(now)))
            && is_within(&self.created, Some(invoice.created))
            && is_within(&self.paid, invoice.paid_at)
            && is_within(&self.expired, invoice.expired_at(now))
    }
}

/// Reads `created_after` and `created_before`. One without the other filters nothing, as Xendit's documentation says.
fn parse_period(parameters: &[(String, String)], what: &str) -> Result<Option<Period>, Refusal> {
    let instant = |end: &str| {
        let name = format!("{what}_{end}");
        let value = parameters.iter().find(|(found, _)| *found == name).map(|(_, value)| value);
        value.map(|value| parse_instant(&name, value)).transpose()
    };
    Ok(instant("after")?.zip(instant("before")?).map(|(after, before)| after..=before))
}

fn parse_instant(name: &str, text: &str) -> Result<DateTime<Utc>, Refusal> {
    // A plus sign that was not encoded is a blank by now.
    let text = text.trim().replace(' ', "+");
    let instant = DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc());
    let of_day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    instant.or_else(|_| of_day()).map_err(|_| {
        let message = format!("\"{name}\" must be a valid ISO 8601 date");
        Refusal::validation(vec![json!({ "path": name, "message": message })])
    })
}

fn parse_limit(text: &str) -> Result<usize, Refusal> {
    text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        let message = format!("\"limit\" must be a number between 1 and {LIMIT_MAX}");
        Refusal::validation(vec![json!({ "path": "limit", "message": message })])
    })
}

fn parse_statuses(text: &str) -> Result<Vec<Status>, Refusal> {
    let values = parse_list(text).into_iter().map(Value::String);
    values.map(|value| serde_json::from_value(value).map_err(|_| unknown())).collect()
}

/// Returns the texts of a JSON array, or the one text.
fn parse_list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()])
}

fn unknown() -> Refusal {
    let message = "\"statuses\" must be PENDING, PAID, SETTLED or EXPIRED";
    Refusal::validation(vec![json!({ "path": "statuses", "message": message })])
}
