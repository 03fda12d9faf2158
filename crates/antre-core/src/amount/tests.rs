use proptest::prelude::*;

use super::{Amount, AmountError};

#[test]
fn every_spelling_of_an_amount_has_one_canonical_text() {
    for (text, canonical) in [
        ("350000", "350000"),
        ("350000.0", "350000"),
        ("350000.00", "350000"),
        ("3.5e5", "350000"),
        ("3.5E+5", "350000"),
        ("35000000e-2", "350000"),
        ("0.35e6", "350000"),
        ("4550.50", "4550.5"),
        ("0.5", "0.5"),
        ("0.050", "0.05"),
        ("5e-2", "0.05"),
        ("1", "1"),
        ("1e14", "100000000000000"),
        ("999999999999999", "999999999999999"),
        ("1.000000000000000000000", "1"),
        ("12345678.1234567", "12345678.1234567"),
        ("0.00000000000001", "0.00000000000001"),
    ] {
        assert_eq!(Amount::parse(text).unwrap().as_str(), canonical, "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_reason() {
    for (text, error) in [
        ("", AmountError::NotANumber),
        ("\"350000\"", AmountError::NotANumber),
        ("true", AmountError::NotANumber),
        ("null", AmountError::NotANumber),
        ("01", AmountError::NotANumber),
        ("+1", AmountError::NotANumber),
        ("1.", AmountError::NotANumber),
        (".5", AmountError::NotANumber),
        ("1e", AmountError::NotANumber),
        ("1e+-2", AmountError::NotANumber),
        ("1 ", AmountError::NotANumber),
        ("1e5e5", AmountError::NotANumber),
        ("NaN", AmountError::NotANumber),
        ("0", AmountError::NotPositive),
        ("0.00", AmountError::NotPositive),
        ("-0", AmountError::NotPositive),
        ("-350000", AmountError::NotPositive),
        ("0e99999999999999999999", AmountError::NotPositive),
        ("1e15", AmountError::TooManyDigits),
        ("1e-16", AmountError::TooManyDigits),
        ("1234567890123456", AmountError::TooManyDigits),
        ("123456789012345.6", AmountError::TooManyDigits),
        ("1e99999999999999999999", AmountError::TooManyDigits),
        ("1e-99999999999999999999", AmountError::TooManyDigits),
    ] {
        assert_eq!(Amount::parse(text), Err(error), "{text}");
    }
}

#[test]
fn decimals_can_be_cut_off_unless_nothing_is_left() {
    for (text, cut) in [("4550.50", Some("4550")), ("4550", Some("4550")), ("0.99", None)] {
        let cut_amount = Amount::parse(text).unwrap().without_decimals();
        assert_eq!(cut_amount.as_ref().map(Amount::as_str), cut, "{text}");
    }
}

#[test]
fn json_holds_the_number_itself() {
    let amount = Amount::parse("4550.50").unwrap();
    assert_eq!(serde_json::to_string(&amount).unwrap(), "4550.5");
    assert_eq!(serde_json::from_str::<Amount>("4550.500").unwrap(), amount);
    assert!(serde_json::from_str::<Amount>("\"4550.5\"").is_err());
}

proptest! {
    #[test]
    fn the_canonical_text_parses_to_itself(
        integer in 0_u64..10_000_000_000, fraction in "[0-9]{0,5}", exponent in -5_i32..5,
    ) {
        let point = if fraction.is_empty() { "" } else { "." };
        if let Ok(amount) = Amount::parse(&format!("{integer}{point}{fraction}e{exponent}")) {
            prop_assert_eq!(Amount::parse(amount.as_str()).unwrap(), amount.clone());
            let exact: f64 = format!("{integer}{point}{fraction}e{exponent}").parse().unwrap();
            prop_assert_eq!(amount.as_str().parse::<f64>().unwrap().to_bits(), exact.to_bits());
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[-+0-9.eE]{0,40}") {
        prop_assert!(Amount::parse(&text).map_or(true, |amount| amount.as_str().len() <= 17));
    }
}
