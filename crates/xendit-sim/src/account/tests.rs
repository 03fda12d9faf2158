use super::*;

fn with(authorization: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    headers
}

fn basic(credentials: &str) -> HeaderMap {
    with(&format!("Basic {}", STANDARD.encode(credentials)))
}

#[test]
fn any_key_is_an_account_of_its_own_unless_keys_are_given() {
    let accounts = Accounts::new(None);
    let first = accounts.authenticate(&basic("xnd_development_a:")).unwrap();
    let second = accounts.authenticate(&basic("xnd_development_b:")).unwrap();
    assert_ne!(first, second);
    assert_eq!(*first, account_of("xnd_development_a"));
    assert_eq!(first.len(), 12);
}

#[test]
fn an_unknown_key_is_refused_when_keys_are_given() {
    let accounts = Accounts::new(Some(&[SecretKey::new("right")]));
    accounts.authenticate(&basic("right:")).unwrap();
    let refusal = accounts.authenticate(&basic("wrong:")).unwrap_err();
    assert_eq!((refusal.status, refusal.error_code), (401, "INVALID_API_KEY"));
}

#[test]
fn a_header_that_is_not_basic_with_an_empty_password_is_refused() {
    let accounts = Accounts::new(None);
    for headers in [
        HeaderMap::new(),
        with("Bearer abc"),
        with("Basic"),
        with("Basic ???"),
        basic("no colon"),
        basic(":"),
        basic("key:password"),
    ] {
        assert_eq!(accounts.authenticate(&headers).unwrap_err().status, 401, "{headers:?}");
    }
}
