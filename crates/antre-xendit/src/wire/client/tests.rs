use super::*;

fn client(base_url: &str, key: &str) -> Result<Client, ClientError> {
    Client::new(Settings {
        base_url: base_url.to_owned(),
        key: SecretKey::new(key).expect("a key"),
        request_timeout: Duration::from_secs(15),
        for_user_id: None,
        connect_timeout: Duration::from_secs(5),
    })
}

fn fault(base_url: &str) -> String {
    client(base_url, "xnd_production_abc").expect_err("a fault").to_string()
}

#[test]
fn each_unusable_address_has_its_fault() {
    for (base_url, text) in [
        ("", "the base URL \"\" is not a URL"),
        ("api.xendit.co", "the base URL \"api.xendit.co\" is not a URL"),
        ("https://", "the base URL \"https://\" is not a URL"),
        ("ftp://api.xendit.co", "the base URL's scheme \"ftp\" is neither https nor http"),
        ("https://xnd_key:@api.xendit.co", "the base URL must not carry a user name or password"),
        ("https://api.xendit.co/?a=b", "the base URL must not have a query or fragment"),
        ("https://api.xendit.co/#a", "the base URL must not have a query or fragment"),
        ("http://api.xendit.co", "a live key is sent to \"api.xendit.co\" only over https"),
        (
            "http://127.0.0.1.evil.example",
            "a live key is sent to \"127.0.0.1.evil.example\" only over https",
        ),
    ] {
        assert_eq!(fault(base_url), text, "{base_url}");
    }
    assert!(!fault("https//xnd_key:@api.xendit.co").contains("xnd_key"));
}

#[test]
fn a_live_key_may_cross_this_machine_unencrypted_and_another_key_any_network() {
    for base_url in
        ["http://127.0.0.1:4000", "http://[::1]:4000", "http://localhost", "https://x.y/z"]
    {
        let client = client(base_url, "xnd_production_abc").expect(base_url);
        assert_eq!(client.mode(), Mode::Live);
    }
    assert!(client("http://xendit-sim:4000", "xnd_development_abc").is_ok());
}

#[test]
fn a_time_out_of_zero_is_a_fault() {
    let settings = Settings {
        base_url: "https://api.xendit.co".to_owned(),
        key: SecretKey::new("abc").expect("a key"),
        request_timeout: Duration::ZERO,
        for_user_id: None,
        connect_timeout: Duration::from_secs(5),
    };
    assert!(matches!(Client::new(settings), Err(ClientError::ZeroTimeout)));
}

#[test]
fn a_client_shows_no_key() {
    let client = client("https://api.xendit.co", "xnd_production_s3cret").expect("a client");
    let shown = format!("{client:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("Basic"), "{shown}");
}

#[test]
fn two_clients_of_one_access_have_one_fingerprint_whatever_their_time_outs() {
    let settings = Settings {
        base_url: "https://api.xendit.co/".to_owned(),
        key: SecretKey::new("xnd_development_abc").expect("a key"),
        request_timeout: Duration::from_secs(1),
        for_user_id: None,
        connect_timeout: Duration::from_secs(1),
    };
    let hasty = Client::new(settings).expect("a client");
    let usual = client("https://api.xendit.co", "xnd_development_abc").expect("a client");
    assert_eq!(hasty.fingerprint(), usual.fingerprint());
    let other = client("https://api.xendit.co", "xnd_production_abc").expect("a client");
    assert_ne!(other.fingerprint(), usual.fingerprint());
}
