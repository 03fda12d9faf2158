//! The simulator over real HTTP.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod api;
mod control;
mod faults;
mod limits;
mod program;
mod stamps;
mod support;
