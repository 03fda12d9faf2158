//! What callers of the gateway got lately.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decode::Fields;

/// What a caller of the gateway got in the last hour of Redis' clock, up to five minutes of it missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallerCounts {
    /// Its creates.
    pub creates: u64,
    /// How often it waited and was told that a bill is still queued.
    pub still_queued: u64,
    /// How often it used a name of another bill, or of one that was paid long ago.
    pub misnamed: u64,
}

/// Returns the counts by caller. A field is `<word> <caller>`.
pub(super) fn decode(counted: &[Fields]) -> BTreeMap<String, CallerCounts> {
    let mut callers: BTreeMap<String, CallerCounts> = BTreeMap::new();
    for (field, count) in counted.iter().flatten() {
        let Some((word, caller)) = field.split_once(' ') else { continue };
        let count: u64 = count.parse().unwrap_or_default();
        let counts = callers.entry(caller.to_owned()).or_default();
        match word {
            "creates" => counts.creates += count,
            "still_queued" => counts.still_queued += count,
            "misnamed" => counts.misnamed += count,
            _ => {}
        }
    }
    callers
}
