//! What the test targets share: whole workers, what they run against, and what breaks them.
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken fixture fails its test"
)]

pub mod billing;
pub mod chaos;
pub mod fleet;
pub mod harness;
pub mod languages;
pub mod machine;
pub mod neighbours;
pub mod outside;
pub mod python;
pub mod redis_cluster;
pub mod sentinels;
pub mod served;
