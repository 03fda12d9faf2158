use super::*;

fn found(method: &str, path: &str) -> Result<Route, &'static str> {
    let (path, query) =
        path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    route(&method, path, query).map_err(|trouble| {
        if let Trouble::WrongMethod { allow } = trouble {
            return allow;
        }
        if matches!(trouble, Trouble::NotServedHere) { "not served" } else { "another trouble" }
    })
}

#[test]
fn each_spelling_of_the_sdks_is_the_same_route() {
    for path in ["/v2/invoices", "/v2/invoices/", "//v2/invoices", "///v2//invoices//"] {
        assert_eq!(found("POST", path), Ok(Route::Create), "{path}");
    }
    let get = |id: &str| Ok(read(ReadKind::Get, id.to_owned()));
    assert_eq!(found("GET", "/v2/invoices/6748105a"), get("6748105a"));
    assert_eq!(found("GET", "//v2/invoices/a%2Db/"), get("a-b"));
    let list = |query: &str| Ok(read(ReadKind::List, query.to_owned()));
    assert_eq!(found("GET", "/v2/invoices"), list(""));
    let query = "&external_id=a%20b&statuses=PAID&statuses=SETTLED";
    assert_eq!(found("GET", &format!("/v2/invoices/?{query}")), list(query));
    let expire = Ok(read(ReadKind::Expire, "6748105a".to_owned()));
    for path in ["/invoices/6748105a/expire!", "//invoices/6748105a/expire%21/"] {
        assert_eq!(found("POST", path), expire, "{path}");
    }
}

#[test]
fn another_method_is_told_which_ones_there_are() {
    for (method, path, allow) in [
        ("PUT", "/v2/invoices", "GET, POST"),
        ("DELETE", "/v2/invoices/1", "GET"),
        ("GET", "/invoices/1/expire!", "POST"),
        ("POST", "/healthz", "GET"),
        ("HEAD", "/v2/invoices", "GET, POST"),
    ] {
        assert_eq!(found(method, path), Err(allow), "{method} {path}");
    }
}

#[test]
fn nothing_else_is_served_and_no_id_leads_elsewhere() {
    for path in [
        "/",
        "/v2",
        "/v2/invoices/1/2",
        "/balance",
        "/v2/invoices/..%2F..%2Fbalance",
        "/v2/invoices/%2e%2e",
        "/v2/invoices/a%20b",
        "/v2/invoices/a%3Fb%2Fc",
        "/v2/invoices/%ff",
        "/v2/Invoices",
        "/invoices/1/expire",
        "/callback_virtual_accounts",
    ] {
        assert_eq!(found("GET", path), Err("not served"), "{path}");
    }
}
