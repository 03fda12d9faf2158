//! The real binary against a real Redis and a simulated Xendit.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod account;
mod causes;
mod check;
mod configuration;
// Finds the processes of a demo in /proc.
#[cfg(all(target_os = "linux", feature = "demo"))]
mod demo;
mod enqueue;
mod exposition;
mod fixture;
mod http;
mod inbox;
mod keys;
mod managed;
mod metrics;
#[cfg(not(feature = "demo"))]
mod no_demo;
mod operate;
mod recheck;
mod rights;
mod serve;
mod servers;
mod signals;
mod strangers;
mod systemd;
mod unreachable;
mod usage;
mod worker;
