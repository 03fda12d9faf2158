//! The simulated Xendit as a program: listens until it is told to stop.

use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use xendit_sim::{Arguments, Simulator};

#[derive(Debug, Parser)]
#[command(name = "xendit-sim", version, about)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(CommandLine::parse().arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let xendit = Simulator::start(arguments.into()).await?;
    for listener in xendit.listeners() {
        announce(&listener.base_url());
    }
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    xendit.stop().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the URL is this program's output")]
fn announce(base_url: &str) {
    println!("simulated Xendit listens on {base_url}");
}

#[expect(clippy::print_stderr, reason = "a person reads why the program did not start")]
fn report(error: &dyn std::error::Error) {
    eprintln!("xendit-sim: {error}");
}
