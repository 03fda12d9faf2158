use redis::{RedisError, Value, parse_redis_value};

use super::{Redirect, is_script};
use crate::connection::cluster::slots::Address;

fn redirect(line: &str) -> Option<Redirect> {
    let value = parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
    let of_value = Redirect::of(&Ok(value.clone()), "own");
    let error: RedisError = value.extract_error().unwrap_err();
    assert_eq!(Redirect::of(&Err(error), "own"), of_value, "{line}");
    of_value
}

fn address(host: &str, port: u16) -> Address {
    Address { host: host.to_owned(), port }
}

#[test]
fn a_redirect_names_the_place() {
    let moved = Redirect::Moved { slot: 3999, owner: address("10.0.0.1", 6381) };
    assert_eq!(redirect("MOVED 3999 10.0.0.1:6381"), Some(moved));
    assert_eq!(redirect("ASK 3999 :6381"), Some(Redirect::Ask(address("own", 6381))));
    assert_eq!(redirect("TRYAGAIN Multiple keys request"), Some(Redirect::Later));
    assert_eq!(redirect("MOVED elsewhere"), None);
    assert_eq!(redirect("MOVED 16384 10.0.0.1:6381"), None, "there is no such slot");
    assert_eq!(redirect("ERR MOVED 1 a:1"), None);
    assert_eq!(Redirect::of(&Ok(Value::Okay), "own"), None);
}

#[test]
fn scripts_and_functions_work_on_keys_that_they_do_not_name() {
    for name in ["EVALSHA", "evalsha", "EVAL", "FCALL", "FCALL_RO"] {
        assert!(is_script(redis::cmd(name).arg("x")), "{name}");
    }
    for name in ["XADD", "HGET", "EVALUATE"] {
        assert!(!is_script(redis::cmd(name).arg("EVAL")), "{name}");
    }
}
