//! Turns queued jobs into Xendit invoices: the apalis backend, the handler and the services around them.
//!
//! One [`Worker`] serves any number of accounts. For each it runs an apalis worker over [`backend`]:
//! [`claimer`] claims the best job together with the right to send one request, [`deliver`] sends
//! that request and reads the answer, and [`acknowledge`] writes what it means into the queue. Around
//! them, each in a file: [`intake`], [`heartbeat`], [`sweep`], [`watch`] and [`wake_listener`].
//!
//! This crate holds no queue logic (that is in `antre-store`'s scripts) and binds no socket.

pub mod account;
pub mod acknowledge;
pub mod backend;
pub mod claimer;
mod commands;
mod connections;
pub mod deliver;
mod gate;
pub mod heartbeat;
pub mod intake;
mod link;
mod measures;
pub mod options;
mod outage;
pub mod process;
pub mod report;
mod request;
mod request_times;
pub mod running;
mod servers;
mod start;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod wake_listener;
pub mod watch;
pub mod worker;

pub use measures::describe as describe_metrics;
pub use options::{AccountOptions, Durability, WorkerOptions};
pub use worker::{Readiness, Worker, WorkerError};
