use std::time::Duration;

use super::{Limit, LimitError, Limits};

#[test]
fn a_limit_reads_back_as_it_is_shown() {
    for (text, requests, window_ms, shown) in [
        ("2/1s", 2, 1_000, "2/1s"),
        ("60/1m", 60, 60_000, "60/1m"),
        ("60/60s", 60, 60_000, "60/1m"),
        (" 5 / 250ms ", 5, 250, "5/250ms"),
        ("10000/24h", 10_000, 86_400_000, "10000/24h"),
        ("1/100ms", 1, 100, "1/100ms"),
    ] {
        let limit: Limit = text.parse().unwrap();
        assert_eq!(limit.requests(), requests, "{text}");
        assert_eq!(limit.window(), Duration::from_millis(window_ms), "{text}");
        assert_eq!(limit.to_string(), shown, "{text}");
        assert_eq!(shown.parse::<Limit>(), Ok(limit), "{text}");
    }
}

#[test]
fn what_is_no_limit_is_refused_with_its_reason() {
    for (text, error) in [
        ("", LimitError::Syntax),
        ("2", LimitError::Syntax),
        ("2/s", LimitError::Syntax),
        ("2/1", LimitError::Syntax),
        ("2/1d", LimitError::Syntax),
        ("-2/1s", LimitError::Syntax),
        ("+2/1s", LimitError::Syntax),
        ("2.5/1s", LimitError::Syntax),
        ("2/1s/1s", LimitError::Syntax),
        ("0/1s", LimitError::Requests),
        ("10001/1s", LimitError::Requests),
        ("99999999999/1s", LimitError::Requests),
        ("2/99ms", LimitError::Window),
        ("2/0s", LimitError::Window),
        ("2/25h", LimitError::Window),
        ("2/18446744073709551616ms", LimitError::Window),
    ] {
        assert_eq!(text.parse::<Limit>(), Err(error), "{text}");
    }
}

#[test]
fn one_to_four_limits_keep_their_order() {
    let limits: Limits = "2/1s, 60/1m".parse().unwrap();
    assert_eq!(limits.first(), "2/1s".parse().unwrap());
    assert_eq!(limits.iter().count(), 2);
    assert_eq!(limits.to_string(), "2/1s,60/1m");
    assert!("1/1s,2/1s,3/1s,4/1s".parse::<Limits>().is_ok());
}

#[test]
fn no_limit_and_five_limits_are_refused() {
    for (text, error) in [
        ("", LimitError::None),
        (" ", LimitError::None),
        (",", LimitError::Syntax),
        ("2/1s,", LimitError::Syntax),
        ("1/1s,2/1s,3/1s,4/1s,5/1s", LimitError::TooMany),
    ] {
        assert_eq!(text.parse::<Limits>(), Err(error), "{text}");
    }
    assert_eq!(Limits::new([]), Err(LimitError::None));
}

#[test]
fn the_nearest_limit_is_one_that_may_be_configured() {
    let day = Duration::from_hours(24);
    for (requests, window, text) in [
        (2, Duration::from_secs(1), "2/1s"),
        (0, Duration::ZERO, "1/100ms"),
        (u32::MAX, 2 * day, "10000/24h"),
    ] {
        assert_eq!(text.parse(), Ok(Limit::nearest(requests, window)), "{text}");
    }
}

#[test]
fn json_holds_a_list_of_texts() {
    let limits = "2/1s,60/1m".parse::<Limits>().unwrap();
    assert_eq!(serde_json::to_string(&limits).unwrap(), r#"["2/1s","60/1m"]"#);
    assert_eq!(serde_json::from_str::<Limits>(r#"["2/1s","60/1m"]"#).unwrap(), limits);
    for json in ["[]", r#"["2"]"#, r#""2/1s""#] {
        assert!(serde_json::from_str::<Limits>(json).is_err(), "{json}");
    }
}
