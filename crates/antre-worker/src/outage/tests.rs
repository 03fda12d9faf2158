use super::*;

#[test]
fn an_outage_lasts_from_the_first_failure_to_the_next_success() {
    let outage = Outage::new("redis");
    assert!(!outage.is_on());
    outage.failed("default", &"refused");
    outage.failed("default", &"refused");
    assert!(outage.is_on());
    outage.works("default");
    assert!(!outage.is_on());
}

#[test]
fn an_outage_tells_its_latest_reason_until_it_is_over() {
    let outage = Outage::new("redis server");
    assert_eq!(outage.reason(), None);
    outage.failed_for_all(&"refused");
    outage.failed_for_all(&"a replica");
    assert_eq!(outage.reason().as_deref(), Some("a replica"));
    outage.works_for_all();
    assert_eq!(outage.reason(), None);
}

#[test]
fn waits_grow_to_a_second_and_begin_anew() {
    let mut backoff = Backoff::default();
    let waits: Vec<u128> = (0..6).map(|_| backoff.next().as_millis()).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1_000, 1_000]);
    backoff.reset();
    assert_eq!(backoff.next(), Duration::from_millis(100));
}
