//! The account's secret key, and which access to Xendit it is.

pub(crate) mod fingerprint;
mod secret_key;

pub use secret_key::{SecretKey, SecretKeyError};
