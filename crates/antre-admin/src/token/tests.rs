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
fn an_empty_token_or_one_that_fits_no_header_is_refused() {
    for text in ["", "with blanks in between", "umlaut-is-ü-not-ascii"] {
        assert_eq!(Token::new(text).err(), Some(TokenError), "{text}");
    }
}

#[test]
fn a_token_cannot_be_printed() {
    assert_eq!(format!("{:?}", Token::new(SECRET).unwrap()), "Token(…)");
}
