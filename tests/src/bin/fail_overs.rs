//! `just fail-overs`: twenty fail-overs by Sentinels under load, and what became of every bill.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use antre_tests::sentinels::{Fall, Sentinels};

const ROUNDS: usize = 20;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let falls: Vec<Fall> =
        [Fall::Ordered, Fall::Killed, Fall::Stopped].into_iter().cycle().take(ROUNDS).collect();
    println!(
        "| the primary is | another one is named after | next request after that | accepted and lost |"
    );
    println!("|---|---|---|---|");
    let set = Sentinels::start(&std::env::current_exe()?.with_file_name("antre")).await?;
    let outcome = set
        .run(&falls, |round| {
            let fall = match round.fall {
                Fall::Ordered => "replaced by order",
                Fall::Killed => "killed",
                Fall::Stopped => "stopped",
            };
            let (named, request) =
                (round.named_after.as_secs_f64(), round.request_after.as_secs_f64());
            println!("| {fall} | {named:.1} s | {request:.1} s | {} |", round.accepted_and_lost);
        })
        .await?;
    println!(
        "\n{} bills: {} payable twice, {} without an invoice",
        outcome.bills,
        outcome.payable_twice.len(),
        outcome.without_invoice.len()
    );
    anyhow::ensure!(
        outcome.payable_twice.is_empty() && outcome.without_invoice.is_empty(),
        "a promise was broken"
    );
    Ok(())
}
