//! The `antre` command.

mod command_line;
mod commands;
mod config;
mod context;
mod ending;
mod logging;
mod output;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use crate::command_line::CommandLine;

fn main() -> ExitCode {
    ending::of(CommandLine::parse().run())
}
