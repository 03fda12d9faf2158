use std::io::ErrorKind;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use xendit_sim::{Act, Answer, Arrival, Fault, RequestKind};

use crate::support::{PATIENCE, Xendit, eventually, raw_create, text, write};

async fn struck_by(act: Act) -> Xendit {
    struck(Fault::on(RequestKind::Create, act)).await
}

async fn struck(fault: Fault) -> Xendit {
    let xendit = Xendit::start().await;
    xendit.running.add_fault(fault).unwrap();
    xendit
}

fn made(xendit: &Xendit) -> usize {
    xendit.running.invoices("INV-1").len()
}

fn last(xendit: &Xendit) -> Arrival {
    xendit.running.ledger().arrivals().pop().unwrap()
}

#[tokio::test]
async fn a_status_is_answered_before_or_after_the_invoice_is_made() {
    for (fault, count) in [
        (Fault::always(Act::status(503)), 0),
        (Fault::always(Act::status(503)).after_creation(), 1),
    ] {
        let xendit = struck(fault).await;
        let answer = xendit.creating("INV-1").send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], "SERVER_ERROR");
        assert_eq!(made(&xendit), count);
        let arrival = last(&xendit);
        assert_eq!((arrival.status, arrival.fault.as_deref()), (Some(503), Some("status")));
        assert_eq!(arrival.invoice_id.is_some(), count == 1);
    }
}

#[tokio::test]
async fn a_scripted_answer_has_any_body_and_any_headers() {
    for (body, content_type, expected) in [
        (None, Some("application/json"), "RATE_LIMIT_EXCEEDED"),
        (Some(Answer::Empty), None, ""),
        (Some(Answer::Json(json!({ "a": 1 }))), Some("application/json"), "{\"a\":1}"),
        (Some(Answer::Html("<h1>Oops".to_owned())), Some("text/html"), "<h1>Oops"),
        (Some(Answer::Raw("oops".to_owned())), None, "oops"),
    ] {
        let headers = [("Retry-After", Some("7")), ("Rate-Limit-Reset", Some("soon"))];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let act = Act::Status { status: 429, body, headers: headers.into_iter().collect() };
        let xendit = struck_by(act).await;
        xendit.running.set_limits("9/1h".parse().unwrap());
        let answer = xendit.creating("INV-1").send().await.unwrap();
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("content-type"), content_type);
        assert_eq!(header("retry-after"), Some("7"));
        assert_eq!(header("rate-limit-reset"), Some("soon"));
        assert_eq!(header("rate-limit-limit"), Some("9"));
        assert!(answer.text().await.unwrap().contains(expected));
    }
}

#[tokio::test]
async fn rate_headers_can_be_left_out() {
    let headers = [("Rate-Limit-Remaining".to_owned(), None)].into();
    let xendit = struck_by(Act::Status { status: 401, body: None, headers }).await;
    xendit.running.set_limits("9/1h".parse().unwrap());
    let answer = xendit.creating("INV-1").send().await.unwrap();
    assert_eq!(answer.headers().get("rate-limit-remaining"), None);
    assert!(answer.headers().contains_key("rate-limit-limit"));
    assert_eq!(answer.json::<Value>().await.unwrap()["error_code"], "INVALID_API_KEY");
}

#[tokio::test]
async fn a_hanging_request_is_never_answered() {
    let xendit = struck(Fault::always(Act::Hang { max_ms: 20 }).after_creation()).await;
    xendit.creating("INV-1").send().await.unwrap_err();
    assert_eq!(made(&xendit), 1);
    assert_eq!((last(&xendit).status, last(&xendit).is_client_gone), (None, false));
}

#[tokio::test]
async fn whoever_leaves_a_hanging_request_is_noticed() {
    let xendit = struck_by(Act::Hang { max_ms: 300_000 }).await;
    let mut stream = xendit.connect().await;
    write(&mut stream, &raw_create("INV-1")).await;
    let ledger = xendit.running.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.finished == 1).await);
    assert!(!last(&xendit).is_client_gone);
    drop(stream);
    eventually("the client's leaving is noticed", || last(&xendit).is_client_gone).await;
    assert_eq!(made(&xendit), 0);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_close_is_none() {
    for (act, count) in [(Act::Reset, 0), (Act::Close, 0), (Act::Reset, 1), (Act::Close, 1)] {
        let fault = Fault::always(act.clone());
        let xendit = struck(if count == 1 { fault.after_creation() } else { fault }).await;
        let mut stream = xendit.connect().await;
        write(&mut stream, &raw_create("INV-1")).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
        if act == Act::Reset {
            assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
        } else {
            assert_eq!(read.unwrap(), 0);
        }
        assert_eq!(made(&xendit), count);
        assert_eq!(last(&xendit).fault.as_deref(), Some(act.name()));
    }
}

