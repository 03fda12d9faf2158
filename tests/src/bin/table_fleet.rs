//! `just table-fleet`: the demo with fleets of different sizes, as measured at the simulator.
//!
//! Every fleet sends the same invoices to a Xendit that takes 20 to 300 ms for each. The last row's workers are
//! stopped and continued at random.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const INVOICES: &str = "100";
const FLEETS: [(&str, bool); 4] = [("1", false), ("4", false), ("16", false), ("4", true)];

fn main() -> Result<()> {
    let antre = std::env::current_exe()?.with_file_name("antre");
    ensure!(antre.is_file(), "build it first: cargo build --release --bin antre");
    println!(
        "| workers | stopped and continued | invoices | most in any 1 s | 429 | duplicates | links | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (workers, is_interfered) in FLEETS {
        let mut command = Command::new(&antre);
        command.args([
            "demo",
            "--json",
            "--count",
            INVOICES,
            "--latency",
            "20-300ms",
            "--workers",
            workers,
        ]);
        if is_interfered {
            command.arg("--stop-and-continue");
        }
        let output = command.output().context("the demo does not start")?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        ensure!(report["faults"].is_array(), "an unexpected report: {report}");
        let interfered = if is_interfered { "at random" } else { "no" };
        println!(
            "| {workers} | {interfered} | {} | {} | {} | {} | {} | {:.1} |",
            report["invoices"],
            report["most_in_any_window"],
            report["count_429"],
            report["duplicates"],
            report["links"],
            report["duration_ms"].as_f64().unwrap_or_default() / 1000.0
        );
    }
    Ok(())
}
