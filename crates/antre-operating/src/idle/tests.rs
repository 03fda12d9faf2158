use antre_store::status::UnusedGrant;

use super::*;

#[test]
fn a_missing_replica_is_told_sooner_than_a_redis_that_is_far() {
    let status = |is_unreplicated: bool, idle_ms: u64| Status {
        now_ms: 1_000_000,
        waiting: [0, 1, 0],
        oldest_ready_us: (1_000_000 - idle_ms) * 1_000,
        unused: Some(UnusedGrant { at_ms: 999_500, is_unreplicated }),
        ..Status::default()
    };
    assert!(unused_for_long(&status(true, 3_500)).is_some());
    assert!(unused_for_long(&status(true, 2_500)).is_none());
    assert!(unused_for_long(&status(false, 3_500)).is_none());
    assert!(unused_for_long(&status(false, 31_000)).is_some());
}
