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
    assert!(error.to_string().contains("unknown command 'XADD'"), "{error}");
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
        ("invalid peer certificate: UnknownIssuer", "a private one cannot be configured yet"),
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
fn a_replica_is_called_one() {
    let error = from_server("READONLY", "You can't write against a read only replica.");
    let expected = "redis refuses writes: this server is a replica; use the address of its primary";
    assert_eq!(error.to_string(), expected);
}
