//! The real binary against a real Redis and a simulated Xendit.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod check;
mod configuration;
// Finds the processes of a demo in /proc.
#[cfg(target_os = "linux")]
mod demo;
mod enqueue;
mod http;
mod operate;
mod stage;
mod strangers;
mod usage;
mod worker;
