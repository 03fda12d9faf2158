use super::*;

fn fingerprint(key: &str, base_url: &str) -> String {
    let key = SecretKey::new(key).expect("a key");
    let url = Url::parse(base_url).expect("a URL");
    of(&key, key.mode(), &url, None).expect("any key will do")
}

#[test]
fn the_fingerprint_is_what_another_program_computes_as_well() {
    // Python: hmac.new(key, b"antre account v1\n" + mode + b"\n" + url, "sha256").hexdigest()[:32]
    for (key, base_url, expected) in [
        ("xnd_development_abc", "https://api.xendit.co", "b9ded981000a09cbe54dd156d16b97b5"),
        ("abc", "http://127.0.0.1:4000/xendit", "9a562eeadfa977449a93397552783e72"),
        (&"x".repeat(100), "http://[::1]", "e70362b1fd5757a56a797ff9b66f9db1"),
    ] {
        assert_eq!(fingerprint(key, base_url), expected, "{base_url}");
    }
}

#[test]
fn spellings_of_one_address_make_no_difference() {
    let spelled = |base_url| fingerprint("abc", base_url);
    let plain = spelled("https://api.xendit.co");
    for same in ["https://api.xendit.co/", "https://API.Xendit.CO", "https://api.xendit.co:443/"] {
        assert_eq!(spelled(same), plain, "{same}");
    }
    assert_eq!(spelled("https://api.xendit.co/a/"), spelled("https://api.xendit.co/a"));
}

#[test]
fn another_key_mode_or_address_is_another_access() {
    let key = SecretKey::new("abc").expect("a key");
    let url = Url::parse("https://api.xendit.co").expect("a URL");
    let mut seen = vec![
        of(&key, Mode::Test, &url, None).expect("any key will do"),
        of(&key, Mode::Live, &url, None).expect("any key will do"),
        of(&key, Mode::Unknown, &url, None).expect("any key will do"),
        of(&key, Mode::Unknown, &url, Some("u-1")).expect("any key will do"),
        of(&key, Mode::Unknown, &url, Some("u-2")).expect("any key will do"),
        fingerprint("abd", "https://api.xendit.co"),
        fingerprint("abc", "http://api.xendit.co"),
        fingerprint("abc", "https://api.xendit.co:444"),
        fingerprint("abc", "https://api.xendit.com"),
        fingerprint("abc", "https://api.xendit.co/a"),
        fingerprint("abc", "https://api.xendit.co/A"),
    ];
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
    assert!(
        seen.iter()
            .all(|one| one.len() == 32 && one.bytes().all(|digit| digit.is_ascii_hexdigit()))
    );
}
