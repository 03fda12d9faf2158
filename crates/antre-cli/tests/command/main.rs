//! The real binary against a real Redis and a simulated Xendit.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod account;
mod causes;
mod check;
mod configuration;
// Finds the processes of a demo in /proc.
#[cfg(target_os = "linux")]
mod demo;
mod enqueue;
mod exposition;
mod http;
mod inbox;
mod keys;
mod metrics;
mod operate;
mod recheck;
mod rights;
mod servers;
mod signals;
mod stage;
mod strangers;
mod unreachable;
mod usage;
mod worker;
