//! `antre account`

use antre_operating::explain_stranger;
use antre_store::Queue;
use antre_store::operate::{KeyAccepted, KeyWord};

use super::who;
use crate::context::Context;
use crate::exit_status::{EXIT_CODES, ExitStatus};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  antre account accept-key default
  antre account accept-key default --fingerprint 3f9a
  antre account accept-key default --other-account

An account of Antre is one account at Xendit, in one mode. A worker with a new
key shows by itself that the key belongs to it: Xendit names the same account.
Your word is needed once for a key that may not read invoices, or where Xendit's
answers do not name the account.

--other-account is for another case: from now on this name is another account at
Xendit, or has the other mode. Bills that were sent keep their links. Jobs that
have not ended would be sent to the other account, so there must be none.
";

/// Say that a worker's key belongs to an account
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Accept the key that a worker shows as this account's
    AcceptKey(AcceptKey),
}

#[derive(Debug, clap::Args)]
struct AcceptKey {
    /// The account
    account: antre_core::AccountName,
    /// The key's fingerprint or its beginning, as `antre status` shows it; needed if several wait
    #[arg(long, value_name = "HEX", default_value = "")]
    fingerprint: String,
    /// The account becomes another one at Xendit, or changes its mode
    #[arg(long)]
    other_account: bool,
    /// Your name. Without it: your user name and this machine's name
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitStatus> {
    let Action::AcceptKey(wish) = arguments.action;
    let who = wish.by.clone().unwrap_or_else(|| who::person(context.environment()));
    let queue = context.redis().await?.queue(wish.account.clone());
    let word =
        KeyWord { fingerprint: &wish.fingerprint, who: &who, is_other_account: wish.other_account };
    let (text, ending) = answer(&queue, queue.accept_key(word).await?);
    print(&text)?;
    Ok(ending)
}

fn answer(queue: &Queue, accepted: KeyAccepted) -> (String, ExitStatus) {
    let account = queue.account();
    let text = match accepted {
        KeyAccepted::Accepted(fingerprint) => {
            return (format!("account {account}: key {fingerprint} is accepted"), ExitStatus::Done);
        }
        KeyAccepted::NoneWaits => format!(
            "account {account}: no such key waits; start a worker with it first, then look at antre status"
        ),
        KeyAccepted::Several(fingerprints) => format!(
            "account {account}: several keys wait, say which with --fingerprint: {}",
            fingerprints.join(", ")
        ),
        KeyAccepted::Other(reason) => format!(
            "account {account}: {}; if this name is to stand for the other account from now on, add --other-account",
            explain_stranger(&reason)
        ),
        KeyAccepted::Unfinished(jobs) => format!(
            "account {account}: {jobs} jobs have not ended and would be sent to the other account: let them end or cancel them first"
        ),
    };
    (text, ExitStatus::Failed)
}
