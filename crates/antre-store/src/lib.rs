//! The queue as Redis holds it: keys, scripts and their typed replies.
//!
//! Every change of a job's state is one script, so no other client sees half of it. This crate never
//! retries, sleeps or reads a clock, but for the age of a connection; Redis' `TIME` decides. It spawns nothing and decides no
//! policy: what a request's outcome means for a job is said by its caller, and the scripts say what
//! that does to the queue as it is by then.
//!
//! What only workers do comes with the feature `worker`, which is on by default: accepting, claiming, finishing, leases,
//! settings. Without it nothing of apalis is compiled: submitting, waiting, looking and what operators do need none.

#[cfg(feature = "worker")]
pub mod apalis_view;
mod bill_text;
#[cfg(feature = "worker")]
mod bounded;
#[cfg(feature = "worker")]
pub mod claim;
pub mod clock;
#[cfg(feature = "worker")]
pub mod commands;
pub mod connection;
mod decode;
pub mod error;
#[cfg(feature = "worker")]
pub mod finish;
pub mod gateway;
#[cfg(feature = "worker")]
pub mod inbox_listener;
pub mod inspect;
#[cfg(feature = "worker")]
pub mod intake;
pub mod keys;
#[cfg(feature = "worker")]
pub mod lease;
pub mod operate;
pub mod queue;
pub mod reads;
pub mod request_time;
pub mod results;
#[cfg(feature = "worker")]
pub mod rights;
mod script;
pub mod server;
#[cfg(feature = "worker")]
pub mod settings;
mod shared;
pub mod status;
pub mod submit;
#[cfg(feature = "worker")]
pub mod wake;

pub use connection::Redis;
pub use error::StoreError;
pub use queue::Queue;
