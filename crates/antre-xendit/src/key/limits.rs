//! The limits of an account that configures none.

use std::time::Duration;

use antre_core::{Limit, Limits, Mode};

/// Returns the limits for an account that configures none: 2/1s, and what Xendit documents per
/// minute for the key's mode. A key of unknown mode is treated as a test key, the stricter one.
pub fn default_limits(mode: Mode) -> Limits {
    let requests_per_minute = match mode {
        Mode::Live => 600,
        Mode::Test | Mode::Unknown => 60,
    };
    let second = Limit::nearest(2, Duration::from_secs(1));
    Limits::of_two(second, Limit::nearest(requests_per_minute, Duration::from_mins(1)))
}

#[cfg(test)]
mod tests;