#[tokio::test]
async fn a_delay_comes_before_the_invoice_and_a_delayed_answer_after_it() {
    let xendit = struck_by(Act::Delay { ms: 30 }).await;
    xendit.running.add_fault(Fault::always(Act::DelayAnswer { ms: 20 })).unwrap();
    xendit.create("INV-1").await;
    let arrival = last(&xendit);
    let created_us = xendit.running.invoices("INV-1")[0].created_us;
    assert!(created_us - arrival.arrived_us >= 30_000);
    assert!(arrival.finished_us.unwrap() - created_us >= 20_000);
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let xendit = struck_by(Act::Truncate { bytes: 10 }).await;
    let mut stream = xendit.connect().await;
    write(&mut stream, &raw_create("INV-1")).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(!head.contains("Content-Length: 10\r\n"), "{head}");
    assert_eq!(body.len(), 10);
    let answer = xendit.creating("INV-1").send().await.unwrap();
    answer.bytes().await.unwrap_err();
    assert_eq!(made(&xendit), 2);
}

#[tokio::test]
async fn a_garbled_answer_is_no_json() {
    let xendit = struck(Fault::always(Act::Garbage).after_creation()).await;
    let answer = xendit.creating("INV-1").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap_err();
    assert_eq!(made(&xendit), 1);
}

#[tokio::test]
async fn an_answer_may_lack_its_id_or_name_an_unknown_status() {
    let xendit = struck(Fault::always(Act::NoId).times(2)).await;
    let created = xendit.create("INV-1").await;
    assert_eq!((created.get("id"), &created["status"]), (None, &json!("PENDING")));
    let list: Vec<Value> = xendit.get("/v2/invoices").await.json().await.unwrap();
    assert_eq!(list[0].get("id"), None);
    let unknown = Fault::always(Act::UnknownStatus).times(1);
    xendit.running.add_fault(unknown).unwrap();
    assert_eq!(xendit.create("INV-1").await["status"], "UNDER_REVIEW");
    assert_eq!(xendit.create("INV-1").await["status"], "PENDING");
}

#[tokio::test]
async fn a_late_creation_is_answered_with_an_error_and_made_all_the_same() {
    let xendit = struck(Fault::always(Act::LateCreation { ms: 50, status: 504 }).times(1)).await;
    let answer = xendit.creating("INV-1").send().await.unwrap();
    assert_eq!(answer.status(), 504);
    eventually("the invoice is made", || made(&xendit) == 1).await;
    eventually("the ledger names it", || last(&xendit).invoice_id.is_some()).await;
    let arrival = last(&xendit);
    assert!(xendit.running.invoices("INV-1")[0].created_us > arrival.finished_us.unwrap());
    assert_eq!(xendit.list("INV-1").await.len(), 1);
}

#[tokio::test]
async fn a_slow_body_arrives_whole() {
    let xendit = struck_by(Act::SlowBody { bytes: 64, interval_ms: 1 }).await;
    let created = xendit.create("INV-1").await;
    assert_eq!(text(&created["external_id"]), "INV-1");
}

#[tokio::test]
async fn a_fault_strikes_gets_and_expiries_by_the_external_id_of_their_invoice() {
    let xendit = Xendit::start().await;
    let id = text(&xendit.create("INV-1").await["id"]);
    let other = text(&xendit.create("INV-2").await["id"]);
    let fault = Fault::always(Act::status(500)).for_external_id("INV-1").after_creation();
    xendit.running.add_fault(fault).unwrap();
    assert_eq!(xendit.get(&format!("/v2/invoices/{id}")).await.status(), 500);
    assert_eq!(xendit.get(&format!("/v2/invoices/{other}")).await.status(), 200);
    assert_eq!(xendit.post(&format!("/invoices/{id}/expire!")).await.status(), 500);
    xendit.running.clear_faults();
    let got: Value = xendit.get(&format!("/v2/invoices/{id}")).await.json().await.unwrap();
    assert_eq!(got["status"], "EXPIRED");
}

#[tokio::test]
async fn a_fault_of_one_key_spares_the_others() {
    let xendit = struck(Fault::always(Act::status(401)).for_secret_key("bad")).await;
    for (key, status) in [("bad", 401), ("good", 200)] {
        let listing = xendit.request(Method::GET, "/v2/invoices").basic_auth(key, Some(""));
        assert_eq!(listing.send().await.unwrap().status(), status);
    }
}
