//! Several keys of one account, keys that lose their rights, several listeners.

use reqwest::Method;
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, Options, Rights, account_of};

use crate::support::{Xendit, each, text, unlimited};

const OLD: &str = "xnd_development_old";
const NEW: &str = "xnd_development_new";
const LIVE: &str = "xnd_production_live";

async fn brand() -> Xendit {
    let merchant = format!("brand={OLD},{NEW},{LIVE}").parse().unwrap();
    Xendit::with(Options { merchants: vec![merchant], ..unlimited() }).await
}

#[tokio::test]
async fn the_keys_of_one_account_see_the_same_invoices_and_a_strangers_key_does_not() {
    let xendit = brand().await;
    let created = xendit.create_as(OLD, "INV-1").await;
    let path = format!("/v2/invoices/{}", text(&created["id"]));
    assert_eq!(xendit.ask_as(NEW, Method::GET, &path).await, (200, created));
    let (_, list) = xendit.ask_as(NEW, Method::GET, "/v2/invoices?external_id=INV-1").await;
    assert_eq!(each(&list, "external_id"), ["INV-1"]);
    assert_eq!(xendit.ask_as("stranger", Method::GET, &path).await.0, 404);
    assert_eq!(*xendit.running.invoices("INV-1")[0].account, *"brand:test");
    assert_eq!(xendit.running.account_of(NEW), "brand:test");
    assert_eq!(xendit.running.account_of("stranger"), account_of("stranger"));
}

#[tokio::test]
async fn test_and_live_mode_have_one_user_id_and_books_of_their_own() {
    let xendit = brand().await;
    let test = xendit.create_as(OLD, "INV-1").await;
    let live = xendit.create_as(LIVE, "INV-2").await;
    assert_eq!(test["user_id"], live["user_id"]);
    for (key, seen) in [(NEW, "INV-1"), (LIVE, "INV-2")] {
        let (_, list) = xendit.ask_as(key, Method::GET, "/v2/invoices").await;
        assert_eq!(each(&list, "external_id"), [seen]);
    }
    let other = xendit.create_as("stranger", "INV-3").await;
    assert_ne!(test["user_id"], other["user_id"]);
}

#[tokio::test]
async fn the_keys_of_one_account_share_its_limit_and_the_ledger_tells_them_apart() {
    let xendit = brand().await;
    xendit.running.set_limits("2/1h".parse().unwrap());
    for (key, status) in [(OLD, 200), (NEW, 200), (OLD, 429), (LIVE, 200)] {
        assert_eq!(xendit.ask_as(key, Method::GET, "/v2/invoices").await.0, status, "{key}");
    }
    let arrivals = xendit.running.ledger().arrivals();
    let names: Vec<_> = arrivals.iter().map(|one| one.key.clone().unwrap().to_string()).collect();
    assert_eq!(names, [OLD, NEW, OLD, LIVE].map(account_of));
    assert_eq!(arrivals[1].account.as_deref(), Some("brand:test"));
}

#[tokio::test]
async fn a_key_joins_an_account_while_it_runs() {
    let xendit = Xendit::start().await;
    xendit.running.add_merchant(&format!("brand={OLD}").parse().unwrap());
    let id = text(&xendit.create_as(OLD, "INV-1").await["id"]);
    let path = format!("/v2/invoices/{id}");
    assert_eq!(xendit.ask_as(NEW, Method::GET, &path).await.0, 404);
    let body = json!({ "name": "brand", "keys": [NEW] });
    let (status, answer) = xendit.control(Method::POST, "/_sim/accounts", body).await;
    assert_eq!((status, answer), (200, json!({ "accounts": ["brand:test"] })));
    assert_eq!(xendit.ask_as(NEW, Method::GET, &path).await.0, 200);
    for body in [json!({ "name": "a b", "keys": [NEW] }), json!({ "name": "a", "keys": [] })] {
        assert_eq!(xendit.control(Method::POST, "/_sim/accounts", body).await.0, 400);
    }
}

#[tokio::test]
async fn a_key_is_revoked_and_restored_while_it_runs() {
    let xendit = brand().await;
    let created = xendit.create_as(OLD, "INV-1").await;
    let path = format!("/v2/invoices/{}", text(&created["id"]));
    xendit.running.set_rights(OLD, Rights::Revoked);
    let (status, refused) = xendit.ask_as(OLD, Method::GET, &path).await;
    assert_eq!((status, &refused["error_code"]), (401, &json!("INVALID_API_KEY")));
    assert_eq!(xendit.ask_as(NEW, Method::GET, &path).await.0, 200, "the other key still works");
    let body = json!({ "secret_key": OLD, "rights": "full" });
    let (status, answer) = xendit.control(Method::PUT, "/_sim/rights", body).await;
    assert_eq!((status, answer), (200, json!({ "key": account_of(OLD), "rights": "full" })));
    assert_eq!(xendit.ask_as(OLD, Method::GET, &path).await.0, 200);
    let wrong = json!({ "secret_key": OLD, "rights": "some" });
    assert_eq!(xendit.control(Method::PUT, "/_sim/rights", wrong).await.0, 400);
}

#[tokio::test]
async fn a_key_without_a_right_is_forbidden_what_the_right_covers() {
    let xendit = brand().await;
    let get = format!("/v2/invoices/{}", text(&xendit.create_as(OLD, "INV-1").await["id"]));
    let expire = get.replace("/v2", "") + "/expire!";
    for (rights, reads, writes) in [(Rights::ReadOnly, 200, 403), (Rights::WriteOnly, 403, 200)] {
        xendit.running.set_rights(NEW, rights);
        for path in [get.as_str(), "/v2/invoices?external_id=INV-1"] {
            let (status, answer) = xendit.ask_as(NEW, Method::GET, path).await;
            assert_eq!(status, reads, "{rights:?} {path}: {answer}");
        }
        let created = xendit.create_as(NEW, "INV-2").await;
        let error = created.get("error_code").cloned();
        let forbidden = Value::from("REQUEST_FORBIDDEN_ERROR");
        assert_eq!(error, (writes == 403).then_some(forbidden), "{rights:?}");
        assert_eq!(xendit.ask_as(NEW, Method::POST, &expire).await.0, writes, "{rights:?}");
    }
    assert_eq!(xendit.running.invoices("INV-2").len(), 1);
}

#[tokio::test]
async fn a_fault_of_one_listener_spares_the_others_and_all_go_down_together() {
    let xendit = Xendit::start().await;
    let second = xendit.running.add_listener().await.unwrap();
    assert_eq!(second.number, 2);
    assert_eq!(xendit.running.listeners()[1], second);
    assert_eq!(xendit.look("/_sim/listeners").await[1]["address"], second.address.to_string());
    let sick = Fault::always(Act::status(502)).at_listener(2);
    xendit.running.add_fault(sick).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let list = async |url: String| {
        let listing = client.get(format!("{url}/v2/invoices")).basic_auth(OLD, Some(""));
        listing.send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(list(second.base_url()).await.unwrap(), 502);
    assert_eq!(list(xendit.running.base_url()).await.unwrap(), 200);
    let arrivals = xendit.running.ledger().arrivals();
    assert_eq!(arrivals.iter().map(|one| one.listener).collect::<Vec<_>>(), [2, 1]);

    xendit.running.go_down().await;
    assert!(list(second.base_url()).await.is_err());
    xendit.running.come_back().await.unwrap();
    xendit.running.clear_faults();
    assert_eq!(list(second.base_url()).await.unwrap(), 200);
}
