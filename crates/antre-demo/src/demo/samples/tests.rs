use std::collections::HashSet;

use antre_producer::ToJob as _;

use super::*;

#[test]
fn every_sample_is_a_valid_job_for_a_bill_of_its_own() {
    let samples = samples(200);
    let bills: HashSet<String> = samples
        .iter()
        .map(|sample| sample.job.to_job().unwrap().external_id().to_owned())
        .collect();
    assert_eq!(bills.len(), 200);
}

#[test]
fn one_in_ten_is_a_vip_and_some_are_bulk() {
    let samples = samples(100);
    assert_eq!(samples.iter().filter(|sample| sample.is_vip).count(), 10);
    assert!(samples.iter().any(|sample| sample.is_bulk));
    assert!(samples.iter().all(|sample| !(sample.is_vip && sample.is_bulk)));
}

#[test]
fn even_a_short_demo_has_a_vip() {
    assert!(samples(6).iter().any(|sample| sample.is_vip));
}
