//! Lets workers, Redis, Xendit and the network fail at random for minutes, checks what came of it, and
//! prints a table. `just chaos` runs it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is its purpose")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use antre_tests::chaos::report::{is_clean, table};
use antre_tests::chaos::run::{Part, run};
use anyhow::Context as _;

const USAGE: &str = "usage: chaos [--minutes N] [--seed N]";
const MINUTES: u32 = 5;
/// Comes on top of the minutes.
const ORDERLY_PART: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<ExitCode> {
    let (minutes, seed) = arguments()?;
    let binary = beside("antre")?;
    eprintln!("chaos: {minutes} minutes with --seed {seed}");
    let share = |percent: u32| Duration::from_secs(u64::from(minutes * 60 * percent / 100));
    let parts = [
        Part::many_jobs(share(50)),
        Part::neighbours(share(25)),
        Part::slow_pace(share(10)),
        Part::lossy(share(15)),
        Part::orderly(ORDERLY_PART),
    ];
    let mut outcomes = Vec::new();
    for part in parts {
        eprintln!("chaos: {} for {} s", part.name, part.lasts.as_secs());
        outcomes.push(run(&binary, part, seed, |news| eprintln!("chaos: {news}")).await?);
    }
    println!("{}", table(&outcomes, seed));
    Ok(if is_clean(&outcomes) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> anyhow::Result<(u32, u64)> {
    let (mut minutes, mut seed) = (MINUTES, rand::random());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().context(USAGE)?;
        match word.as_str() {
            "--minutes" => minutes = value.parse().context(USAGE)?,
            "--seed" => seed = value.parse().context(USAGE)?,
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok((minutes, seed))
}

/// Returns the path of a program that was built together with this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    anyhow::ensure!(path.is_file(), "{} is missing; build it with --bin {name}", path.display());
    Ok(path)
}
