use super::*;

fn fill(call: &Call) -> Request<Full<Bytes>> {
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("api.xendit.co", "/", &key, None).expect("a form");
    form.fill(call).expect("a request")
}

fn line(call: &Call) -> String {
    let request = fill(call);
    format!("{} {}", request.method(), request.uri())
}

#[test]
fn each_call_has_its_address() {
    let name = "BRAND/ftth/Siti & Budi+é#1-._~".to_owned();
    assert_eq!(line(&Call::Create { body: Bytes::new() }), "POST /v2/invoices");
    assert_eq!(
        line(&Call::LookUp { external_id: name }),
        "GET /v2/invoices?external_id=BRAND%2Fftth%2FSiti%20%26%20Budi%2B%C3%A9%231-._~&limit=100"
    );
    assert_eq!(line(&Call::Newest), "GET /v2/invoices?limit=1");
    let id = "6748105a/..".to_owned();
    assert_eq!(line(&Call::Expire { invoice_id: id }), "POST /invoices/6748105a%2F../expire!");
}

#[test]
fn what_a_program_asks_goes_over_the_wire_as_it_was_written() {
    let read =
        |kind, target: &str| line(&Call::Read(ReadRequest { kind, target: target.to_owned() }));
    let query = "external_id=A%20b&statuses=PAID&statuses=EXPIRED&&x";
    assert_eq!(read(ReadKind::List, query), format!("GET /v2/invoices?{query}"));
    assert_eq!(read(ReadKind::List, ""), "GET /v2/invoices");
    assert_eq!(read(ReadKind::Get, "6748105a/../?x"), "GET /v2/invoices/6748105a%2F..%2F%3Fx");
    assert_eq!(read(ReadKind::Expire, "6748/.."), "POST /invoices/6748%2F../expire!");
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("api.xendit.co", "/", &key, None).expect("a form");
    for target in ["a b", "a\r\nX: y"] {
        let read = ReadRequest { kind: ReadKind::List, target: target.to_owned() };
        assert!(form.fill(&Call::Read(read)).is_none(), "{target}");
    }
}

#[test]
fn a_path_in_the_base_address_is_kept() {
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("127.0.0.1:4000", "/xendit/", &key, None).expect("a form");
    let request = form.fill(&Call::Create { body: Bytes::new() }).expect("a request");
    assert_eq!(request.uri(), "/xendit/v2/invoices");
    let request = form.fill(&Call::Newest).expect("a request");
    assert_eq!(request.uri(), "/xendit/v2/invoices?limit=1");
}

#[test]
fn every_request_names_host_key_and_sender_and_only_a_create_says_json() {
    let create = fill(&Call::Create { body: Bytes::from_static(b"{}") });
    let look_up = fill(&Call::LookUp { external_id: "a".to_owned() });
    for request in [&create, &look_up] {
        assert_eq!(request.headers()[HOST], "api.xendit.co");
        assert_eq!(request.headers()[AUTHORIZATION], "Basic YWJjOg==");
        assert_eq!(request.headers()[USER_AGENT], USER_AGENT_VALUE);
        assert!(!format!("{:?}", request.headers()).contains("YWJj"));
    }
    assert_eq!(create.headers()[CONTENT_TYPE], "application/json");
    assert!(!look_up.headers().contains_key(CONTENT_TYPE));
}

#[test]
fn every_request_for_a_sub_account_names_it() {
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("api.xendit.co", "/", &key, Some("62c1")).expect("a form");
    let read = ReadRequest { kind: ReadKind::Get, target: "i".to_owned() };
    for call in [
        Call::Create { body: Bytes::new() },
        Call::LookUp { external_id: "a".to_owned() },
        Call::Newest,
        Call::Expire { invoice_id: "i".to_owned() },
        Call::Read(read),
    ] {
        assert_eq!(form.fill(&call).expect("a request").headers()["for-user-id"], "62c1");
        assert!(!fill(&call).headers().contains_key("for-user-id"));
    }
}

#[test]
fn a_call_shows_no_personal_data() {
    let call = Call::Create { body: Bytes::from_static(b"siti@example.com") };
    assert_eq!(format!("{call:?} {}", call.kind()), "Create(16 bytes) create");
    assert_eq!(format!("{:?} {}", Call::Newest, Call::Newest.kind()), "Newest newest");
    let target = "external_id=Siti".to_owned();
    let read = Call::Read(ReadRequest { kind: ReadKind::List, target });
    assert_eq!(format!("{read:?} {}", read.kind()), "Read(list) read");
}
