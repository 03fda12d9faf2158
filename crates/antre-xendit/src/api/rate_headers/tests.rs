use std::time::Duration;

use antre_core::Quota;
use proptest::prelude::*;

use super::AnswerHeaders;

const NOW: &str = "Wed, 01 Jul 2026 00:00:00 GMT";
const NOW_MS: i64 = 1_782_864_000_000;

fn limited(reset: Option<&str>, retry_after: Option<&str>) -> u128 {
    let headers = AnswerHeaders { reset, retry_after, date: Some(NOW), ..Default::default() };
    headers.limited(None).wait.as_millis()
}

#[test]
fn a_wait_is_seconds_or_a_date_or_ten_seconds_and_never_above_two_minutes() {
    let cases = [
        ("0", 0),
        ("58.37", 58_370),
        (" 3 ", 3_000),
        ("120", 120_000),
        ("120.5", 10_000),
        ("3600", 10_000),
        ("1782864009", 10_000),
        ("-1", 10_000),
        ("+5", 10_000),
        ("1e1", 10_000),
        ("inf", 10_000),
        ("NaN", 10_000),
        ("", 10_000),
        (".", 10_000),
        ("soon", 10_000),
        ("Wed, 01 Jul 2026 00:00:07 GMT", 7_000),
        ("Wednesday, 01-Jul-26 00:00:08 GMT", 8_000),
        ("Wed Jul  1 00:00:09 2026", 9_000),
        ("Wed, 01 Jul 2026 09:00:00 GMT", 120_000),
        ("Tue, 30 Jun 2026 23:00:00 GMT", 0),
    ];
    for (text, milliseconds) in cases {
        assert_eq!(limited(Some(text), None), milliseconds, "reset {text:?}");
        assert_eq!(limited(None, Some(text)), milliseconds, "retry-after {text:?}");
    }
}

#[test]
fn of_two_believable_waits_the_longer_counts_and_of_one_that_one() {
    assert_eq!(limited(Some("2"), Some("5")), 5_000);
    assert_eq!(limited(Some("7.5"), Some("5")), 7_500);
    assert_eq!(limited(Some("7200"), Some("1")), 1_000);
    assert_eq!(limited(Some("4"), Some("whenever")), 4_000);
    assert_eq!(limited(None, None), 10_000);
}

#[test]
fn without_the_servers_date_the_given_clock_counts_and_without_both_a_date_says_nothing() {
    let headers =
        AnswerHeaders { reset: Some("Wed, 01 Jul 2026 00:00:07 GMT"), ..Default::default() };
    assert_eq!(headers.limited(Some(NOW_MS)).wait, Duration::from_secs(7));
    assert_eq!(headers.limited(None).wait, Duration::from_secs(10));
}

#[test]
fn the_quota_takes_what_is_a_number_and_leaves_the_rest() {
    let headers = AnswerHeaders {
        limit: Some("600, 600;w=60"),
        remaining: Some("583"),
        reset: Some("58.37"),
        ..Default::default()
    };
    let read = headers.quota(None);
    let reset = Some(Duration::from_millis(58_370));
    assert_eq!(read, Quota { limit: Some(600), remaining: Some(583), reset });

    let headers = AnswerHeaders {
        limit: Some("many"),
        remaining: Some("-1"),
        reset: Some("99999999999"),
        ..Default::default()
    };
    assert_eq!(headers.quota(None), Quota::default());
}

proptest! {
    #[test]
    fn no_header_text_panics_or_asks_for_more_than_two_minutes(
        texts in prop::array::uniform5(prop::option::of(".{0,40}|[0-9.:, A-Za-z-]{0,40}")),
        now_ms in prop::option::of(any::<i64>()),
    ) {
        let [limit, remaining, reset, retry_after, date] = &texts;
        let headers = AnswerHeaders {
            limit: limit.as_deref(),
            remaining: remaining.as_deref(),
            reset: reset.as_deref(),
            retry_after: retry_after.as_deref(),
            date: date.as_deref(),
        };
        prop_assert!(headers.limited(now_ms).wait <= Duration::from_mins(2));
        prop_assert!(headers.quota(now_ms).reset <= Some(Duration::from_mins(2)));
    }
}
