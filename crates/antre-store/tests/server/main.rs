//! The store against real servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod connection;
mod foreign_keys;
mod functions;
mod inbox_listener;
mod restarts;
mod support;
