//! The settings in force for an account, as Redis has them.

use std::time::Duration;

use antre_core::limit::{Limit, Limits};

use crate::decode::Fields;

/// The field of `pacer` that says that the account's server was seen with a replica.
pub(crate) const REPLICATED: &str = "replicated";

/// What holds for an account, whichever worker acts, as far as others look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// The account's limits; absent when they cannot be read.
    pub limits: Option<Limits>,
    /// Whether the account's server was seen with a replica, which must confirm claims since.
    pub is_replicated: bool,
}

pub(super) fn decode(config: &Fields, pacer: &Fields) -> Option<InForce> {
    (!config.is_empty()).then(|| InForce {
        limits: read_limits(config),
        is_replicated: pacer.contains_key(REPLICATED),
    })
}

/// Returns the limits that `Settings::to_fields` wrote.
fn read_limits(config: &Fields) -> Option<Limits> {
    let limits = config.get("limits")?.split(',').map(|limit| {
        let (requests, window_us) = limit.split_once(':')?;
        Limit::new(requests.parse().ok()?, Duration::from_micros(window_us.parse().ok()?)).ok()
    });
    Limits::new(limits.collect::<Option<Vec<_>>>()?).ok()
}
