//! Everything on one machine: a Redis, a simulated Xendit and workers, all gone afterwards.
//!
//! This is what `antre demo` and `antre dev` run. It belongs to no product: a worker that holds a
//! live key needs nothing of it, so `antre-cli` links it by its feature `setup` only. It parses
//! no arguments, prints nothing and reads no environment; its caller does.

pub mod demo;
pub mod dev;
mod error;
pub mod guard;
mod local_setup;
pub mod simulator;

pub use error::{DemoError, Result};
pub use local_setup::{Host, KEY};
pub use xendit_sim::Latency;
