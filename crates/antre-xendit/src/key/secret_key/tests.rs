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
        assert!(matches!(SecretKey::new(text), Err(SecretKeyError::Mistaken(_))), "{text}");
    }
}

#[test]
fn the_key_is_the_user_of_basic_authentication_without_a_password() {
    let key = SecretKey::new("abc").expect("a key");
    assert_eq!(key.authorization(), "Basic YWJjOg==");
}

/// What people put where the key belongs, and a word of what they are told.
const MISTAKEN: [(&str, &str); 41] = [
    ("xnd_public_development_abcdef", "public key"),
    ("XND_PUBLIC_PRODUCTION_abcdef", "public key"),
    ("sk_live_abcdef", "Stripe"),
    ("SB-Mid-server-abcdef", "Midtrans"),
    ("rzp_test_abc", "Razorpay"),
    ("\"xnd_production_abc\"", "quotes"),
    ("'xnd_production_abc", "quotes"),
    ("“xnd_production_abc”", "quotes"),
    ("export XENDIT_SECRET_KEY=xnd_production_abc", "line of a shell"),
    ("XENDIT_SECRET_KEY=xnd_production_abc", "line of a shell"),
    ("secret_key: xnd_production_abc", "line of a shell"),
    ("XENDIT_SECRET_KEY=\"xnd_production_abc\"", "quotes"),
    ("${XENDIT_SECRET_KEY}", "placeholder"),
    ("$XENDIT_SECRET_KEY", "placeholder"),
    ("$(cat /run/key)", "placeholder"),
    ("{{ xendit_key }}", "placeholder"),
    ("%XENDIT_KEY%", "placeholder"),
    ("<your key>", "placeholder"),
    ("your-secret-key-here", "placeholder"),
    ("xnd_production_ab c", "blank"),
    ("xnd_production_ab\nc", "line break"),
    ("eG5kX3Byb2R1Y3Rpb25fYWJj", "base64"),
    ("eG5kX3Byb2R1Y3Rpb25fYWJjOg==", "base64"),
    ("Basic eG5kX3Byb2R1Y3Rpb25fYWJjOg==", "Authorization"),
    ("Bearer xnd_production_abc", "Authorization"),
    ("xnd_production_abc:", "a sign in it"),
    ("xnd_production_abc,", "a sign in it"),
    ("xnd_production_abc\u{200b}", "cannot be seen"),
    ("\u{feff}xnd_production_abc", "cannot be seen"),
    ("xnd_production_****abcd", "hidden"),
    ("xnd_production_", "only the beginning"),
    ("xnd_production_YOUR_SECRET_KEY", "placeholder"),
    ("xnd_development_changeme", "placeholder"),
    ("xnd_development_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "placeholder"),
    ("xnd_production_XXX-abc", "placeholder"),
    ("xnd_production_000000", "placeholder"),
    ("xnd_production_replace-me", "placeholder"),
    ("xnd_development_aaaaaaaaaaaa", "placeholder"),
    ("XND_PRODUCTION_abc", "capital letters"),
    ("xnd_development_abcxnd_production_abc", "two keys"),
    ("KJ3hfgT8sLq0PzX7yVb2NcMd9RwEa5Ui", "webhook"),
];

#[test]
fn what_looks_like_a_key_and_is_none_is_named_without_being_shown() {
    for (text, word) in MISTAKEN {
        let error = SecretKey::new(text).unwrap_err();
        assert!(error.to_string().contains(word), "{text}: {error}");
        assert!(!error.to_string().contains("abc"), "{error}");
    }
}

#[test]
fn no_text_with_a_live_key_in_it_is_taken_for_anything_but_a_live_key() {
    let around = ["", " ", "\"", "'", "KEY=", "x", "(", "\u{200b}", "/", "-", "=", "_"];
    for before in around {
        for behind in around {
            let key = SecretKey::new(&format!("{before}xnd_production_abc{behind}"));
            assert!(
                key.is_err() || key.is_ok_and(|key| key.mode() == Mode::Live),
                "{before} {behind}"
            );
        }
    }
}

#[test]
fn keys_of_xendit_and_of_simulators_are_taken() {
    for (text, mode) in [
        ("xnd_development_O46JfOtygef9kMNsK+ZPGT+ZZ9b3ooF4w3Dn+R1k+2fT/7GlCAN3jg==", Mode::Test),
        ("xnd_production_abcdEFGH1234567890abcdEFGH1234567890abcdEFGH1234567890", Mode::Live),
        ("  xnd_development_abc\n", Mode::Test),
        ("right", Mode::Unknown),
        ("test-key-1", Mode::Unknown),
        ("xnd_lab_key", Mode::Unknown),
    ] {
        assert_eq!(SecretKey::new(text).map(|key| key.mode()), Ok(mode), "{text}");
    }
}

#[test]
fn a_key_that_begins_with_a_word_by_chance_is_a_key() {
    for rest in ["xxxO46JfOtygef9kMNsKZPGTZZ9b3ooF4w3DnR1k", "test", "x1", "s3cret", "aab"] {
        assert!(SecretKey::new(&format!("xnd_production_{rest}")).is_ok(), "{rest}");
    }
}
