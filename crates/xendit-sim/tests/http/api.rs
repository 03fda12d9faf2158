use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use xendit_sim::{Options, RequestKind, SecretKey};

use crate::support::{KEY, Xendit, text, unlimited};

#[tokio::test]
async fn an_invoice_is_created_got_listed_and_expired() {
    let xendit = Xendit::start().await;
    let created = xendit.create("BRAND/ftth/1 2").await;
    assert_eq!(created["status"], "PENDING");
    assert_eq!(created["amount"], 350_000);
    assert!(text(&created["invoice_url"]).ends_with(&text(&created["id"])));
    let id = text(&created["id"]);

    let got: Value = xendit.get(&format!("/v2/invoices/{id}")).await.json().await.unwrap();
    assert_eq!(got, created);
    assert_eq!(xendit.list("BRAND/ftth/1 2").await, [id.as_str()]);
    assert!(xendit.list("BRAND/ftth/1").await.is_empty());

    let expired = xendit.post(&format!("/invoices/{id}/expire!")).await;
    assert_eq!(expired.status(), 200);
    assert_eq!(expired.json::<Value>().await.unwrap()["status"], "EXPIRED");
    let again = xendit.post(&format!("/invoices/{id}/expire!")).await;
    assert_eq!(again.status(), 404);
    assert_eq!(again.json::<Value>().await.unwrap()["error_code"], "INVOICE_NOT_FOUND_ERROR");
}

#[tokio::test]
async fn the_same_external_id_makes_another_invoice_each_time() {
    let xendit = Xendit::start().await;
    let first = text(&xendit.create("INV-1").await["id"]);
    let second = text(&xendit.create("INV-1").await["id"]);
    assert_ne!(first, second);
    assert_eq!(xendit.list("INV-1").await, [second, first]);
}

#[tokio::test]
async fn a_list_shows_ten_unless_asked_and_refuses_a_wrong_limit() {
    let xendit = Xendit::start().await;
    for _ in 0..11 {
        xendit.create("INV-1").await;
    }
    let list: Vec<Value> = xendit.get("/v2/invoices?external_id=INV-1").await.json().await.unwrap();
    assert_eq!(list.len(), 10);
    for limit in ["0", "101", "many"] {
        let refused = xendit.get(&format!("/v2/invoices?limit={limit}")).await;
        assert_eq!(refused.status(), 400, "{limit}");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["error_code"], "API_VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_body_at_fault_is_refused_with_the_documented_codes() {
    let xendit = Xendit::start().await;
    for (body, code) in [
        ("{\"external_id\":\"a\"", "INVALID_JSON_FORMAT"),
        ("{\"amount\":1}", "API_VALIDATION_ERROR"),
        ("{\"external_id\":\"a\",\"amount\":1,\"currency\":\"XXX\"}", "UNSUPPORTED_CURRENCY"),
    ] {
        let creating = xendit.request(Method::POST, "/v2/invoices/").basic_auth(KEY, Some(""));
        let refused = creating.body(body).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{body}");
        let answer: Value = refused.json().await.unwrap();
        assert_eq!(answer["error_code"], code);
        assert!(answer["message"].is_string());
        assert_eq!(answer["errors"].is_array(), code == "API_VALIDATION_ERROR");
    }
    assert!(xendit.running.invoices("a").is_empty());
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused() {
    let xendit = Xendit::start().await;
    let creating = xendit.request(Method::POST, "/v2/invoices").basic_auth(KEY, Some(""));
    let refused = creating.body(vec![b' '; 1024 * 1024 + 1]).send().await.unwrap();
    assert_eq!(refused.status(), 413);
}

#[tokio::test]
async fn unknown_routes_and_ids_are_not_found_and_still_arrivals() {
    let xendit = Xendit::start().await;
    assert_eq!(xendit.get("/v2/invoices/6748105a77f16ebe0cc583a7").await.status(), 404);
    assert_eq!(xendit.get("/v3/everything").await.status(), 404);
    let kinds: Vec<RequestKind> =
        xendit.running.ledger().arrivals().iter().map(|arrival| arrival.kind).collect();
    assert_eq!(kinds, [RequestKind::Get, RequestKind::Other]);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_other_accounts_see_nothing() {
    let keys = Some(vec![SecretKey::new(KEY), SecretKey::new("other")]);
    let xendit = Xendit::with(Options { secret_keys: keys, ..unlimited() }).await;
    let id = text(&xendit.create("INV-1").await["id"]);
    let path = format!("/v2/invoices/{id}");
    for (key, status) in [("wrong", 401), ("", 401), ("other", 404), (KEY, 200)] {
        let answer = xendit.request(Method::GET, &path).basic_auth(key, Some("")).send().await;
        assert_eq!(answer.unwrap().status(), status, "{key}");
    }
    let keyless = xendit.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(keyless.status(), 401);
    assert_eq!(keyless.json::<Value>().await.unwrap()["error_code"], "INVALID_API_KEY");
}

#[tokio::test]
async fn a_lagging_list_hides_an_invoice_that_its_id_finds() {
    let xendit = Xendit::start().await;
    xendit.running.set_list_lag(Duration::from_hours(1));
    let id = text(&xendit.create("INV-1").await["id"]);
    assert!(xendit.list("INV-1").await.is_empty());
    assert_eq!(xendit.get(&format!("/v2/invoices/{id}")).await.status(), 200);
    xendit.running.set_list_lag(Duration::ZERO);
    assert_eq!(xendit.list("INV-1").await, [id]);
}

#[tokio::test]
async fn what_the_request_said_is_answered_and_what_it_invented_is_not() {
    let xendit = Xendit::start().await;
    let body = json!({
        "external_id": "INV-1", "amount": 4_550.5, "description": "Internet", "with_wings": true,
        "customer": { "given_names": "Budi", "mobile_number": "+628123456789" },
        "customer_notification_preference": { "invoice_created": ["whatsapp"] },
        "metadata": { "job": "default/1-0" }, "invoice_duration": 864_000,
    });
    let creating = xendit.request(Method::POST, "/v2/invoices").basic_auth(KEY, Some(""));
    let created: Value = creating.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(created["amount"], 4_550);
    for field in ["description", "customer", "customer_notification_preference", "metadata"] {
        assert_eq!(created[field], body[field], "{field}");
    }
    assert_eq!(created.get("with_wings"), None);
    let arrival = &xendit.running.ledger().arrivals()[0];
    assert_eq!(arrival.metadata.as_ref().unwrap()["job"], "default/1-0");
}

#[tokio::test]
async fn latency_is_added_to_every_answer() {
    let xendit = Xendit::start().await;
    xendit.running.set_latency("50ms".parse().unwrap());
    xendit.create("INV-1").await;
    let arrival = xendit.running.ledger().arrivals()[0].clone();
    assert!(arrival.finished_us.unwrap() - arrival.arrived_us >= 50_000);
}
