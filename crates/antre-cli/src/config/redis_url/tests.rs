use super::*;

fn fault_of(url: &str) -> Option<String> {
    // Opening a URL looks for a runtime, although nothing is connected.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { fault(url) })
}

#[track_caller]
fn assert_fault(url: &str, expected: &str) {
    let found = fault_of(url).unwrap_or_else(|| panic!("nothing is wrong with {url}"));
    assert!(found.contains(expected), "{url}: {found}");
    for secret in ["s3cret", "p@ss", "p#ss", "p/ss", "hush"] {
        assert!(!found.contains(secret), "{found}");
    }
}

#[test]
fn a_password_with_characters_of_a_url_names_the_encoding() {
    for url in [
        "redis://:p@ss/w#rd@host",
        "redis://:p/ss@host:6379",
        "redis://:p#ss@host:6379/0",
        "redis://user:p?ss@host",
        "rediss://user:12/s3cret@host:6380",
        "redis://user:12?s3cret@host:6380",
        "redis://:100%s3cret@host",
        "redis://:s3cret%@host",
        "redis://us#er:s3cret@host",
    ] {
        assert_fault(url, "%40");
    }
}

#[test]
fn encoded_passwords_and_harmless_characters_are_taken() {
    for url in [
        "redis://:p%40ss%2Fw%23rd@host",
        "redis://user:a:b!$&'()*+,;=-._~@host:6379/3",
        // The client takes the last @ for the end of the password.
        "redis://:p@ss@host",
        "rediss://user:pass@host.example.com:6380/0",
        "redis://[::1]:6379",
        "redis://[::1]",
        "redis://host/?protocol=resp3",
        "redis+unix:///run/redis.sock?pass=p@ss",
        "unix:///run/redis@1.sock",
        "valkey://host:6379",
        "REDIS://host",
    ] {
        assert_eq!(fault_of(url), None, "{url}");
    }
}

#[test]
fn sentinels_are_a_list_of_hosts_and_the_name_of_a_primary() {
    for url in [
        "redis-sentinel://h1:26379,h2:26379/0?master=mymaster",
        "rediss-sentinel://user:p%40ss@h1,h2:26380?master=mymaster",
        "redis+sentinel://:s3cret@[::1]:26379/3?master=m",
    ] {
        assert_eq!(fault_of(url), None, "{url}");
    }
    for (url, expected) in [
        ("redis-sentinel://h1:26379,h2:26379/0", "it does not say which primary"),
        ("redis+sentinel://:hush@h1:26379?master=", "it does not say which primary"),
        ("redis-sentinel://h1,:26379/0?master=m", "it names no host"),
        ("redis-sentinel://h1:x/0?master=m", "no number up to 65535"),
        ("redis-sentinel://h1/mymaster?master=m", "no number; write"),
        ("redis-sentinel://user:p@ss/w#rd@h1?master=m", "%40"),
    ] {
        assert_fault(url, expected);
    }
}

#[test]
fn the_nodes_of_a_cluster_are_a_list_of_hosts() {
    for url in [
        "redis-cluster://h1,h2:6380",
        "rediss-cluster://user:p%40ss@h1:6379,h2",
        "redis+cluster://:s3cret@[::1]:6379/0",
        "valkey-cluster://h1/",
    ] {
        assert_eq!(fault_of(url), None, "{url}");
    }
    for (url, expected) in [
        ("redis-cluster://h1,:6379", "it names no host"),
        ("redis-cluster://h1:x", "no number up to 65535"),
        ("redis-cluster://h1/3", "redis-cluster://HOST:6379,HOST:6379"),
        ("redis+cluster://user:p@ss/w#rd@h1", "%40"),
    ] {
        assert_fault(url, expected);
    }
}

#[test]
fn a_scheme_that_cannot_be_used_names_what_can() {
    for (url, expected) in [
        ("sentinel://h1", "redis-sentinel://HOST:26379,HOST:26379/0?master=NAME"),
        ("cluster://h1", "redis-cluster://HOST:6379,HOST:6379"),
        ("tcp://10.0.0.1:6379", "write redis://HOST:6379"),
        ("tls://host:6380", "write rediss://HOST:6379"),
        ("https://example.com", "write rediss://HOST:6379"),
        ("memcached://host", "rediss://… for TLS or redis+unix:///path/redis.sock"),
        ("127.0.0.1:6379", "it does not begin with redis://"),
        ("localhost", "it does not begin with redis://"),
        (":s3cret@host:6379", "it does not begin with redis://"),
        ("hush s3cret://host", "the scheme in front of it"),
    ] {
        assert_fault(url, expected);
    }
}

#[test]
fn what_is_wrong_behind_the_scheme_is_named() {
    for (url, expected) in [
        ("redis://", "it names no host"),
        ("redis://:6379", "it names no host"),
        ("redis://:hush@", "it names no host"),
        ("redis://host:port", "port"),
        ("redis://host:99999", "port"),
        ("redis://host/cache", "database"),
        ("redis://host:6379/0#insecure", "a # stands"),
        ("rediss://host:6379#insecure", "a # stands"),
        ("redis://0.0.0.0:6379", "is no Redis URL: write redis://127.0.0.1:6379"),
    ] {
        assert_fault(url, expected);
    }
}

#[test]
fn an_address_is_shown_without_its_secrets() {
    for (url, shown) in [
        ("redis://user:hush@host:6379/1", "redis://host:6379/1"),
        ("redis+unix:///run/redis.sock?pass=hush", "redis+unix:///run/redis.sock"),
        ("hush", "?"),
    ] {
        assert_eq!(without_secrets(url), shown);
    }
}

#[test]
fn an_ipv6_address_without_brackets_is_told_to_have_some() {
    for url in ["redis://::1:6379", "redis://:s3cret@fe80::1:6379/0", "rediss://2001:db8::5"] {
        assert_fault(url, "in brackets: redis://[::1]:6379");
    }
}
