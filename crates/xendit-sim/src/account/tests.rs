use super::*;
use crate::api::RequestKind;

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
    let accounts = Accounts::new(None, &[]);
    let first = accounts.authenticate(&basic("xnd_development_a:")).unwrap();
    let second = accounts.authenticate(&basic("xnd_development_b:")).unwrap();
    assert_ne!(first.account, second.account);
    assert_eq!(*first.account, account_of("xnd_development_a"));
    assert_eq!((first.account.len(), &first.key), (12, &first.account));
}

#[test]
fn an_unknown_key_is_refused_when_keys_are_given() {
    let accounts = Accounts::new(Some(&[SecretKey::new("right")]), &[]);
    accounts.authenticate(&basic("right:")).unwrap();
    let refusal = accounts.authenticate(&basic("wrong:")).unwrap_err();
    assert_eq!((refusal.status, refusal.error_code), (401, "INVALID_API_KEY"));
}

#[test]
fn a_header_that_is_not_basic_with_an_empty_password_is_refused() {
    let accounts = Accounts::new(None, &[]);
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

#[test]
fn a_merchants_keys_share_an_account_in_each_mode_and_one_user_id() {
    let merchant = "brand=xnd_development_a,xnd_development_b,xnd_production_c".parse().unwrap();
    let accounts = Accounts::new(None, &[merchant]);
    let account =
        |key: &str| accounts.authenticate(&basic(&format!("{key}:"))).unwrap().account.to_string();
    assert_eq!(account("xnd_development_a"), "brand:test");
    assert_eq!(account("xnd_development_b"), "brand:test");
    assert_eq!(account("xnd_production_c"), "brand:live");
    assert_eq!(account("xnd_development_d"), account_of("xnd_development_d"));
    assert_eq!(user_id_of("brand:test"), user_id_of("brand:live"));
    assert_ne!(user_id_of("brand:test"), user_id_of("other:test"));
}

#[test]
fn a_sub_account_is_an_account_of_its_own_with_the_user_id_that_was_named() {
    let accounts = Accounts::new(None, &["brand=key,xnd_production_k".parse().unwrap()]);
    let caller = |key: &str, user_id: &str| {
        let mut headers = basic(&format!("{key}:"));
        headers.insert(FOR_USER_ID, user_id.parse().unwrap());
        accounts.authenticate(&headers).map(|caller| caller.account.to_string())
    };
    assert_eq!(
        caller("key", "62440e322008e87fb29c1fd0").unwrap(),
        "brand:test/62440e322008e87fb29c1fd0"
    );
    assert_eq!(caller("xnd_production_k", "sub").unwrap(), "brand:live/sub");
    assert_eq!(caller("key", " ").unwrap(), "brand:test");
    assert_eq!(user_id_of("brand:live/sub"), "sub");
    for wrong in ["a/b", "a b", "a:b"] {
        assert_eq!(caller("key", wrong).unwrap_err().status, 400, "{wrong}");
    }
}

#[test]
fn a_merchants_keys_are_accepted_beside_those_that_are_given() {
    let accounts = Accounts::new(Some(&[SecretKey::new("alone")]), &[]);
    assert!(accounts.authenticate(&basic("late:")).is_err());
    accounts.add(&"brand=late".parse().unwrap());
    assert_eq!(*accounts.authenticate(&basic("late:")).unwrap().account, *"brand:test");
    accounts.authenticate(&basic("alone:")).unwrap();
    assert!(accounts.authenticate(&basic("wrong:")).is_err());
}

#[test]
fn a_revoked_key_is_refused_until_it_is_restored() {
    let accounts = Accounts::new(None, &[]);
    let key = SecretKey::new("key");
    accounts.set_rights(&key, Rights::Revoked);
    let refusal = accounts.authenticate(&basic("key:")).unwrap_err();
    assert_eq!((refusal.status, refusal.error_code), (401, "INVALID_API_KEY"));
    accounts.set_rights(&key, Rights::Full);
    assert_eq!(accounts.authenticate(&basic("key:")).unwrap().rights, Rights::Full);
}

#[test]
fn a_key_without_a_right_may_do_the_rest() {
    use RequestKind::{Create, Expire, Get, List, Other};
    for (rights, allowed) in [
        (Rights::Full, &[Create, Expire, List, Get, Other][..]),
        (Rights::ReadOnly, &[List, Get, Other]),
        (Rights::WriteOnly, &[Create, Expire, Other]),
        (Rights::Revoked, &[]),
    ] {
        for kind in [Create, Expire, List, Get, Other] {
            assert_eq!(rights.allow(kind), allowed.contains(&kind), "{rights:?} {kind}");
        }
    }
}

#[test]
fn what_is_no_merchant_is_refused_without_repeating_a_key() {
    for (text, expected) in [
        ("xnd_development_a", MerchantError::Form),
        ("a b=k", MerchantError::Name("a b".to_owned())),
        ("=k", MerchantError::Name(String::new())),
        ("a:test=k", MerchantError::Name("a:test".to_owned())),
        ("a=", MerchantError::Key("a".to_owned())),
        ("a=k,,l", MerchantError::Key("a".to_owned())),
    ] {
        let error = text.parse::<Merchant>().unwrap_err();
        assert!(!error.to_string().contains("xnd"), "{error}");
        assert_eq!(error, expected, "{text}");
    }
}
