//! The queue as Redis holds it: keys, scripts and their typed replies.
//!
//! Every change of a job's state is one script, so no other client sees half of it. This crate never
//! retries, sleeps or reads a clock, but for the age of a connection; Redis' `TIME` decides. It spawns nothing and decides no
//! policy: what a request's outcome means for a job is said by its caller, and the scripts say what
//! that does to the queue as it is by then.

pub mod apalis_view;
mod bounded;
pub mod claim;
pub mod clock;
pub mod connection;
mod decode;
pub mod error;
pub mod finish;
pub mod inbox_listener;
pub mod inspect;
pub mod intake;
pub mod keys;
pub mod lease;
pub mod operate;
pub mod queue;
pub mod results;
mod rights;
mod script;
pub mod server;
pub mod settings;
mod shared;
pub mod status;
pub mod submit;
pub mod wake;

pub use connection::Redis;
pub use error::StoreError;
pub use queue::Queue;
