use redis::Value;

use super::{Address, Range, read, slot_of};

fn text(text: &str) -> Value {
    Value::BulkString(text.as_bytes().to_vec())
}

fn owner(host: Value, port: i64) -> Value {
    Value::Array(vec![host, Value::Int(port), text("id")])
}

fn range(first: i64, last: i64, owner: Value) -> Value {
    Value::Array(vec![Value::Int(first), Value::Int(last), owner])
}

#[test]
fn what_stands_in_the_first_braces_decides() {
    // As CLUSTER KEYSLOT has them.
    assert_eq!(slot_of("foo"), 12182);
    assert_eq!(slot_of("antre:{foo}:inbox"), 12182);
    assert_eq!(slot_of("{}foo"), slot_of("{}foo"));
    assert_ne!(slot_of("{}foo"), slot_of("foo"));
    assert_eq!(slot_of("123456789"), 0x31C3);
}

#[test]
fn a_node_without_a_name_has_that_by_which_it_was_asked() {
    let reply = Value::Array(vec![
        range(0, 99, owner(text("10.0.0.2"), 7000)),
        range(100, 100, owner(Value::Nil, 7001)),
        range(101, 16383, owner(text(""), 7002)),
    ]);
    let of = |first, last, host: &str, port| Range {
        first,
        last,
        owner: Address { host: host.to_owned(), port },
    };
    let expected =
        [of(0, 99, "10.0.0.2", 7000), of(100, 100, "own", 7001), of(101, 16383, "own", 7002)];
    assert_eq!(read(reply, "own").unwrap(), expected);
}

#[test]
fn another_form_is_an_error() {
    for value in [
        Value::Nil,
        Value::Array(vec![Value::Int(1)]),
        Value::Array(vec![range(5, 4, owner(text("h"), 1))]),
        Value::Array(vec![range(0, 16384, owner(text("h"), 1))]),
        Value::Array(vec![range(0, 1, owner(text("h"), 70_000))]),
    ] {
        assert!(read(value.clone(), "own").is_err(), "{value:?}");
    }
}

#[test]
fn an_address_may_be_one_of_ip_6_or_leave_its_host_out() {
    let address = |host: &str, port| Some(Address { host: host.to_owned(), port });
    assert_eq!(Address::read("10.0.0.1:6379", "own"), address("10.0.0.1", 6379));
    assert_eq!(Address::read(":6379", "own"), address("own", 6379));
    assert_eq!(Address::read("::1:6379", "own"), address("::1", 6379));
    assert_eq!(Address::read("no port", "own"), None);
}
