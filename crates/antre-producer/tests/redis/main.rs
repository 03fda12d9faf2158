//! The producer against a Redis of each test's own; the tests play the worker.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod commands;
mod enqueueing;
mod many;
mod support;
mod waiting;
