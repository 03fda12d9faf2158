//! All that Antre knows of Xendit, and nothing else: the one crate that another provider would have its own of.
//!
//! - [`body`]: how a job holds a request's body, and what Xendit gets.
//! - [`api`]: what Xendit's answers mean, and whose an invoice is.
//! - [`key`]: the account's secret key, what a text may be that is none, and what follows from it.
//! - [`wire`]: the HTTP client: create, look up, show the newest, expire.
//!
//! The last two come with the feature `wire`, which is on by default. What only enqueues is built without it.

pub mod api;
pub mod body;
#[cfg(feature = "wire")]
pub mod key;
#[cfg(feature = "wire")]
pub mod wire;

#[cfg(feature = "wire")]
pub use key::{SecretKey, SecretKeyError};
#[cfg(feature = "wire")]
pub use wire::{Answer, Call, Client, ClientError, Connection, Reply, SendDeadline, Settings};
