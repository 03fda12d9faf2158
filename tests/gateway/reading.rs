//! What programs ask about invoices goes through the queue's lane, and what they expire can be billed anew.

use serde_json::json;
use tokio::task::JoinSet;
use xendit_sim::RequestKind;

use crate::lab::{GatewayProcess, Got, KEY, Lab, bill, got};

async fn get(lab: &Lab, gateway: &GatewayProcess, path: &str) -> Got {
    let request = lab.client.get(gateway.url(path)).basic_auth(KEY, Some(""));
    got(request.send().await.unwrap()).await
}

fn sent(lab: &Lab, kind: RequestKind) -> usize {
    lab.harness.xendit.ledger().arrivals().into_iter().filter(|one| one.kind == kind).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_are_xendits_and_an_expired_bill_is_made_anew() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let first = lab.post(&gateway, &bill("INV 1")).await.invoice();
    let read = get(&lab, &gateway, &format!("//v2/invoices/{first}/")).await;
    assert_eq!((read.invoice(), &read.json()["status"]), (first.clone(), &json!("PENDING")));
    let listed = get(&lab, &gateway, "/v2/invoices?external_id=INV%201&statuses=PENDING").await;
    assert_eq!((listed.status, &listed.json()[0]["id"]), (200, &json!(first)));
    let missing = get(&lab, &gateway, "/v2/invoices/000000000000000000000000").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "INVOICE_NOT_FOUND_ERROR"));

    let expire = lab.client.post(gateway.url(&format!("/invoices/{first}/expire%21")));
    let expired = got(expire.basic_auth(KEY, Some("")).body("{}").send().await.unwrap()).await;
    assert_eq!(expired.json()["status"], "EXPIRED");
    let second = lab.post(&gateway, &bill("INV 1")).await;
    assert_ne!(second.invoice(), first);
    assert_eq!(second.json()["status"], "PENDING");
    assert_eq!(lab.harness.payable("INV 1").len(), 1);
    // The old amount is gone with the old invoice.
    let other = lab.post(&gateway, &json!({ "external_id": "INV 1", "amount": 1 })).await;
    assert_eq!(other.code(), "ANTRE_CONFLICT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_question_of_twenty_callers_is_one_request() {
    let lab = Lab::start().await;
    let gateway = lab.gateway().await;
    let worker = lab.harness.worker("worker");
    let first = lab.post(&gateway, &bill("INV-1")).await.invoice();
    worker.stop().await;
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let url = gateway.url(&format!("/v2/invoices/{first}"));
        let request = lab.client.get(url).basic_auth(KEY, Some(""));
        crowd.spawn(async move { got(request.send().await.unwrap()).await });
    }
    lab.harness
        .until("it is asked", async |lab| {
            let mut connection = lab.redis.connect().await.unwrap();
            let reads = lab.queue.keys().named("reads");
            let count: u64 =
                redis::cmd("ZCARD").arg(reads).query_async(&mut connection).await.unwrap();
            count == 1
        })
        .await;
    let before = sent(&lab, RequestKind::Get);
    let _worker = lab.harness.worker("another");
    let all = crowd.join_all().await;
    assert!(all.iter().all(|got| got.invoice() == first), "{all:?}");
    assert_eq!(sent(&lab, RequestKind::Get), before + 1);
}
