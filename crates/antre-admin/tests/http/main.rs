//! The routes over a Redis of each test's own; expected answers are written by hand.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod changing;
mod doors;
mod probes;
mod reading;
mod scaling;
mod support;
