//! The real binary against a real Redis and a simulated Xendit.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod account;
mod causes;
mod check;
mod configuration;
// Finds the processes of a demo in /proc.
#[cfg(all(target_os = "linux", feature = "playground"))]
mod demo;
mod enqueue;
mod exposition;
mod http;
mod inbox;
mod keys;
mod metrics;
#[cfg(not(feature = "playground"))]
mod no_playground;
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
