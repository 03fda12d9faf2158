use super::*;

#[test]
fn a_key_is_never_shown() {
    let key = SecretKey::new("xnd_production_s3cret").expect("a key");
    assert_eq!(format!("{key:?} {:?}", Some(&key)), "SecretKey(live) Some(SecretKey(live))");
}

#[test]
fn a_key_is_trimmed_and_told_apart_from_what_is_none() {
    assert_eq!(SecretKey::new(" abc\n"), SecretKey::new("abc"));
    assert_ne!(SecretKey::new("abc"), SecretKey::new("abd"));
    assert_ne!(SecretKey::new("abc"), SecretKey::new("abcd"));
    assert_eq!(SecretKey::new(" \n"), Err(SecretKeyError::Empty));
    for text in ["a b", "a:b", "a\nb", "schlüssel"] {
        assert_eq!(SecretKey::new(text), Err(SecretKeyError::UnusableCharacter), "{text}");
    }
}

#[test]
fn the_key_is_the_user_of_basic_authentication_without_a_password() {
    let key = SecretKey::new("abc").expect("a key");
    assert_eq!(key.authorization(), "Basic YWJjOg==");
}
