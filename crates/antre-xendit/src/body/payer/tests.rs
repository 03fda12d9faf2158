use antre_core::Payer;
use antre_core::payer::Digest;

use super::of;

const SARI: &str = "sari@example.co.id";
const BUDI: &str = "budi@example.co.id";

#[test]
fn spellings_of_one_address_have_one_digest() {
    let plain = of(Some(SARI), Some("+6281234567890"));
    for (email, mobile) in [
        (" Sari@Example.CO.id ", "081234567890"),
        ("SARI@EXAMPLE.CO.ID", "6281234567890"),
        (SARI, "0812-3456-7890"),
    ] {
        assert_eq!(of(Some(email), Some(mobile)), plain);
    }
}

#[test]
fn blank_addresses_count_as_missing() {
    assert_eq!(of(Some("  "), Some(" - ")), Payer::default());
    assert_eq!(of(None, None), Payer::default());
}

#[test]
fn a_number_that_cannot_be_one_is_compared_by_its_digits() {
    assert_eq!(of(None, Some("ext. 12 34")), of(None, Some("1234")));
    assert!(of(None, Some("ext. 12")).mobile.is_some());
}

#[test]
fn payers_differ_only_when_nothing_that_both_carry_is_equal() {
    let (m1, m2) = ("081234567890", "081999999999");
    for (left, right, differs) in [
        ((Some(SARI), None), (Some(SARI), None), false),
        ((Some(SARI), None), (Some(BUDI), None), true),
        ((Some(SARI), Some(m1)), (Some(SARI), Some(m2)), false),
        ((Some(SARI), Some(m1)), (Some(BUDI), Some(m1)), false),
        ((Some(SARI), Some(m1)), (Some(BUDI), Some(m2)), true),
        ((Some(SARI), None), (None, Some(m1)), false),
        ((Some(SARI), Some(m1)), (None, Some(m2)), true),
        ((None, None), (Some(SARI), Some(m1)), false),
        ((None, None), (None, None), false),
    ] {
        let (left, right) = (of(left.0, left.1), of(right.0, right.1));
        assert_eq!(left.differs(&right), differs, "{left:?} {right:?}");
        assert_eq!(right.differs(&left), differs, "{right:?} {left:?}");
    }
}

#[test]
fn debug_shows_the_digest_and_not_the_address() {
    let text = format!("{:?}", of(Some(SARI), Some("081234567890")));
    assert!(!text.contains("sari") && !text.contains("8123"), "{text}");
}

#[test]
fn a_digest_survives_its_text_and_json() {
    let digest = of(Some(SARI), None).email.unwrap();
    assert_eq!(digest.to_string().len(), 16);
    assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    for text in ["", "00", "+000000000000000", "zz00000000000000"] {
        assert!(text.parse::<Digest>().is_err(), "{text}");
    }
}
