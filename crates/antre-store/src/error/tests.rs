use redis::{FromRedisValue, Value, make_extension_error};

use super::*;

fn from_server(code: &str, detail: &str) -> StoreError {
    make_extension_error(code.to_owned(), Some(detail.to_owned())).into()
}

#[test]
fn a_value_that_cannot_be_converted_is_not_repeated() {
    let secret = Value::BulkString(b"budi@example.com".to_vec());
    let error = u64::from_redis_value(secret).unwrap_err();
    let error = StoreError::from(RedisError::from(error));
    assert!(matches!(error, StoreError::Reply { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("budi"), "{error}");
}

#[test]
fn arguments_of_a_command_that_redis_does_not_know_are_not_repeated() {
    let detail = "unknown command 'XADD', with args beginning with: 'job' 'budi@example.com'";
    let error = from_server("ERR", detail);
    assert!(!format!("{error} {error:?}").contains("budi"), "{error}");
    assert!(error.to_string().contains("does not know the command `xadd`"), "{error}");
}

#[test]
fn codes_of_redis_say_whose_fault_it_is() {
    assert!(matches!(from_server("WRONGTYPE", "x"), StoreError::WrongType(_)));
    assert!(matches!(from_server("NOREPLICAS", "x"), StoreError::ReadOnly(_)));
    assert!(matches!(from_server("WRONGPASS", "x"), StoreError::Denied(_)));
    assert!(from_server("WRONGPASS", "x").concerns_server());
    assert!(from_server("UNBLOCKED", "x").is_passing());
    assert!(!from_server("WRONGTYPE", "x").concerns_server());
}

#[test]
fn faults_of_tls_say_what_to_do() {
    for (said, told) in [
        ("invalid peer certificate: UnknownIssuer", "of its authority in redis_ca_file"),
        ("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "is an authority's own"),
        ("invalid peer certificate: NotValidForName", "for another host name"),
        (
            "received corrupt message of type InvalidContentType",
            "write redis:// instead of rediss://",
        ),
    ] {
        let error = std::io::Error::new(std::io::ErrorKind::InvalidData, said);
        let error = StoreError::from(RedisError::from(error));
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_line_that_fails_says_what_to_look_at_and_the_same_for_each_way_to_fail() {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, PermissionDenied, UnexpectedEof};
    let told = |kind: std::io::ErrorKind| {
        let error = StoreError::from(RedisError::from(std::io::Error::from(kind)));
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        error.to_string()
    };
    let closed = told(ConnectionReset);
    for remedy in ["(rediss://)", "protected mode", "(maxclients)"] {
        assert!(closed.contains(remedy), "{closed}");
    }
    assert_eq!(closed, told(BrokenPipe));
    assert_eq!(closed, told(UnexpectedEof));
    let socket = std::io::Error::from_raw_os_error(13);
    assert_eq!(socket.kind(), PermissionDenied);
    let error = StoreError::from(RedisError::from(socket)).to_string();
    assert!(error.contains("unixsocketperm 770"), "{error}");
}

#[test]
fn a_missing_password_is_told_in_the_same_words_whatever_was_asked() {
    let short = from_server("NOAUTH", "Authentication required.");
    let long = from_server("ERR", "Protocol error: unauthenticated multibulk length");
    assert!(matches!(long, StoreError::Denied(_)), "{long}");
    assert_eq!(short.to_string(), long.to_string());
}

#[test]
fn a_key_of_another_type_is_told_in_the_same_words_by_every_script() {
    let plain = from_server("WRONGTYPE", "Operation against a key holding the wrong kind of value");
    let script =
        from_server("WRONGTYPE", "Operation against a key script: 1c28, on @user_script:455.");
    assert_eq!(plain.to_string(), script.to_string());
    assert!(plain.to_string().contains("find it with TYPE and delete it"), "{plain}");
}

#[test]
fn a_replica_is_called_one() {
    let error = from_server("READONLY", "You can't write against a read only replica.");
    let expected = "redis refuses writes: this server is a replica; use the address of its primary";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn every_reason_why_redis_refuses_says_what_to_do_and_whose_fault_it_is() {
    for (code, detail, class, words) in [
        (
            "NOPERM",
            "this user has no permissions to run the 'info' command",
            "Denied",
            "may not run `info`: add +info",
        ),
        (
            "NOPERM",
            "User key has no permissions to run the 'script|load' command",
            "Denied",
            "add +script|load",
        ),
        ("NOPERM", "No permissions to access a channel", "Denied", "add &antre:*"),
        (
            "NOPERM",
            "this user has no permissions to access one of the keys used as arguments",
            "Denied",
            "add ~antre:*",
        ),
        (
            "ERR",
            "The user executing the script can't run this command or subcommand script: f",
            "Denied",
            "scripts need",
        ),
        (
            "ERR",
            "ACL failure in script: User w has no permissions to run the 'publish' command",
            "Denied",
            "+publish",
        ),
        ("NOAUTH", "Authentication required.", "Denied", "wants a password"),
        ("MISCONF", "Redis is configured to save RDB snapshots", "ReadOnly", "free the disk"),
        ("NOREPLICAS", "Not enough good replicas to write.", "ReadOnly", "bring a replica back"),
        ("LOADING", "Redis is loading the dataset in memory", "Unavailable", "loading its data"),
        ("BUSY", "Redis is busy running a script.", "Unavailable", "SCRIPT KILL"),
        ("MOVED", "3999 127.0.0.1:6381", "Unsuitable", "node of a Redis Cluster"),
        (
            "ERR",
            "Error compiling script (new function): user_script:1: unexpected symbol near '#'",
            "Unsuitable",
            "7.0 or newer",
        ),
        (
            "ERR",
            "unknown command 'EVALSHA', with args beginning with: 'hush'",
            "Unsuitable",
            "`evalsha`",
        ),
        ("ERR", "max number of clients reached", "Unavailable", "maxclients"),
    ] {
        let error = from_server(code, detail);
        assert!(format!("{error:?}").starts_with(class), "{error:?}");
        assert!(
            error.to_string().contains(words) && !error.to_string().contains("hush"),
            "{error}"
        );
        assert!(error.concerns_server(), "{error}");
    }
}
