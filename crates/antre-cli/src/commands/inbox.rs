//! `antre inbox`

use antre_core::AccountName;
use antre_store::Queue;
use antre_store::operate::Moved;

use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus, Usage};
use crate::output::{counted, plain, print};

const EXAMPLES: &str = "\
Examples:
  antre inbox move defualt default

For jobs that were sent to a mistyped account: `antre check` names its inbox.
A worker must have served the right account before, and no worker may serve the
mistyped one. Each job is moved in one step, so none is lost or moved twice,
also in a crash; run it again to go on.

Moved jobs get new ids. A program that waits for a result under an old id gets
none; the stream `ended` and `antre job EXTERNAL_ID` still know the jobs.
";

/// Move jobs out of the inbox of a mistyped account
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Move all jobs of one inbox to another account's
    Move {
        /// The mistyped account
        from: String,
        /// The right account
        to: AccountName,
    },
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let Action::Move { from, to } = arguments.action;
    if from == to.as_str() {
        return Err(Usage(format!("{from} and {to} are one account; name two")).into());
    }
    let queue = context.redis().await?.queue(to);
    move_all(&queue, &from).await
}

async fn move_all(queue: &Queue, from: &str) -> anyhow::Result<ExitStatus> {
    let (to, mut moved) = (queue.account(), 0);
    loop {
        let text = match queue.take_inbox_of(from).await? {
            Moved::Moved { jobs, left } if left > 0 && jobs > 0 => {
                moved += jobs;
                continue;
            }
            Moved::Moved { jobs, .. } => {
                moved += jobs;
                let jobs = counted(moved, "job");
                print(&format!("{jobs} moved from the inbox of {} to account {to}", plain(from)))?;
                return Ok(ExitStatus::Done);
            }
            Moved::Unserved => format!(
                "no worker has ever served account {to}: start one for it, or check the name; nothing was moved"
            ),
            Moved::Served => format!(
                "a worker serves account {} and takes its jobs: they cannot be moved",
                plain(from)
            ),
        };
        print(&text)?;
        return Ok(ExitStatus::Failed);
    }
}
