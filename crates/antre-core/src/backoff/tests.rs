use std::time::Duration;

use super::Backoff;

#[test]
fn waits_double_up_to_the_longest_and_begin_anew_after_a_success() {
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
    let waits: Vec<u128> = (0..4).map(|_| backoff.next().as_millis()).collect();
    assert_eq!(waits, [100, 200, 350, 350]);
    backoff.reset();
    assert_eq!(backoff.next(), Duration::from_millis(100));
}

#[test]
fn by_default_waits_grow_to_a_second() {
    let mut backoff = Backoff::default();
    let waits: Vec<u128> = (0..6).map(|_| backoff.next().as_millis()).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1_000, 1_000]);
}
