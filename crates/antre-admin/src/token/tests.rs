use super::{Token, TokenError};

const SECRET: &str = "correct-horse-battery";

#[test]
fn only_the_very_token_is_it() {
    let token = Token::new(SECRET).unwrap();
    assert!(token.is(SECRET.as_bytes()));
    for other in [
        "",
        "correct",
        "correct-horse-battery0",
        "Correct-horse-battery",
        "correct-horse-battery\0",
    ] {
        assert!(!token.is(other.as_bytes()), "{other:?}");
    }
}

#[test]
fn a_token_of_fewer_than_16_characters_or_one_that_fits_no_header_is_refused() {
    assert!(Token::new("0123456789abcdef").is_ok());
    for text in ["", "0123456789abcde", "with blanks in between", "umlaut-is-ü-not-ascii"] {
        assert_eq!(Token::new(text).err(), Some(TokenError), "{text}");
    }
}

#[test]
fn a_token_cannot_be_printed() {
    assert_eq!(format!("{:?}", Token::new(SECRET).unwrap()), "Token(…)");
}
