use proptest::prelude::*;

use super::super::{PhoneError, Region, to_e164};
use super::without_float;

#[track_caller]
fn assert_is(spoiled: &str, number: &str) {
    assert_eq!(to_e164(spoiled, Region::Id).as_deref(), Ok(number), "{spoiled}");
}

#[test]
fn what_a_float_added_is_taken_away() {
    for spoiled in [
        "6281234567890.0",
        "6281234567890.00",
        "6281234567890,0",
        "6281234567890.000000",
        "81234567890.0",
        "81234567890,00",
        "081234567890.0",
        "+6281234567890.0",
        "6,281,234,567,890",
        "6,281,234,567,890.00",
        "6.281.234.567.890,00",
        "81,234,567,890",
        "6.281234567890E+12",
        "6,281234567890E+12",
        "6.281234567890e12",
        "6.28123456789000E+12",
        " 6281234567890.0 ",
        "+62 81234567890.0",
        "0812-3456-7890.00",
        "(+62) 812 3456 7890,0",
    ] {
        assert_is(spoiled, "+6281234567890");
    }
    assert_is("8123456.0", "+628123456");
}

#[test]
fn digits_that_a_float_lost_are_not_invented() {
    for spoiled in ["6.28123E+12", "6,28123E+12", "6E+12", "6.28123456789E12", "8.1E10", "1E+999"] {
        assert_eq!(without_float(spoiled), Err(PhoneError::Shortened), "{spoiled}");
    }
    for spoiled in [
        "6281234567.89",
        "6281234567890.5",
        "6281234567890,25",
        "81234567889.99999999",
        "81234567890.00000001",
        "6.281.234.567.890,5",
        "6,281,234,567,890.5",
        "6.2812345678905E+12",
        "081234567.000",
    ] {
        assert_eq!(without_float(spoiled), Err(PhoneError::Decimals), "{spoiled}");
        assert!(to_e164(spoiled, Region::Id).is_err(), "{spoiled}");
    }
}

#[test]
fn groups_as_people_write_them_stay_what_they_are() {
    for number in
        ["0812.3456.7890", "0812.34567890", "812.345.678.90", "0812345.67890", "021-555.1200"]
    {
        assert_eq!(without_float(number).unwrap(), number);
    }
    assert_is("812.345.678", "+62812345678");
    assert_eq!(to_e164("081234567890,081399998888", Region::Id), Err(PhoneError::Character));
}

proptest! {
    #[test]
    fn a_number_written_by_any_program_is_itself_or_refused(national in 81_000_000_u64..99_999_999_999, form in 0..8_u8) {
        let number = format!("62{national}");
        let value: f64 = number.parse().unwrap();
        let grouped = |separator: &str| {
            let digits: Vec<u8> = number.bytes().rev().collect();
            let groups: Vec<String> =
                digits.chunks(3).map(|group| group.iter().rev().map(|digit| char::from(*digit)).collect()).rev().collect();
            groups.join(separator)
        };
        let written = match form {
            0 => format!("{value:.1}"),
            1 => format!("{value:.6}"),
            2 => format!("{value:e}"),
            3 => format!("{value:.5E}").replace('E', "E+"),
            4 => grouped(","),
            5 => format!("{},00", grouped(".")),
            6 => grouped("."),
            _ => format!("{}", value / 7.0),
        };
        // Nothing shows that a number was computed if it has no decimals.
        prop_assume!(form < 7 || written.contains('.'));
        let wanted = to_e164(&number, Region::Id).unwrap();
        if let Ok(found) = to_e164(&written, Region::Id) {
            prop_assert_eq!(found, wanted, "{}", written);
        }
    }
}
