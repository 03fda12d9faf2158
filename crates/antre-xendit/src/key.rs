//! The account's secret key: its form, common mistakes, its fingerprint, and the mode and limits that follow from it.

pub(crate) mod fingerprint;
mod limits;
mod mode;
mod secret_key;

pub use limits::default_limits;
pub use mode::begins_as_key;
pub use secret_key::{SecretKey, SecretKeyError};
