use super::Keys;

#[test]
fn jobs_are_kept_under_the_names_that_apalis_redis_gives_them() {
    let keys = Keys::new(&"brand-2".parse().unwrap());
    let apalis = keys.apalis();
    assert_eq!(keys.data(), apalis.job_data_hash());
    assert_eq!(keys.meta("7"), format!("{}:7", apalis.job_meta_hash()));
    assert_eq!(keys.dead(), apalis.dead_jobs_set());
}
