//! `antre job`

use antre_store::inspect::JobRecord;
use serde_json::{Map, Value};

use super::target;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::{instant, plain, print, print_json};

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
    /// Also the submitted job and Xendit's answer, with personal data
    #[arg(long)]
    show_data: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let queue = context.queue().await?;
    let id = target::find(&queue, &arguments.job).await?;
    let Some(record) = queue.job(&id).await? else {
        anyhow::bail!("job {id} is no longer kept");
    };
    show(&record, arguments.show)?;
    Ok(ExitStatus::Done)
}

/// Writes a job to standard output.
pub(crate) fn show(record: &JobRecord, show: Show) -> anyhow::Result<()> {
    let mut shown = fields(record);
    if show.show_data {
        shown.extend(data(record));
    }
    if show.json {
        return print_json(&shown.into_iter().collect::<Map<_, _>>());
    }
    for (name, value) in &shown {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        print(&format!("{name:15}  {}", plain(&value)))?;
    }
    Ok(())
}

/// Returns what holds no personal data, in the order in which people look for it; what is empty is left out.
pub(super) fn fields(record: &JobRecord) -> Vec<(String, Value)> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let number = |number: Option<u32>| number.map(Value::from);
    let at = |unix_ms: Option<u64>| unix_ms.map(|unix_ms| instant(unix_ms).into());
    let JobRecord { invoice, error, .. } = record;
    let amount = record.amount.as_ref().and_then(|amount| json(amount.as_str().as_bytes()));
    let warnings = Some(&record.warnings).filter(|warnings| !warnings.is_empty());
    let shown = [
        ("job", Some(record.id.clone().into())),
        ("state", record.state.map(|state| state.as_str().into())),
        ("external_id", text(&record.external_id)),
        ("amount", amount),
        ("invoice_url", text(&invoice.url)),
        ("invoice_id", text(&invoice.id)),
        ("expiry_date", text(&invoice.expiry_date)),
        ("error_code", text(&error.code)),
        ("error_message", text(&error.message)),
        ("error_status", error.status.map(Value::from)),
        ("priority", record.priority.map(|priority| priority.as_str().into())),
        ("batch", text(&record.batch)),
        ("reference", text(&record.reference)),
        ("duplicate_of", text(&record.duplicate_of)),
        ("request", record.request.map(|request| request.as_str().into())),
        ("attempts", number(record.attempts)),
        ("max_attempts", number(record.max_attempts)),
        ("origin", text(&record.origin)),
        ("accepted_at", at(record.accepted_at_ms)),
        ("run_at", at(record.run_at_ms)),
        ("effective_until", at(record.effective_until_ms)),
        ("ended_at", at(record.ended_at_ms)),
        ("locked_by", text(&record.locked_by)),
        ("errors", refused_fields(record)),
        ("warnings", warnings.and_then(|warnings| serde_json::to_value(warnings).ok())),
    ];
    shown.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Returns what Xendit said about single fields when it refused the job.
pub(super) fn refused_fields(record: &JobRecord) -> Option<Value> {
    record.error.status?;
    Some(response(record)?.get_mut("errors")?.take()).filter(|errors| !errors.is_null())
}

fn response(record: &JobRecord) -> Option<Value> {
    json(record.result.as_ref()?.response.as_ref()?.get().as_bytes())
}

/// Returns what was submitted and answered.
fn data(record: &JobRecord) -> [(String, Value); 2] {
    let data = record.data.as_deref().map(|data| {
        json(data).unwrap_or_else(|| String::from_utf8_lossy(data).into_owned().into())
    });
    [
        ("response".to_owned(), response(record).unwrap_or(Value::Null)),
        ("data".to_owned(), data.unwrap_or(Value::Null)),
    ]
}

fn json(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}
