//! Answers that belong to somebody else, or that tell what is not so.

use reqwest::Method;
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, RequestKind};

use crate::support::{KEY, Xendit, each, text};

async fn list(xendit: &Xendit, query: &str) -> Value {
    xendit.get(&format!("/v2/invoices?{query}")).await.json().await.unwrap()
}

#[tokio::test]
async fn a_list_without_an_external_id_shows_the_newest_of_the_account_newest_first() {
    let xendit = Xendit::start().await;
    for number in 0..12 {
        xendit.create(&format!("INV-{number}")).await;
        xendit.create_as("stranger", "THEIRS").await;
    }
    assert_eq!(each(&list(&xendit, "limit=2").await, "external_id"), ["INV-11", "INV-10"]);
    assert_eq!(each(&list(&xendit, "limit=100").await, "id").len(), 12);
    assert_eq!(each(&list(&xendit, "").await, "id").len(), 10);
}

#[tokio::test]
async fn fields_of_an_answer_are_set_and_left_out() {
    let xendit = Xendit::start().await;
    let act = Act::alter([
        ("amount", json!(1)),
        ("status", json!("EXPIRED")),
        ("metadata", json!({ "mark": "other" })),
        ("invoice_url", Value::Null),
    ]);
    xendit.running.add_fault(Fault::always(act).times(2)).unwrap();
    let created = xendit.create("INV-1").await;
    let listed = list(&xendit, "external_id=INV-1").await[0].clone();
    for told in [created, listed] {
        assert_eq!((&told["amount"], &told["status"]), (&json!(1), &json!("EXPIRED")));
        assert_eq!(told["metadata"]["mark"], "other");
        assert_eq!((told.get("invoice_url"), &told["external_id"]), (None, &json!("INV-1")));
    }
    let true_one = &list(&xendit, "external_id=INV-1").await[0];
    assert_eq!((&true_one["amount"], &true_one["status"]), (&json!(350_000), &json!("PENDING")));
}

#[tokio::test]
async fn an_answer_names_another_invoice_and_the_request_takes_its_own_effect() {
    let xendit = Xendit::start().await;
    let other = xendit.create("OTHER").await;
    xendit.create_as("stranger", "THEIRS").await;
    let mixed = Fault::always(Act::OtherInvoice { external_id: None });
    xendit.running.add_fault(mixed.for_external_id("INV-1")).unwrap();
    assert_eq!(xendit.create("INV-1").await, other);
    assert_eq!(list(&xendit, "external_id=INV-1").await, json!([other]));
    let id = xendit.running.invoices("INV-1")[0].id.clone();
    let expired = xendit.post(&format!("/invoices/{id}/expire!")).await;
    assert_eq!(expired.json::<Value>().await.unwrap(), other);
    let status_of = |external_id: &str| xendit.running.invoices(external_id)[0].status;
    assert_eq!(status_of("INV-1"), xendit_sim::Status::Expired);
    assert_eq!(status_of("OTHER"), xendit_sim::Status::Pending);
    assert_eq!(xendit.running.ledger().arrivals()[2].invoice_id, Some(id));
}

#[tokio::test]
async fn the_other_invoice_can_be_chosen_and_without_one_the_answer_is_right() {
    let xendit = Xendit::start().await;
    let mixed = |wanted: &str| Act::OtherInvoice { external_id: Some(wanted.to_owned()) };
    let wanted = xendit.create("WANTED").await;
    xendit.create("NEWER").await;
    xendit.running.add_fault(Fault::always(mixed("WANTED")).times(1)).unwrap();
    assert_eq!(xendit.create("INV-1").await, wanted);
    xendit.running.add_fault(Fault::always(mixed("NONE")).times(1)).unwrap();
    assert_eq!(xendit.create("INV-2").await["external_id"], "INV-2");
}

