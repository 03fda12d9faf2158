//! All that Antre knows of Xendit.
//!
//! - [`key`]: the account's secret key, what a text may be that is none, and which access it is.
//! - [`wire`]: the HTTP client: create, look up, show the newest, expire.

pub mod key;
pub mod wire;

pub use key::{SecretKey, SecretKeyError};
pub use wire::{Answer, Call, Client, ClientError, Connection, Fence, Reply, Settings};
