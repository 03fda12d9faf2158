//! The `antre` command.

mod command_line;
mod commands;
mod config;
mod context;
mod exit_status;
mod logging;
mod output;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use crate::command_line::CommandLine;

fn main() -> ExitCode {
    exit_status::of(CommandLine::parse().run())
}
