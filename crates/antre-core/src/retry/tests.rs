use std::time::Duration;

use super::{RetryError, RetrySchedule};

#[test]
fn the_last_delay_repeats() {
    let schedule = RetrySchedule::default();
    for (retry, seconds) in [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (25, 4), (u32::MAX, 4)] {
        assert_eq!(schedule.delay(retry), Duration::from_secs(seconds), "{retry}");
    }
}

#[test]
fn a_schedule_reads_back_as_it_is_shown() {
    for (text, shown) in
        [("1s,2s,4s", "1s,2s,4s"), (" 500ms , 1m", "500ms,1m"), ("60s", "1m"), ("24h", "1d")]
    {
        let schedule: RetrySchedule = text.parse().unwrap();
        assert_eq!(schedule.to_string(), shown);
        assert_eq!(shown.parse::<RetrySchedule>(), Ok(schedule));
    }
    assert_eq!("1s,2s,4s".parse(), Ok(RetrySchedule::default()));
}

#[test]
fn what_is_no_schedule_is_refused_with_its_reason() {
    let many = ["1s"; 26].join(",");
    for (text, error) in [
        ("", RetryError::None),
        (",", RetryError::Syntax),
        ("1,2,4", RetryError::Syntax),
        ("1s,", RetryError::Syntax),
        ("0s", RetryError::Delay),
        ("1s,25h", RetryError::Delay),
        (many.as_str(), RetryError::TooMany),
    ] {
        assert_eq!(text.parse::<RetrySchedule>(), Err(error), "{text}");
    }
}

#[test]
fn json_holds_a_list_of_texts() {
    let schedule = RetrySchedule::default();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), r#"["1s","2s","4s"]"#);
    assert_eq!(serde_json::from_str::<RetrySchedule>(r#"["1s","2s","4s"]"#).unwrap(), schedule);
    assert!(serde_json::from_str::<RetrySchedule>("[]").is_err());
}
