//! The simulator over real HTTP.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod accounts;
mod api;
mod control;
mod faithful;
mod faults;
mod limits;
mod neighbours;
mod program;
mod stamps;
mod support;
