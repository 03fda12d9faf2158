use super::*;

#[test]
fn a_server_older_than_7_is_refused_by_its_version() {
    let error = check("Redis server v=6.2.14 sha=00000000:0 malloc=jemalloc").unwrap_err();
    assert!(error.to_string().starts_with("redis-server 6.2.14 is too old: run `sh "), "{error}");
}

#[test]
fn newer_servers_and_those_that_name_no_version_are_taken() {
    for text in ["Redis server v=7.0.0 sha=0", "Redis server v=10.1 sha=0", "Valkey", "v=odd", ""] {
        assert!(check(text).is_ok(), "{text}");
    }
}
