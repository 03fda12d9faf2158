use std::time::Duration;

use proptest::prelude::*;

use super::{DurationText, DurationTextError, parse};

#[test]
fn a_number_with_a_unit_is_a_duration() {
    for (text, length_ms) in [
        ("500ms", 500),
        ("15s", 15_000),
        ("2m", 120_000),
        ("1h", 3_600_000),
        ("7d", 604_800_000),
        ("0s", 0),
        (" 1s ", 1_000),
        ("007s", 7_000),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_millis(length_ms)), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    for text in ["", "s", "15", "1.5s", "-1s", "+1s", "1 s", "1h30m", "1S", "1w", "1µs", "ä"] {
        assert_eq!(parse(text), Err(DurationTextError::Syntax), "{text}");
    }
    for text in ["18446744073709551616ms", "18446744073709551615s"] {
        assert_eq!(parse(text), Err(DurationTextError::TooLong), "{text}");
    }
}

#[test]
fn the_largest_unit_without_a_fraction_is_shown() {
    for (length_ms, text) in [
        (0, "0s"),
        (1, "1ms"),
        (1_500, "1500ms"),
        (60_000, "1m"),
        (90_000, "90s"),
        (86_400_000, "1d"),
    ] {
        assert_eq!(DurationText(Duration::from_millis(length_ms)).to_string(), text);
    }
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(length_ms in any::<u64>()) {
        let duration = Duration::from_millis(length_ms);
        prop_assert_eq!(parse(&DurationText(duration).to_string()), Ok(duration));
    }
}
