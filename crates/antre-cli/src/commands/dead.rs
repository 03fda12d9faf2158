//! `antre dead`: jobs that failed by themselves and wait for a person.

mod all;
mod called;

use antre_store::Queue;
use antre_store::inspect::JobRecord;
use antre_store::operate::{OPERATE_MAX, Retried};
use clap::Subcommand;
use serde_json::Map;

use super::job::{self, Show};
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Usage};
use crate::output::{Table, counted, eprint, instant, print, print_json};

const EXAMPLES: &str = "\
Examples:
  antre dead list
  antre dead list --json | jq '.[].external_id'
  antre dead show INV-2026-12-0042
  antre dead retry INV-2026-12-0042 INV-2026-12-0043
  antre dead retry --all
  antre dead discard --all --yes

A retried job begins with a look-up if one of its requests may have had an
effect, so retrying never makes a second invoice. Jobs that would fail in the
same way (no valid job, in conflict with another) stay dead: correct them and
enqueue them again.
If another job corrected a dead job's bill, the dead job stays in the list until
you discard it: it is the only trace of the refusal.

An external id means the dead jobs that the list shows under it, the latest for
show, all of them for retry and discard.
";

/// List, show, retry or discard dead jobs
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List dead jobs, the latest first
    List {
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// How many to skip
        #[arg(long, default_value_t = 0)]
        offset: usize,
        /// A JSON array, with the fields of `antre job --json`
        #[arg(long)]
        json: bool,
    },
    /// Show one dead job
    Show {
        /// The job's id or its bill's external id
        job: String,
        #[command(flatten)]
        show: Show,
    },
    /// Give dead jobs their retries again
    Retry(Which),
    /// Remove dead jobs for good
    Discard {
        #[command(flatten)]
        which: Which,
        /// Yes, remove all of them
        #[arg(long)]
        yes: bool,
    },
}

/// Which dead jobs are meant.
#[derive(Debug, clap::Args)]
struct Which {
    /// The jobs' ids or their bills' external ids
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    jobs: Vec<String>,
    /// All dead jobs
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    if let Action::Discard { which: Which { all: true, .. }, yes: false } = arguments.action {
        let message = "discard --all removes every dead job for good; add --yes to do it";
        return Err(Usage(message.to_owned()).into());
    }
    let queue = context.queue().await?;
    match arguments.action {
        Action::List { limit, offset, json } => {
            let records = latest(&queue, offset, limit).await?;
            if json { list_json(&records) } else { list(&queue, &records).await }
        }
        Action::Show { job, show } => {
            let (id, older) = called::latest(&queue, &job).await?;
            let Some(record) = queue.job(&id).await? else {
                anyhow::bail!("job {id} is no longer kept");
            };
            job::show(&record, show)?;
            for id in older {
                eprint(&format!(
                    "job {id} is dead under the same external id: antre dead show {id}"
                ))?;
            }
            Ok(ExitStatus::Done)
        }
        Action::Retry(Which { all: true, .. }) => all::retry(&queue).await,
        Action::Retry(which) => retry(&queue, &called::all(&queue, &which.jobs).await?).await,
        Action::Discard { which: Which { all: true, .. }, .. } => all::discard(&queue).await,
        Action::Discard { which, .. } => {
            discard(&queue, &called::all(&queue, &which.jobs).await?).await
        }
    }
}

async fn latest(queue: &Queue, offset: usize, limit: usize) -> anyhow::Result<Vec<JobRecord>> {
    let mut records = Vec::new();
    for id in queue.dead_ids(offset, limit).await? {
        records.extend(queue.job(&id).await?);
    }
    Ok(records)
}

fn list_json(records: &[JobRecord]) -> anyhow::Result<ExitStatus> {
    let objects = records.iter().map(|record| job::fields(record).into_iter().collect());
    print_json(&objects.collect::<Vec<Map<_, _>>>())?;
    Ok(ExitStatus::Done)
}

async fn list(queue: &Queue, records: &[JobRecord]) -> anyhow::Result<ExitStatus> {
    let mut table = Table::new(&["JOB", "EXTERNAL ID", "DEAD SINCE", "CODE", "MESSAGE"]);
    for record in records {
        let since = record.ended_at_ms.map(instant);
        let errors = job::refused_fields(record).map(|errors| format!(" {errors}"));
        let JobRecord { external_id, error, .. } = record.clone();
        let mut message = error.message.unwrap_or_default() + &errors.unwrap_or_default();
        let id = record.id.clone();
        if let Some(by) = called::corrected_by(queue, record).await? {
            message = format!("corrected by job {by}: antre dead discard {id}; {message}");
        }
        let texts = [external_id, since, error.code].map(Option::unwrap_or_default);
        table.row([id].into_iter().chain(texts).chain([message]));
    }
    if table.is_empty() {
        print(&format!("account {} has no dead jobs here", queue.account()))?;
    } else {
        print(&table.to_string())?;
    }
    Ok(ExitStatus::Done)
}

async fn retry(queue: &Queue, ids: &[String]) -> anyhow::Result<ExitStatus> {
    let mut ending = ExitStatus::Done;
    for ids in ids.chunks(OPERATE_MAX) {
        for (id, retried) in ids.iter().zip(queue.retry(ids).await?) {
            print(&format!("job {id} {}", outcome(retried, id)))?;
            if retried != Retried::Revived {
                ending = ExitStatus::Failed;
            }
        }
    }
    Ok(ending)
}

async fn discard(queue: &Queue, ids: &[String]) -> anyhow::Result<ExitStatus> {
    let mut discarded = 0;
    for ids in ids.chunks(OPERATE_MAX) {
        discarded += queue.discard(ids).await?;
    }
    print(&format!("{discarded} of {} discarded", counted(ids.len(), "job")))?;
    Ok(if discarded == ids.len() { ExitStatus::Done } else { ExitStatus::Failed })
}

fn outcome(retried: Retried, id: &str) -> String {
    match retried {
        Retried::Revived => "waits again".to_owned(),
        Retried::Unknown => "is not known".to_owned(),
        Retried::NotDead => "is not dead".to_owned(),
        Retried::Unchangeable => {
            "would fail in the same way; correct it and enqueue it again".to_owned()
        }
        Retried::Replaced => format!(
            "was replaced by another job for the same bill, so it is of no use any more: antre dead discard {id}"
        ),
    }
}
