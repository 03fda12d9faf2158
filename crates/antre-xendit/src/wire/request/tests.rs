use super::*;

fn fill(call: &Call) -> Request<Full<Bytes>> {
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("api.xendit.co", "/", &key).expect("a form");
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
fn a_path_in_the_base_address_is_kept() {
    let key = SecretKey::new("abc").expect("a key");
    let form = RequestForm::new("127.0.0.1:4000", "/xendit/", &key).expect("a form");
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
fn a_call_shows_no_personal_data() {
    let call = Call::Create { body: Bytes::from_static(b"siti@example.com") };
    assert_eq!(format!("{call:?} {}", call.kind()), "Create(16 bytes) create");
    assert_eq!(format!("{:?} {}", Call::Newest, Call::Newest.kind()), "Newest newest");
}
