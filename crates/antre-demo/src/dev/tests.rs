use super::*;

#[test]
fn a_port_that_is_taken_names_its_option() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let number = taken.local_addr().unwrap().port();
    for option in ["--redis-port", "--xendit-port", "--http-port", "--gateway-port"] {
        let error = port(Some(number), option).unwrap_err().to_string();
        assert!(error.contains(option) && error.contains(&number.to_string()), "{error}");
    }
    assert_ne!(port(None, "--http-port").unwrap(), 0);
    assert_ne!(port(Some(0), "--http-port").unwrap(), 0);
}
