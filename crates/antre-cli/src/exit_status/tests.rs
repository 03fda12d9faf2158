use super::*;

#[test]
fn faults_of_the_configuration_end_with_64_and_usage_with_2() {
    assert_eq!(code(&anyhow::Error::new(Faults::default())), 64);
    assert_eq!(code(&anyhow::Error::new(Unusable(String::new()))), 64);
    assert_eq!(code(&anyhow::Error::new(Usage(String::new()))), 2);
    assert_eq!(code(&anyhow::anyhow!("no")), 1);
}

#[test]
fn data_of_a_newer_version_ends_with_64_however_deep_it_is_found() {
    let error = StoreError::OtherFormat { found: 2, known: 1 };
    assert_eq!(code(&anyhow::Error::new(error).context("account default")), 64);
}

#[test]
fn a_cause_that_its_error_names_is_not_said_twice() {
    let error = anyhow::anyhow!("connection refused").context("no redis: connection refused");
    assert_eq!(one_line_each(&error), "no redis: connection refused");
    let error = anyhow::anyhow!("connection refused").context("no redis");
    assert_eq!(one_line_each(&error), "no redis: connection refused");
}
