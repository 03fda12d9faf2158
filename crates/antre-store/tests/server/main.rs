//! The store against real servers that misbehave.

mod connection;
mod doorbell;
mod foreign_keys;
mod support;
