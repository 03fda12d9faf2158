//! `antre job`

use antre_store::inspect::JobRecord;
use serde_json::{Map, Value};

use super::target;
use crate::context::Context;
use crate::ending::{EXIT_CODES, Ending};
use crate::output::{instant, plain, say, say_json};

const EXAMPLES: &str = "\
Examples:
  antre job INV-2026-12-0042
  antre job 1795413600000-0 --json | jq .invoice_url
  antre job INV-2026-12-0042 --show-data      # with the customer's data

Personal data is shown with --show-data only.
";

/// Show everything about one job
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The job's id or its bill's external id
    job: String,
    #[command(flatten)]
    show: Show,
}

/// How to show a job.
#[derive(Debug, Clone, Copy, clap::Args)]
// A command of the same name is about to use them.
#[group(skip)]
pub(crate) struct Show {
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Also what was submitted and what Xendit answered, personal data included
    #[arg(long)]
    show_data: bool,
}

/// Fields of the record in the order in which people look for them; those that are empty are left out.
const SHOWN: [&str; 22] = [
    "state",
    "external_id",
    "amount",
    "invoice_url",
    "invoice_id",
    "expiry_date",
    "error_code",
    "error_message",
    "error_status",
    "priority",
    "batch",
    "reference",
    "duplicate_of",
    "step",
    "attempts",
    "max_attempts",
    "origin",
    "accepted_at",
    "run_at",
    "effective_until",
    "ended_at",
    "locked_by",
];
/// Those of them that are numbers.
const NUMBERS: [&str; 4] = ["amount", "error_status", "attempts", "max_attempts"];
const INSTANTS: [&str; 4] = ["accepted_at", "run_at", "effective_until", "ended_at"];

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<Ending> {
    let queue = context.queue().await?;
    let id = target::find(&queue, &arguments.job).await?;
    let Some(record) = queue.job(&id).await? else {
        anyhow::bail!("job {id} is no longer kept");
    };
    show(&record, arguments.show)?;
    Ok(Ending::Done)
}

/// Writes a job to standard output.
pub(crate) fn show(record: &JobRecord, show: Show) -> anyhow::Result<()> {
    let mut shown = fields(record);
    if show.show_data {
        shown.extend(data(record));
    }
    if show.json {
        return say_json(&shown.into_iter().collect::<Map<_, _>>());
    }
    for (name, value) in &shown {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        say(&format!("{name:15}  {}", plain(&value)))?;
    }
    Ok(())
}

/// Returns what holds no personal data.
pub(super) fn fields(record: &JobRecord) -> Vec<(String, Value)> {
    let mut shown = vec![("job".to_owned(), record.id.clone().into())];
    for name in SHOWN {
        if let Some(value) = record.fields.get(name).filter(|value| !value.is_empty()) {
            shown.push((name.to_owned(), readable(name, value)));
        }
    }
    shown.extend(refused_fields(record).map(|errors| ("errors".to_owned(), errors)));
    let warnings = record.fields.get("warnings").and_then(|text| json(text.as_bytes()));
    let warnings = warnings.filter(|warnings| warnings.as_array().is_none_or(|it| !it.is_empty()));
    shown.extend(warnings.map(|warnings| ("warnings".to_owned(), warnings)));
    shown
}

/// Returns what Xendit said about single fields when it refused the job.
pub(super) fn refused_fields(record: &JobRecord) -> Option<Value> {
    record.fields.get("error_status").filter(|status| !status.is_empty())?;
    let mut result = record.fields.get("result").and_then(|text| json(text.as_bytes()))?;
    Some(result.get_mut("response")?.get_mut("errors")?.take()).filter(|errors| !errors.is_null())
}

/// Returns what was submitted and answered.
fn data(record: &JobRecord) -> [(String, Value); 2] {
    let result = record.fields.get("result").and_then(|text| json(text.as_bytes()));
    let response = result.and_then(|result| result.get("response").cloned());
    let data = record.data.as_deref().map(|data| {
        json(data).unwrap_or_else(|| String::from_utf8_lossy(data).into_owned().into())
    });
    [
        ("response".to_owned(), response.unwrap_or(Value::Null)),
        ("data".to_owned(), data.unwrap_or(Value::Null)),
    ]
}

fn readable(name: &str, value: &str) -> Value {
    if NUMBERS.contains(&name)
        && let Some(number) = json(value.as_bytes()).filter(Value::is_number)
    {
        return number;
    }
    let unix_ms = INSTANTS.contains(&name).then(|| value.parse().ok()).flatten();
    unix_ms.map_or_else(|| value.to_owned(), instant).into()
}

fn json(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}
