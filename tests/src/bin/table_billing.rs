//! `just table-billing`: one billing application in three variants, and what each makes of a month that goes wrong.
//!
//! The three variants play side by side, each with processes of its own. About 15 minutes; `--only NAME` plays one trouble.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{future::Future, time::Duration};

use antre_tests::billing::{Played, Portal, Setup, Trouble, Variant, environment};
use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use xendit_sim::Options;

const USAGE: &str = "usage: table_billing [--only NAME]...";
const CUSTOMERS: u32 = 30;
/// Of the account, at Xendit and for the workers. The limiter in the process has it, too.
const LIMITS: &str = "2/1s";
const LATENCY: &str = "300-600ms";
/// No trouble may take longer.
const TROUBLE_MAX: Duration = Duration::from_mins(15);
const HEAD: &str = "\
| what goes wrong | variant | payable invoices for 30 bills | of one bill at most | links missing after the run, and after each hour | last link after | most in any 1 s | closest three | 429 |
|---|---|--:|--:|---|--:|--:|--:|--:|";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let troubles = arguments()?;
    let program = std::env::current_exe()?;
    let antre = program.with_file_name("antre");
    ensure!(antre.is_file(), "build it first: cargo build --release --bin antre");
    let target = program.ancestors().nth(2).context("a target directory")?;
    // Where the tests have it, too.
    let python = environment(&target.join("tmp/clients/billing")).await?;
    let xendit =
        Options { limits: LIMITS.parse()?, latency: LATENCY.parse()?, ..Options::default() };
    let setup =
        Setup { python, antre, customers: CUSTOMERS, xendit, limits: LIMITS, worker_options: &[] };
    println!("{HEAD}");
    for trouble in troubles {
        let possible = Variant::ALL.into_iter().filter(|variant| trouble.is_possible(*variant));
        let played = possible.map(|variant| {
            let setup = setup.clone();
            in_time(async move { Ok((variant, play(trouble, variant, setup).await?)) })
        });
        for (variant, played) in try_join_all(played).await? {
            println!("{}", row(trouble, variant, &played));
        }
    }
    Ok(())
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(TROUBLE_MAX, work).await.context("not over in time")?
}

async fn play(trouble: Trouble, variant: Variant, setup: Setup) -> Result<Played> {
    let mut portal = Portal::start(variant, setup).await?;
    let played = trouble.play(&mut portal).await;
    played.with_context(|| format!("{trouble:?}, {variant:?}\n{}", portal.output()))
}

fn row(trouble: Trouble, variant: Variant, played: &Played) -> String {
    let Played { links_missing, count } = played;
    let missing: Vec<String> = links_missing.iter().map(usize::to_string).collect();
    format!(
        "| {} | {} | {} | {} | {} | {:.0} s | {} | {} ms | {} |",
        trouble.names().1,
        variant.name(),
        count.payable,
        count.payable_max,
        missing.join(", "),
        count.last_link_s,
        count.most_in_any_second,
        count.closest_three_ms,
        count.refused
    )
}

/// Returns what goes wrong, one after the other.
fn arguments() -> Result<Vec<Trouble>> {
    let mut chosen = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word != "--only" {
            bail!(USAGE);
        }
        let name = words.next().context(USAGE)?;
        let found = Trouble::ALL.into_iter().find(|trouble| trouble.names().0 == name);
        chosen.push(found.with_context(|| {
            format!("no {name}; there is {:?}", Trouble::ALL.map(|trouble| trouble.names().0))
        })?);
    }
    Ok(if chosen.is_empty() { Trouble::ALL.to_vec() } else { chosen })
}
