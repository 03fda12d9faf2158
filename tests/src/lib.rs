//! What the test targets share: a queue on a Redis of its own, and jobs to put into it.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken fixture fails its test"
)]

pub mod chaos;
pub mod fleet;
pub mod harness;
pub mod neighbours;
pub mod outside;
pub mod queue;
pub mod sentinels;
