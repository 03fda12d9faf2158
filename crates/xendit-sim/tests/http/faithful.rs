//! What the real API does although its documentation shows other ways, and what helps to test for it.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use xendit_sim::{IdempotencyHeader, Options, Running};

use crate::support::{
    KEY, PATIENCE, Xendit, each, raw_create, read_answer, text, unlimited, write,
};

async fn created(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

#[tokio::test]
async fn several_slashes_are_one() {
    let xendit = Xendit::start().await;
    let creating = xendit.request(Method::POST, "//v2//invoices/").basic_auth(KEY, Some(""));
    let invoice = created(
        creating.json(&json!({ "external_id": "INV-1", "amount": 1 })).send().await.unwrap(),
    )
    .await;
    let id = text(&invoice["id"]);
    assert_eq!(xendit.get(&format!("//v2/invoices//{id}")).await.status(), 200);
    assert_eq!(xendit.post(&format!("//invoices/{id}//expire!")).await.status(), 200);
}

#[tokio::test]
async fn a_form_makes_the_invoice_that_json_would() {
    let xendit = Xendit::start().await;
    let creating = || xendit.request(Method::POST, "/v2/invoices").basic_auth(KEY, Some(""));
    let form = [
        ("external_id", "INV-1"),
        ("amount", "350000"),
        ("invoice_duration", "3600"),
        ("customer[email]", "budi@example.com"),
        ("items[0][name]", "Internet"),
        ("items[0][quantity]", "1"),
        ("items[0][price]", "350000"),
        ("customer_notification_preference[invoice_created][]", "email"),
        ("metadata[row]", "7"),
    ];
    let invoice = created(creating().form(&form).send().await.unwrap()).await;
    assert_eq!((&invoice["amount"], &invoice["metadata"]["row"]), (&json!(350_000), &json!("7")));
    assert_eq!(invoice["items"][0]["price"], 350_000);
    assert_eq!(invoice["customer_notification_preference"]["invoice_created"], json!(["email"]));
    for (form, path) in [
        (vec![("external_id", "INV-2")], "amount"),
        (vec![("external_id", "INV-2"), ("amount", "350.000,00")], "amount"),
        (vec![("amount", "1")], "external_id"),
        (
            vec![("external_id", "INV-2"), ("amount", "1"), ("invoice_duration", "1 day")],
            "invoice_duration",
        ),
    ] {
        let refused = creating().form(&form).send().await.unwrap();
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.json::<Value>().await.unwrap()["errors"][0]["path"], path, "{form:?}");
    }
    // What curl -d sends of itself.
    let header = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let body = r#" {"external_id":"INV-3","amount":1}"#;
    created(creating().header(header.0, header.1).body(body).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_duration_must_be_a_whole_number_and_no_text() {
    let xendit = Xendit::start().await;
    let create = async |duration: Value| {
        let body = json!({ "external_id": "INV-1", "amount": 1, "invoice_duration": duration });
        let creating = xendit.request(Method::POST, "/v2/invoices").basic_auth(KEY, Some(""));
        let answer = creating.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    for right in [json!(86_400), json!(86_400.0), json!(1), json!(31_536_000), Value::Null] {
        assert_eq!(create(right.clone()).await.0, 200, "{right}");
    }
    for (wrong, message) in [
        (json!("86400"), "must be an integer"),
        (json!("1d"), "must be an integer"),
        (json!(86_400.5), "must be an integer"),
        (json!(true), "must be an integer"),
        (json!([86_400]), "must be an integer"),
        (json!(0), "must be a number from 1 to 31536000"),
        (json!(31_536_001), "must be a number from 1 to 31536000"),
    ] {
        let (status, answer) = create(wrong.clone()).await;
        assert_eq!(
            (status, &answer["error_code"]),
            (400, &json!("API_VALIDATION_ERROR")),
            "{wrong}"
        );
        let said = text(&answer["errors"][0]["message"]);
        assert!(said.contains("invoice_duration") && said.contains(message), "{wrong}: {said}");
    }
}

#[tokio::test]
async fn a_sub_account_has_its_own_invoices_limit_and_user_id() {
    let xendit = Xendit::start().await;
    xendit.running.set_limits("2/1h".parse().unwrap());
    let ask = async |user_id: Option<&str>, method: Method, path: &str| {
        let mut request = xendit.request(method, path).basic_auth(KEY, Some(""));
        if let Some(user_id) = user_id {
            request = request.header("for-user-id", user_id);
        }
        let body = json!({ "external_id": "INV-1", "amount": 1 });
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let sub = "62440e322008e87fb29c1fd0";
    let (_, invoice) = ask(Some(sub), Method::POST, "/v2/invoices").await;
    assert_eq!(invoice["user_id"], sub);
    let path = format!("/v2/invoices/{}", text(&invoice["id"]));
    assert_eq!(ask(None, Method::GET, &path).await.0, 404, "the platform's own account");
    assert_eq!(ask(Some("another"), Method::GET, &path).await.0, 404);
    assert_eq!(ask(Some(sub), Method::GET, &path).await.0, 200);
    let (_, own) = ask(None, Method::POST, "/v2/invoices").await;
    assert_ne!(own["user_id"], sub);
    for (user_id, status) in [(Some(sub), 429), (None, 429), (Some("another"), 200)] {
        assert_eq!(ask(user_id, Method::GET, "/v2/invoices").await.0, status, "{user_id:?}");
    }
    assert_eq!(ask(Some("a b"), Method::GET, "/v2/invoices").await.0, 400);
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let xendit = Xendit::start().await;
    let mut ids = Vec::new();
    for path in ["/v2/invoices", "/v2/invoices", "/v2/invoices/6748105a77f16ebe0cc583a7", "/v9"] {
        let answer = xendit.get(path).await;
        ids.push(answer.headers()["request-id"].to_str().unwrap().to_owned());
    }
    let keyless = xendit.request(Method::GET, "/v2/invoices").send().await.unwrap();
    ids.push(keyless.headers()["request-id"].to_str().unwrap().to_owned());
    assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn a_paid_invoice_says_how_it_was_paid() {
    let xendit = Xendit::start().await;
    for (methods, method, channel) in [
        (json!(null), "BANK_TRANSFER", "BNI"),
        (json!(["DANA", "BCA"]), "EWALLET", "DANA"),
        (json!(["QRIS"]), "QR_CODE", "QRIS"),
        (json!(["ALFAMART"]), "RETAIL_OUTLET", "ALFAMART"),
        (json!(["CREDIT_CARD"]), "CREDIT_CARD", "CREDIT_CARD"),
        (json!(["DD_BRI"]), "DIRECT_DEBIT", "DD_BRI"),
    ] {
        let body = json!({ "external_id": channel, "amount": 350_000, "payment_methods": methods });
        let creating = xendit.request(Method::POST, "/v2/invoices").basic_auth(KEY, Some(""));
        let invoice = created(creating.json(&body).send().await.unwrap()).await;
        let id = text(&invoice["id"]);
        for name in ["payment_method", "payment_channel", "payment_id", "paid_at", "paid_amount"] {
            assert_eq!(invoice.get(name), None, "{name} of a pending one");
        }
        xendit.running.pay(&id).unwrap();
        let paid: Value = xendit.get(&format!("/v2/invoices/{id}")).await.json().await.unwrap();
        assert_eq!((&paid["status"], &paid["paid_amount"]), (&json!("PAID"), &json!(350_000)));
        assert_eq!(
            (&paid["payment_method"], &paid["payment_channel"]),
            (&json!(method), &json!(channel))
        );
        assert!(text(&paid["payment_id"]).ends_with(&id), "{paid}");
    }
    let (_, list) =
        xendit.ask_as(KEY, Method::GET, "/v2/invoices?payment_channels=[\"DANA\"]").await;
    assert_eq!(each(&list, "external_id"), ["DANA"]);
}

/// Makes one invoice that is paid, one that is expired by hand, one that ran out, one that waits.
async fn four_fates(xendit: &Xendit) -> Value {
    let running: &Running = &xendit.running;
    for external_id in ["paid", "by hand", "ran out", "waits"] {
        xendit.create(external_id).await;
    }
    running.pay(&running.invoices("paid")[0].id).unwrap();
    running.expire_by_hand(&running.invoices("by hand")[0].id).unwrap();
    running.expire(&running.invoices("ran out")[0].id).unwrap();
    xendit.ask_as(KEY, Method::GET, "/v2/invoices").await.1
}

#[tokio::test]
async fn lists_are_filtered_by_the_times_of_creation_payment_and_expiry() {
    let xendit = Xendit::start().await;
    four_fates(&xendit).await;
    let listed = async |query: &str| {
        let (status, list) =
            xendit.ask_as(KEY, Method::GET, &format!("/v2/invoices?{query}")).await;
        assert_eq!(status, 200, "{query}: {list}");
        each(&list, "external_id")
    };
    let (past, future) = ("2020-01-01T00:00:00.000Z", "2120-01-01T00:00:00%2B07:00");
    let all = ["waits", "ran out", "by hand", "paid"];
    for (name, found) in
        [("created", &all[..]), ("paid", &["paid"]), ("expired", &["ran out", "by hand"])]
    {
        assert_eq!(listed(&format!("{name}_after={past}&{name}_before={future}")).await, found);
        let none: [&str; 0] = [];
        assert_eq!(listed(&format!("{name}_after=2019-01-01&{name}_before={past}")).await, none);
        // One end alone filters nothing.
        assert_eq!(listed(&format!("{name}_after={future}")).await, all, "{name}");
        assert_eq!(listed(&format!("{name}_before={past}")).await, all, "{name}");
    }
    let created = text(
        &xendit.ask_as(KEY, Method::GET, "/v2/invoices?external_id=waits").await.1[0]["created"],
    );
    let millisecond = format!("created_after={created}&created_before=2120-01-01");
    assert!(listed(&millisecond).await.len() <= 4);
    for wrong in ["created_after=yesterday", "paid_before=1700000000", "expired_after="] {
        let path = format!("/v2/invoices?{wrong}");
        assert_eq!(xendit.ask_as(KEY, Method::GET, &path).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn filters_for_what_no_invoice_is_find_none() {
    let xendit = Xendit::start().await;
    xendit.create("INV-1").await;
    for (query, count) in [
        ("client_types=API_GATEWAY", 1),
        ("client_types=DASHBOARD&client_types=API_GATEWAY", 1),
        ("client_types=%5B%22API_GATEWAY%22%5D", 1),
        ("client_types[]=DASHBOARD", 0),
        ("client_types=RECURRING", 0),
        ("on_demand_link=https%3A%2F%2Fexample.com", 0),
        ("recurring_payment_id=6748105a77f16ebe0cc583a7", 0),
        ("invented=1", 1),
    ] {
        let (status, list) =
            xendit.ask_as(KEY, Method::GET, &format!("/v2/invoices?{query}")).await;
        assert_eq!((status, list.as_array().unwrap().len()), (200, count), "{query}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_one_that_waits_for_its_answer_is_not() {
    let idle_timeout = Duration::from_millis(200);
    let xendit = Xendit::with(Options { idle_timeout, ..unlimited() }).await;
    let mut stream = xendit.connect().await;
    // The answer takes longer than a connection may be idle.
    xendit.running.set_latency("600ms".parse().unwrap());
    write(&mut stream, &raw_create("INV-1")).await;
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    for mut idle in [stream, xendit.connect().await] {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, idle.read_to_end(&mut rest)).await;
        assert_eq!(ended.unwrap().unwrap(), 0, "the end, and nothing before it");
    }
}

#[tokio::test]
async fn an_idempotency_key_makes_one_invoice_only_where_the_header_is_on() {
    for (idempotency_header, count) in [(IdempotencyHeader::Off, 2), (IdempotencyHeader::On, 1)] {
        let xendit = Xendit::with(Options { idempotency_header, ..unlimited() }).await;
        let create = async |name: &str, key: &str, external_id: &str| {
            let answer = xendit.creating(external_id).header(name, key).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let (_, first) = create("Idempotency-key", "k1", "INV-1").await;
        let (_, second) = create("X-IDEMPOTENCY-KEY", "k1", "INV-1").await;
        assert_eq!(first == second, count == 1);
        assert_eq!(xendit.running.invoices("INV-1").len(), count);
        let (status, other) = create("Idempotency-key", "k1", "INV-2").await;
        let is_on = idempotency_header == IdempotencyHeader::On;
        assert_eq!(status, if is_on { 400 } else { 200 }, "{other}");
        assert_eq!(other["error_code"] == "DUPLICATE_ERROR", is_on);
        assert_eq!(create("Idempotency-key", "k2", "INV-3").await.0, 200);
        assert_eq!(create("Idempotency-key", " ", "INV-3").await.0, 200);
        assert_eq!(xendit.running.invoices("INV-3").len(), 2, "another key, and none");
        // The key of another account is another key.
        xendit.create_as("other", "INV-1").await;
        assert_eq!(xendit.running.invoices("INV-1").len(), count + 1);
    }
}
