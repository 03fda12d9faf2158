//! Where the gateway is served, and who may call it.

use super::*;

const LISTEN: &str = "gateway_listen = \"127.0.0.1:8090\"\n";
const LONG_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Returns the callers of the only account.
fn callers(config: &Config) -> Vec<&str> {
    config.accounts[0].callers.iter().map(|caller| caller.name.as_str()).collect()
}

#[test]
fn without_an_address_nobody_may_call_and_no_key_is_looked_for() {
    let config = config("[accounts.default.callers.shop]\nkey_file = \"/nowhere\"\n");
    assert_eq!(config.gateway.listen, None);
    assert_eq!(callers(&config), [""; 0]);
}

#[test]
fn a_worker_takes_the_accounts_key_and_those_of_callers() {
    let text = format!(
        "{LISTEN}[accounts.default.callers.shop]\nkey_env = \"SHOP_KEY\"\npriority = \"low\"\n"
    );
    let case = Case::new(&text, &[KEY, ("SHOP_KEY", LONG_KEY)]);
    assert_eq!(callers(&case.config()), ["shop", "secret_key"]);
    let refusing = format!("{LISTEN}gateway_accept_secret_key = false\n");
    let found = faults(&refusing);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("nobody may call"), "{found:?}");
}

#[test]
fn the_gateway_alone_needs_callers_and_no_key_of_xendit() {
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let text = format!("{LISTEN}[accounts.default.callers.shop]\nkey_sha256 = \"{digest}\"\n");
    let config = Case::new(&text, &[]).load(Purpose::Gateway).unwrap();
    assert_eq!(callers(&config), ["shop"]);
    assert!(Case::new(LISTEN, &[]).load(Purpose::Gateway).is_err());
}

#[test]
fn an_address_that_others_reach_needs_tls_and_a_port_of_its_own() {
    for (text, part) in [
        ("gateway_listen = \"0.0.0.0:8090\"\n", "gateway_behind_tls = true"),
        ("gateway_listen = \"127.0.0.1:8080\"\n", "a port of its own"),
        ("gateway_listen = \"8090\"\n", "no address and port"),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:?}");
    }
    let open = config("gateway_listen = \"0.0.0.0:8090\"\ngateway_behind_tls = true\n");
    assert!(open.gateway.listen.is_some());
}

#[test]
fn every_fault_of_a_caller_is_told_and_no_key_is_shown() {
    let short = "hush-hush";
    for (caller, part) in [
        ("", "needs exactly one of key_file, key_env and key_sha256"),
        ("key_env = \"SHOP_KEY\"\nkey_sha256 = \"0\"\n", "needs exactly one"),
        ("key_env = \"SHOP_KEY\"\n", "at least 32 visible"),
        ("key_env = \"NO_KEY\"\n", "names NO_KEY, which is not set"),
        ("key_file = \"/nowhere\"\n", "/nowhere"),
        ("key_sha256 = \"abc\"\n", "64 hexadecimal digits"),
        ("key_sha = \"abc\"\n", "did you mean key_sha256?"),
        ("priority = \"urgent\"\n", "none of high, normal and low"),
        ("key = \"hush-hush\"\n", "must not stand here"),
    ] {
        let text = format!("{LISTEN}[accounts.default.callers.shop]\n{caller}");
        let found = Case::new(&text, &[KEY, ("SHOP_KEY", short)]).faults();
        assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:?}");
        assert!(found.iter().all(|fault| !fault.contains(short)), "{found:?}");
    }
    let twice = format!(
        "{LISTEN}[accounts.default.callers.shop]\nkey_env = \"SHOP_KEY\"\n\
         [accounts.default.callers.till]\nkey_env = \"SHOP_KEY\"\n"
    );
    let found = Case::new(&twice, &[KEY, ("SHOP_KEY", LONG_KEY)]).faults();
    assert!(found[0].contains("a key of its own"), "{found:?}");
}
