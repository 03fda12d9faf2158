use super::{is_loopback, name};

#[test]
fn the_port_and_capitals_do_not_count() {
    for (host, expected) in [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("antre.example.:443", "antre.example"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]:8080", "[::1]"),
        ("[::1]", "[::1]"),
        ("::1", "::1"),
        ("", ""),
    ] {
        assert_eq!(name(host), expected);
    }
}

#[test]
fn loopback_has_few_names() {
    for host in ["localhost", "127.0.0.1", "127.0.0.53", "[::1]"] {
        assert!(is_loopback(host), "{host}");
    }
    for host in
        ["", "0.0.0.0", "localhost.evil.example", "127.0.0.1.evil.example", "::1", "10.0.0.1"]
    {
        assert!(!is_loopback(host), "{host}");
    }
}
