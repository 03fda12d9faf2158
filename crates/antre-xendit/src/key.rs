//! The account's secret key: what a text may be that is none, which access to Xendit it is, and what follows from it.

pub(crate) mod fingerprint;
mod limits;
mod mode;
mod secret_key;

pub use limits::default_limits;
pub use mode::begins_as_key;
pub use secret_key::{SecretKey, SecretKeyError};
