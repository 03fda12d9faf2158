use axum::http::{HeaderName, HeaderValue};

use super::*;
use crate::callers::KeyDigest;

fn read_of(pairs: &[(&str, &str)], priority_max: Priority) -> Result<Headers, Trouble> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let caller = KnownCaller {
        account: "default".parse().unwrap(),
        name: "shop".into(),
        key: KeyDigest::of(b""),
        priority_max,
        has_accounts_key: false,
        for_user_id: None,
    };
    read(&headers, &caller, Priority::High)
}

#[test]
fn what_decides_who_gets_the_money_is_refused_and_never_dropped() {
    for name in UNSUPPORTED {
        let refused = read_of(&[(name, "x")], Priority::High).unwrap_err();
        assert_eq!(refused.facts().code, "ANTRE_UNSUPPORTED_HEADER", "{name}");
        // Some SDKs always send it, and empty.
        assert!(read_of(&[(name, " ")], Priority::High).is_ok(), "{name}");
        assert!(read_of(&[(name, ""), (name, "x")], Priority::High).is_err(), "{name}");
    }
}

#[test]
fn a_callers_priority_is_its_maximum() {
    let rows = [
        ("", Priority::High, Priority::High),
        ("", Priority::Low, Priority::Low),
        ("HIGH", Priority::Normal, Priority::Normal),
        ("low", Priority::Normal, Priority::Low),
    ];
    for (asked, most, expected) in rows {
        let found = read_of(&[("x-antre-priority", asked)], most).unwrap().treatment.priority;
        assert_eq!(found, expected, "{asked} {most}");
    }
    let refused = read_of(&[("x-antre-priority", "urgent")], Priority::High).unwrap_err();
    assert!(refused.to_string().contains("high, normal or low"), "{}", refused.to_string());
}

#[test]
fn prefer_says_how_long_a_caller_is_held() {
    let rows = [
        ("wait=5", Hold::For(Duration::from_secs(5))),
        ("return=minimal, Wait = 0 ;x", Hold::For(Duration::ZERO)),
        ("respond-async, wait=10", Hold::Not),
        ("handling=lenient", Hold::AsConfigured),
    ];
    for (text, hold) in rows {
        assert_eq!(read_of(&[("prefer", text)], Priority::High).unwrap().hold, hold, "{text}");
    }
    for text in ["wait", "wait=121", "wait=-1", "wait=soon"] {
        assert!(read_of(&[("prefer", text)], Priority::High).is_err(), "{text}");
    }
}

#[test]
fn both_idempotency_headers_name_the_same_key() {
    let digest = |name, key| read_of(&[(name, key)], Priority::High).unwrap().key_digest;
    assert_eq!(digest("idempotency-key", "k"), digest("x-idempotency-key", " k "));
    assert_ne!(digest("idempotency-key", "k"), digest("idempotency-key", "l"));
    assert_eq!(digest("idempotency-key", ""), None);
}
