//! What programs ask about invoices goes through the queue's lane, and what they expire can be billed anew.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use antre_store::settings::Settings;
use antre_tests::harness::{Harness, jobs, steady_settings};
use serde_json::json;
use tokio::task::JoinSet;
use xendit_sim::{Arrival, Options, RequestKind, most_in_any_window};

use crate::lab::{GatewayProcess, Got, KEY, Lab, bill, got};

async fn get(lab: &Lab, gateway: &GatewayProcess, path: &str) -> Got {
    let request = lab.client.get(gateway.url(path)).basic_auth(KEY, Some(""));
    got(request.send().await.unwrap()).await
}

async fn waiting_reads(harness: &Harness) -> u64 {
    let mut connection = harness.redis.connect().await.unwrap();
    let reads = harness.queue.keys().named("reads");
    redis::cmd("ZCARD").arg(reads).query_async(&mut connection).await.unwrap()
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
    lab.harness.until("it is asked", async |harness| waiting_reads(harness).await == 1).await;
    let before = sent(&lab, RequestKind::Get);
    let _worker = lab.harness.worker("another");
    let all = crowd.join_all().await;
    assert!(all.iter().all(|got| got.invoice() == first), "{all:?}");
    assert_eq!(sent(&lab, RequestKind::Get), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_keep_to_the_limit_and_leave_three_of_four_requests_to_jobs() {
    const JOBS: usize = 18;
    const CALLERS: usize = 5;
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let settings = Settings {
        limits: "2/1s".parse().unwrap(),
        // Two busy cores deliver unevenly.
        jitter_allowance: Duration::from_millis(150),
        ..steady_settings()
    };
    let lab = Lab::over(Harness::start_with(&settings, Options::default()).await);
    let gateway = lab.gateway().await;
    lab.harness.submit(&jobs("INV", JOBS)).await;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let url = gateway.url(&format!("/v2/invoices?external_id=INV-{caller}"));
        let client = lab.client.clone();
        callers.spawn(async move {
            let mut answers = Vec::new();
            while !IS_OVER.load(Ordering::Relaxed) {
                let request = client.get(&url).basic_auth(KEY, Some(""));
                answers.push(got(request.send().await.unwrap()).await.status);
            }
            answers
        });
    }
    lab.harness
        .until("all callers wait in the lane", async |harness| waiting_reads(harness).await == 5)
        .await;
    let _worker = lab.harness.worker("worker");
    lab.harness.until_done(u64::try_from(JOBS).unwrap()).await;
    IS_OVER.store(true, Ordering::Relaxed);
    let answers = callers.join_all().await;
    // A read that got no turn within 20 s would be a 503.
    assert!(answers.iter().all(|caller| !caller.is_empty()), "{answers:?}");
    assert!(answers.iter().flatten().all(|status| *status == 200), "{answers:?}");

    let arrivals = lab.harness.xendit.ledger().arrivals();
    let instants: Vec<u64> = arrivals.iter().map(|one| one.arrived_us).collect();
    assert!(most_in_any_window(&instants, 1_000_000) <= 2, "{instants:?}");
    let is_create = |one: &Arrival| one.kind == RequestKind::Create;
    let last = arrivals.iter().rposition(is_create).unwrap();
    let (creates, reads): (Vec<_>, Vec<_>) =
        arrivals[..=last].iter().map(is_create).partition(|is_create| *is_create);
    assert_eq!(creates.len(), JOBS);
    // Each read leaves three requests to jobs; the first one need not wait for them.
    assert!(reads.len() <= JOBS / 3 + 1, "{} reads among {JOBS} creates", reads.len());
}
