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
