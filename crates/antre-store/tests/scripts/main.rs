//! Each script against a real Redis, without a worker: what it decides, and what it leaves behind.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod accepting;
mod claiming;
mod clock_steps;
mod commands;
mod configuring;
mod finishing;
mod gateway_joining;
mod keeping;
mod limiting;
mod lost_bills;
mod quota;
mod reading;
mod stale_servers;
mod stopped_clock;
mod trusting_absence;
mod waking;
