use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use xendit_sim::{Page, Summary};

use crate::support::{Xendit, text};

#[tokio::test]
async fn the_ledger_is_read_in_pages_and_holds_no_control_request() {
    let xendit = Xendit::start().await;
    for name in ["a", "b", "c"] {
        xendit.create(name).await;
    }
    let page = xendit.look("/_sim/ledger?after=1&limit=1").await;
    assert_eq!(page["arrivals"][0]["external_id"], "b");
    assert_eq!(page["arrivals"].as_array().unwrap().len(), 1);
    let page: Page = serde_json::from_value(xendit.look("/_sim/ledger").await).unwrap();
    assert_eq!(page.arrivals, xendit.running.ledger().arrivals());
    assert!(!page.truncated);
    assert!(!serde_json::to_string(&page).unwrap().contains("xnd_development"));
}

#[tokio::test]
async fn the_summary_names_bills_with_several_payable_invoices() {
    let xendit = Xendit::start().await;
    for name in ["one", "two", "two"] {
        xendit.create(name).await;
    }
    let summary = xendit.look("/_sim/summary?window_ms=3600000").await;
    assert_eq!(summary["requests"], 3);
    assert_eq!(summary["created"], 3);
    assert_eq!(summary["most_in_any_window"], 3);
    assert_eq!(summary["by_kind"]["create"], 3);
    assert_eq!(summary["payable"]["external_ids_with_one"], 1);
    assert_eq!(summary["payable"]["external_ids_with_several"], 1);
    assert_eq!(summary["payable"]["offenders"][0]["external_id"], "two");
    let read: Summary = serde_json::from_value(summary).unwrap();
    assert_eq!(read, xendit.running.summary(Duration::from_hours(1)));
    assert_eq!(xendit.look("/_sim/summary?window_ms=0").await["code"], "invalid");
}

#[tokio::test]
async fn invoices_are_shown_paid_and_expired() {
    let xendit = Xendit::start().await;
    let paid = text(&xendit.create("INV-1").await["id"]);
    let expired = text(&xendit.create("INV-1").await["id"]);
    let pay = format!("/_sim/invoices/{paid}/pay");
    let (status, invoice) = xendit.control(Method::POST, &pay, Value::Null).await;
    assert_eq!((status, &invoice["status"]), (200, &json!("PAID")));
    let expire = format!("/_sim/invoices/{expired}/expire");
    let (status, invoice) = xendit.control(Method::POST, &expire, Value::Null).await;
    assert_eq!((status, &invoice["status"]), (200, &json!("EXPIRED")));
    assert_eq!(xendit.control(Method::POST, &pay, Value::Null).await.0, 404);

    let shown = xendit.look("/_sim/invoices?external_id=INV-1").await;
    let statuses: Vec<&Value> =
        shown.as_array().unwrap().iter().map(|invoice| &invoice["status"]).collect();
    assert_eq!(statuses, ["PAID", "EXPIRED"]);
    assert!(shown[0]["account"].is_string());
    assert_eq!(xendit.running.pay(&expired), Err(xendit_sim::NotPending));
}

#[tokio::test]
async fn faults_are_scripted_listed_and_removed() {
    let xendit = Xendit::start().await;
    let fault = json!({ "on": "create", "external_id": "INV-1", "times": 3,
        "act": { "type": "status", "status": 500 } });
    let (status, added) = xendit.control(Method::POST, "/_sim/faults", fault).await;
    assert_eq!((status, &added["id"]), (200, &json!(1)));
    assert_eq!(xendit.creating("INV-1").send().await.unwrap().status(), 500);
    assert_eq!(xendit.look("/_sim/faults").await[0]["fault"]["times"], 2);
    let remove = "/_sim/faults/1";
    assert_eq!(xendit.control(Method::DELETE, remove, Value::Null).await.0, 204);
    assert_eq!(xendit.control(Method::DELETE, remove, Value::Null).await.0, 404);
    xendit.create("INV-1").await;
    let always = json!({ "act": { "type": "reset" } });
    xendit.control(Method::POST, "/_sim/faults", always).await;
    assert_eq!(xendit.control(Method::DELETE, "/_sim/faults", Value::Null).await.0, 204);
    assert!(xendit.running.faults().is_empty());
}

#[tokio::test]
async fn what_cannot_be_scripted_is_refused_with_a_reason() {
    let xendit = Xendit::start().await;
    for fault in [
        json!({ "act": { "type": "explode" } }),
        json!({ "act": { "type": "status", "status": 99 } }),
        json!({ "time": 1, "act": { "type": "reset" } }),
    ] {
        let (status, answer) = xendit.control(Method::POST, "/_sim/faults", fault).await;
        assert_eq!((status, &answer["code"]), (400, &json!("invalid")));
        assert!(!text(&answer["message"]).is_empty());
    }
    assert_eq!(xendit.look("/_sim/unknown").await["code"], "not_found");
}

#[tokio::test]
async fn tempo_and_limits_are_changed_over_http() {
    let xendit = Xendit::start().await;
    for (path, body) in [
        ("/_sim/latency", json!({ "latency": "0ms-1ms" })),
        ("/_sim/list-lag", json!({ "list_lag": "1h" })),
        ("/_sim/limits", json!({ "limits": "2/1h" })),
    ] {
        let (status, answer) = xendit.control(Method::PUT, path, body.clone()).await;
        assert_eq!((status, answer), (200, body));
        let wrong = json!({ "wrong": 1 });
        assert_eq!(xendit.control(Method::PUT, path, wrong).await.0, 400);
    }
    xendit.create("INV-1").await;
    assert!(xendit.list("INV-1").await.is_empty());
    assert_eq!(xendit.get("/v2/invoices").await.status(), 429);
    let healthy = xendit.request(Method::GET, "/_sim/healthz").send().await.unwrap();
    assert_eq!(healthy.text().await.unwrap(), "ok\n");
}
