//! Lets workers, Redis, Xendit and the network fail at random for minutes, checks what came of it, and
//! prints a table. `just chaos` runs it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is its purpose")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use antre_tests::chaos::report::{is_clean, table};
use antre_tests::chaos::run::{Part, run};
use anyhow::Context as _;

const USAGE: &str =
    "usage: chaos [--minutes N] [--seed N] [--only many|neighbours|slow|lossy|orderly]";
const MINUTES: u32 = 5;
/// Comes on top of the minutes.
const ORDERLY_PART: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<ExitCode> {
    let Wish { minutes, seed, only } = arguments()?;
    let binary = beside("antre")?;
    eprintln!("chaos: {minutes} minutes with --seed {seed}");
    let share = |percent: u32| Duration::from_secs(u64::from(minutes * 60 * percent / 100));
    let parts = [
        ("many", Part::many_jobs(share(50))),
        ("neighbours", Part::neighbours(share(25))),
        ("slow", Part::slow_pace(share(10))),
        ("lossy", Part::lossy(share(15))),
        ("orderly", Part::orderly(ORDERLY_PART)),
    ];
    let mut outcomes = Vec::new();
    for (name, mut part) in parts {
        if let Some(only) = &only {
            if only != name {
                continue;
            }
            part.lasts = share(100);
        }
        eprintln!("chaos: {} for {} s", part.name, part.lasts.as_secs());
        outcomes.push(run(&binary, part, seed, |news| eprintln!("chaos: {news}")).await?);
    }
    println!("{}", table(&outcomes, seed));
    Ok(if is_clean(&outcomes) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Wish {
    minutes: u32,
    seed: u64,
    /// The only part to run, for all of the minutes.
    only: Option<String>,
}

fn arguments() -> anyhow::Result<Wish> {
    let mut wish = Wish { minutes: MINUTES, seed: rand::random(), only: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().context(USAGE)?;
        match word.as_str() {
            "--minutes" => wish.minutes = value.parse().context(USAGE)?,
            "--seed" => wish.seed = value.parse().context(USAGE)?,
            "--only" => wish.only = Some(value),
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok(wish)
}

/// Returns the path of a program that was built together with this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    anyhow::ensure!(path.is_file(), "{} is missing; build it with --bin {name}", path.display());
    Ok(path)
}
