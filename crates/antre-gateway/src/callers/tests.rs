use axum::http::HeaderValue;

use super::*;

fn known() -> Vec<KnownCaller> {
    let caller = |name: &str, key: &str| KnownCaller {
        account: "default".parse().unwrap(),
        name: name.into(),
        key: KeyDigest::of(key.as_bytes()),
        priority_max: Priority::High,
        has_accounts_key: name != "shop",
        for_user_id: None,
    };
    vec![caller("xendit", "xnd_development_a"), caller("shop", "0123456789abcdef0123456789abcdef")]
}

fn asked(authorization: &str) -> Result<String, Stranger> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(authorization).unwrap());
    find(&known(), &headers).map(|caller| caller.name.to_string())
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[test]
fn the_key_is_the_user_and_the_password_does_not_count() {
    for pair in ["xnd_development_a:", "xnd_development_a:anything:else"] {
        assert_eq!(asked(&basic(pair)).as_deref(), Ok("xendit"), "{pair}");
    }
    assert_eq!(
        asked(&basic("0123456789abcdef0123456789abcdef:").replace("Basic", "bAsIc")).as_deref(),
        Ok("shop")
    );
}

#[test]
fn what_holds_no_key_is_unreadable_and_another_key_unknown() {
    for text in ["", "Basic", "Basic !", "Bearer abc", &basic("no colon"), &basic(":password")] {
        assert_eq!(asked(text), Err(Stranger::Unreadable), "{text}");
    }
    for pair in ["xnd_development_b:", "xnd_development_:", "xnd_development_aa:", " :"] {
        assert_eq!(asked(&basic(pair)), Err(Stranger::Unknown), "{pair}");
    }
    assert_eq!(find(&known(), &HeaderMap::new()).err(), Some(Stranger::Unreadable));
    assert_eq!(find(&[], &HeaderMap::new()).err(), Some(Stranger::Unreadable));
}

#[test]
fn a_digest_is_read_as_sha256sum_prints_it_and_never_shown() {
    let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(KeyDigest::from_hex(text), Ok(KeyDigest::of(b"")));
    assert_eq!(KeyDigest::from_hex(&text.to_uppercase()), Ok(KeyDigest::of(b"")));
    let shorter = text.trim_start_matches('e');
    for other in ["", shorter, &format!("{text}0"), &text.replace('e', "g")] {
        assert_eq!(KeyDigest::from_hex(other), Err(KeyDigestError));
    }
    assert_eq!(format!("{:?}", KeyDigest::of(b"")), "KeyDigest(…)");
}

#[test]
fn a_platforms_key_names_an_account_together_with_the_header() {
    let caller = |account: &str, has_accounts_key, for_user_id: Option<&str>| KnownCaller {
        account: account.parse().unwrap(),
        name: account.into(),
        key: KeyDigest::of(if has_accounts_key { b"platform" } else { account.as_bytes() }),
        priority_max: Priority::High,
        has_accounts_key,
        for_user_id: for_user_id.map(Into::into),
    };
    let known = [
        caller("a", true, Some("sub-a")),
        caller("b", true, Some("sub-b")),
        caller("c", false, Some("sub-c")),
    ];
    let asked = |key: &str, ids: &[&str]| {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&basic(&format!("{key}:"))).unwrap());
        for id in ids {
            headers.append("for-user-id", HeaderValue::from_str(id).unwrap());
        }
        find(&known, &headers).map(|caller| caller.name.to_string())
    };
    assert_eq!(asked("platform", &["sub-a"]).as_deref(), Ok("a"));
    assert_eq!(asked("platform", &["", "sub-b"]).as_deref(), Ok("b"));
    // The platform's own invoices are no account of this Antre.
    for ids in ["", "sub-c", "sub-a sub-b", "other"] {
        let ids: Vec<&str> = ids.split(' ').collect();
        assert_eq!(asked("platform", &ids), Err(Stranger::OtherUser), "{ids:?}");
    }
    assert_eq!(asked("platform", &[]), Err(Stranger::OtherUser));
    // A key of Antre's own says whose it is, and must not say another one.
    assert_eq!(asked("c", &[]).as_deref(), Ok("c"));
    assert_eq!(asked("c", &["sub-c"]).as_deref(), Ok("c"));
    assert_eq!(asked("c", &["sub-a"]), Err(Stranger::OtherUser));
}
