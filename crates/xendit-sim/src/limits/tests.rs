use super::*;

#[test]
fn several_limits_are_read_and_written_back() {
    let limits: Limits = "2/1s, 60/1m".parse().unwrap();
    assert_eq!(
        limits.0,
        [
            Limit { requests: 2, window: Duration::from_secs(1) },
            Limit { requests: 60, window: Duration::from_mins(1) },
        ]
    );
    assert_eq!(limits.to_string(), "2/1s,60/1m");
}

#[test]
fn none_lifts_the_limit() {
    assert_eq!("none".parse::<Limits>().unwrap(), Limits(Vec::new()));
    assert_eq!("".parse::<Limits>().unwrap(), Limits(Vec::new()));
    assert_eq!(Limits::default().to_string(), "none");
}

#[test]
fn what_is_no_limit_is_refused_by_its_reason() {
    assert!(matches!("2".parse::<Limits>(), Err(LimitError::Form(_))));
    assert!(matches!("0/1s".parse::<Limits>(), Err(LimitError::Requests(_))));
    assert!(matches!("x/1s".parse::<Limits>(), Err(LimitError::Requests(_))));
    assert!(matches!("2/1".parse::<Limits>(), Err(LimitError::Window { .. })));
    assert!(matches!("2/0s".parse::<Limits>(), Err(LimitError::NoWindow(_))));
    assert!(matches!("2/1s,".parse::<Limits>(), Err(LimitError::Form(_))));
}
