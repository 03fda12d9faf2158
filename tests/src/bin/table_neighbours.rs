//! `just table-neighbours`: one bad neighbour at a time, and what it costs the others.
//!
//! It prints a line of a table as soon as a neighbour has played, and what else was seen to standard
//! error. About 18 minutes; `--list` names the neighbours, `--only NAME` plays one.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints a table")]

use std::time::{Duration, Instant};

use antre_tests::neighbours::row::HEAD;
use antre_tests::neighbours::scenarios::{ALL, Scenario};
use anyhow::Context as _;

const USAGE: &str = "usage: table_neighbours [--list] [--only NAME]...";
/// No neighbour may play longer.
const SCENARIO_MAX: Duration = Duration::from_mins(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let Some(chosen) = arguments()? else {
        for scenario in ALL {
            println!("{:16} {}", scenario.name, scenario.title);
        }
        return Ok(());
    };
    let binary = std::env::current_exe()?.with_file_name("antre");
    let hint = "is missing; build it with cargo build --release --bin antre";
    anyhow::ensure!(binary.is_file(), "{} {hint}", binary.display());
    println!("{HEAD}");
    for Scenario { name, title, before, play } in chosen {
        let begun = Instant::now();
        let played = tokio::time::timeout(SCENARIO_MAX, play(binary.clone())).await;
        let played = played.unwrap_or_else(|_| Err(anyhow::anyhow!("not over in time")));
        let took = begun.elapsed().as_secs();
        match played {
            Ok(row) => {
                println!("{}", row.to_markdown(title, before));
                for remark in row.remarks {
                    eprintln!("{name} ({took} s): {remark}");
                }
            }
            Err(error) => println!("| {title} | {before} | failed after {took} s: {error:#} |"),
        }
    }
    Ok(())
}

/// Returns who plays; `None` to list them.
fn arguments() -> anyhow::Result<Option<Vec<Scenario>>> {
    let mut chosen = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => return Ok(None),
            "--only" => {
                let name = words.next().context(USAGE)?;
                let found = ALL.iter().find(|scenario| scenario.name == name);
                chosen.push(*found.with_context(|| format!("no neighbour {name}; see --list"))?);
            }
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok(Some(if chosen.is_empty() { ALL.to_vec() } else { chosen }))
}
