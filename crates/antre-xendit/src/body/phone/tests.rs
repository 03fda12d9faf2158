use proptest::prelude::*;

use super::{PhoneError, Region, to_e164};

#[test]
fn every_spelling_of_an_indonesian_number_becomes_one() {
    for number in [
        "081234567890",
        "81234567890",
        "6281234567890",
        "+6281234567890",
        "006281234567890",
        "+62 812-3456-7890",
        "+62 (0)812 3456 7890",
        "+62081234567890",
        "62081234567890",
        "(+62) 812.3456.7890",
        "  0812 3456 7890  ",
        "0812\u{2013}3456\u{a0}7890",
        "0812/3456/7890",
        "+626281234567890",
    ] {
        assert_eq!(to_e164(number, Region::Id).unwrap(), "+6281234567890", "{number}");
    }
}

#[test]
fn a_number_with_its_calling_code_never_gets_a_second_one() {
    for number in ["6281", "62812345", "6281234567890", "+6281234567890", "628123456789012"] {
        let result = to_e164(number, Region::Id);
        assert!(!result.is_ok_and(|number| number.starts_with("+6262")), "{number}");
    }
}

#[test]
fn other_regions_read_their_own_national_spelling() {
    for (number, region, expected) in [
        ("012-345 6789", Region::My, "+60123456789"),
        ("60123456789", Region::My, "+60123456789"),
        ("0917 123 4567", Region::Ph, "+639171234567"),
        ("081-234-5678", Region::Th, "+66812345678"),
        ("0912345678", Region::Vn, "+84912345678"),
        ("9123 4567", Region::Sg, "+6591234567"),
        ("65912345", Region::Sg, "+6565912345"),
        ("6591234567", Region::Sg, "+6591234567"),
    ] {
        assert_eq!(to_e164(number, region).unwrap(), expected, "{number}");
    }
}

#[test]
fn an_international_number_keeps_its_country() {
    for (number, expected) in [
        ("+65 9123 4567", "+6591234567"),
        ("0065 9123 4567", "+6591234567"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+49 30 901820", "+4930901820"),
    ] {
        assert_eq!(to_e164(number, Region::Id).unwrap(), expected, "{number}");
    }
}

#[test]
fn what_cannot_be_a_number_is_refused() {
    for (number, error) in [
        ("", PhoneError::Length),
        ("-", PhoneError::Length),
        ("+", PhoneError::Length),
        ("0", PhoneError::Length),
        ("08", PhoneError::Length),
        ("0812", PhoneError::Length),
        ("+62", PhoneError::Length),
        ("08123456789012345", PhoneError::Length),
        ("+1234567890123456", PhoneError::Length),
        ("0812345678 ext 4", PhoneError::Character),
        ("0812345678/0813x", PhoneError::Character),
        ("081+2345678", PhoneError::Character),
        ("sari@example.co.id", PhoneError::Character),
        ("８１２３４５６７８９", PhoneError::Character),
    ] {
        assert_eq!(to_e164(number, Region::Id), Err(error), "{number}");
    }
}

#[test]
fn a_region_is_read_in_either_case() {
    for region in Region::ALL {
        assert_eq!(region.to_string().to_lowercase().parse(), Ok(region));
    }
    assert!("XX".parse::<Region>().is_err());
}

proptest! {
    #[test]
    fn a_normalised_number_stays_as_it_is(number in "[+0-9 ().-]{0,20}", region in 0_usize..6) {
        let region = Region::ALL[region];
        if let Ok(once) = to_e164(&number, region) {
            for any_region in Region::ALL {
                let again = to_e164(&once, any_region);
                prop_assert_eq!(again.as_ref(), Ok(&once));
            }
            prop_assert!(once.len() <= 16);
        }
    }

    #[test]
    fn no_text_makes_the_normaliser_panic(number in ".{0,40}") {
        prop_assert!(to_e164(&number, Region::Id).map_or(true, |number| number.len() <= 16));
    }
}
