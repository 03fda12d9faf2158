use super::*;

#[test]
fn requests_are_told_apart_by_method_and_path() {
    for (method, path, kind, id) in [
        (Method::POST, "/v2/invoices", RequestKind::Create, ""),
        (Method::POST, "/v2/invoices/", RequestKind::Create, ""),
        (Method::GET, "/v2/invoices", RequestKind::List, ""),
        (Method::GET, "/v2/invoices/", RequestKind::List, ""),
        (Method::GET, "/v2/invoices/abc", RequestKind::Get, "abc"),
        (Method::POST, "/invoices/abc/expire!", RequestKind::Expire, "abc"),
        (Method::POST, "/invoices/abc/expire%21", RequestKind::Expire, "abc"),
        (Method::GET, "/invoices/abc/expire!", RequestKind::Other, ""),
        (Method::POST, "/v2/invoices/abc", RequestKind::Other, ""),
        (Method::POST, "/v2/invoices/abc/expire!", RequestKind::Other, ""),
        (Method::DELETE, "/v2/invoices", RequestKind::Other, ""),
        (Method::GET, "/", RequestKind::Other, ""),
        (Method::POST, "//v2/invoices", RequestKind::Create, ""),
        (Method::POST, "//v2///invoices//", RequestKind::Create, ""),
        (Method::GET, "//v2/invoices//abc/", RequestKind::Get, "abc"),
        (Method::POST, "//invoices/abc//expire!", RequestKind::Expire, "abc"),
        (Method::GET, "//", RequestKind::Other, ""),
    ] {
        assert_eq!(classify(&method, &collapsed(path)), (kind, id), "{method} {path}");
    }
}