#[tokio::test]
async fn a_list_that_ignores_its_filters_shows_the_newest_of_the_account() {
    let xendit = Xendit::start().await;
    for number in 0..4 {
        xendit.create(&format!("INV-{number}")).await;
    }
    let fault = Fault::on(RequestKind::List, Act::IgnoreFilters { limit: 3 });
    xendit.running.add_fault(fault.for_external_id("INV-0")).unwrap();
    let shown = list(&xendit, "external_id=INV-0&limit=1&statuses=PAID").await;
    assert_eq!(each(&shown, "external_id"), ["INV-3", "INV-2", "INV-1"]);
    assert_eq!(each(&list(&xendit, "external_id=INV-1").await, "external_id"), ["INV-1"]);
}

#[tokio::test]
async fn a_request_is_served_as_if_it_were_another_accounts() {
    let xendit = Xendit::start().await;
    let own = text(&xendit.create("INV-1").await["id"]);
    let theirs = text(&xendit.create_as("stranger", "INV-1").await["id"]);
    let account = xendit.running.account_of("stranger");
    let fault = Fault::always(Act::OtherAccount { account: account.clone() });
    xendit.running.add_fault(fault.for_secret_key(KEY)).unwrap();
    assert_eq!(xendit.list("INV-1").await, [theirs]);
    xendit.create("INV-2").await;
    assert_eq!(*xendit.running.invoices("INV-2")[0].account, *account);
    xendit.running.clear_faults();
    assert_eq!(xendit.list("INV-1").await, [own]);
}

#[tokio::test]
async fn every_invoice_of_a_list_is_padded_until_the_body_is_long() {
    let xendit = Xendit::start().await;
    let pad = Fault::always(Act::Pad { bytes: 1_500_000 });
    xendit.running.add_fault(pad).unwrap();
    assert_eq!(list(&xendit, "external_id=INV-1").await, json!([]));
    for _ in 0..3 {
        let created = xendit.creating("INV-1").send().await.unwrap();
        assert!(created.bytes().await.unwrap().len() > 1_500_000);
    }
    let body = xendit.get("/v2/invoices").await.bytes().await.unwrap();
    assert!((1_500_001..1_500_100).contains(&body.len()), "{}", body.len());
    let shown: Value = serde_json::from_slice(&body).unwrap();
    assert!(each(&shown, "padding").iter().all(|padding| padding.len() > 400_000));
}

#[tokio::test]
async fn a_429_may_lie_and_one_bill_may_be_refused_alone() {
    let xendit = Xendit::start().await;
    let lie = Fault::on(RequestKind::Create, Act::status(429)).after_creation().times(1);
    xendit.running.add_fault(lie).unwrap();
    assert_eq!(xendit.creating("INV-1").send().await.unwrap().status(), 429);
    assert_eq!(xendit.running.invoices("INV-1").len(), 1);
    for status in [401, 403] {
        let fault = Fault::on(RequestKind::List, Act::status(status)).for_external_id("INV-1");
        xendit.running.add_fault(fault.times(1)).unwrap();
        assert_eq!(xendit.get("/v2/invoices?external_id=INV-2").await.status(), 200);
        assert_eq!(xendit.get("/v2/invoices?external_id=INV-1").await.status(), status);
    }
}

#[tokio::test]
async fn an_invoice_is_expired_by_hand_and_its_expiry_date_stays() {
    let xendit = Xendit::start().await;
    let first = xendit.create("INV-1").await;
    let second = xendit.create("INV-1").await;
    let path = format!("/_sim/invoices/{}/expire-by-hand", text(&first["id"]));
    let (status, shown) = xendit.control(Method::POST, &path, Value::Null).await;
    assert_eq!((status, &shown["status"]), (200, &json!("EXPIRED")));
    assert_eq!(shown["expiry_date"], first["expiry_date"]);
    assert_eq!(xendit.control(Method::POST, &path, Value::Null).await.0, 404);
    let path = "/_sim/invoices/expire-by-hand?external_id=INV-1";
    let (status, shown) = xendit.control(Method::POST, path, Value::Null).await;
    assert_eq!((status, each(&shown, "id")), (200, vec![text(&second["id"])]));
    assert!(xendit.running.expire_all_by_hand("INV-1").is_empty());
    let nameless = "/_sim/invoices/expire-by-hand";
    assert_eq!(xendit.control(Method::POST, nameless, Value::Null).await.0, 400);
}
