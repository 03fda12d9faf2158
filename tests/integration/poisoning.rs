//! A job that fails by itself is dead after its retries and harms no other.

use antre_store::settings::Settings;
use antre_tests::harness::{Harness, job, job_with, jobs, steady_settings};
use serde_json::json;
use xendit_sim::{Act, Answer, Fault, RequestKind};

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "5ms,10ms,20ms".parse().unwrap();
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisonous_job_alone_is_dead_after_four_creates() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::on(RequestKind::Create, Act::status(500)));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("POISON")).await;
    assert_eq!(harness.result(&id).await["state"], "dead");
    assert_eq!(harness.steps("POISON"), "CLCLCLCL");
    let status = harness.queue.status().await.unwrap();
    assert_eq!((status.breaker, status.suspects), (None, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisonous_job_among_healthy_ones_is_dead_and_they_are_unharmed() {
    let harness = Harness::start(&settings()).await;
    let poison = Fault::on(RequestKind::Create, Act::status(500));
    harness.fault(poison.for_external_id("POISON"));
    let _worker = harness.worker("worker");
    let mut all = jobs("GOOD", 40);
    all.insert(5, job("POISON"));
    let mut ids = harness.submit(&all).await;
    let poison = ids.remove(5);
    for id in &ids {
        let result = harness.result(id).await;
        assert_eq!((&result["state"], &result["attempts"]), (&json!("done"), &json!(1)));
    }
    let result = harness.result(&poison).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("dead"), &json!("http_500")));
    assert_eq!(harness.steps("POISON"), "CLCLCLCL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_alone_is_forbidden_is_dead_once_others_have_got_through() {
    let harness = Harness::start(&settings()).await;
    let forbidden = Fault::on(RequestKind::Create, Act::status(403));
    harness.fault(forbidden.for_external_id("FORBIDDEN"));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("FORBIDDEN")).await;
    let mut healthy = 0;
    // Only the success of another job shows that the key is not to blame.
    while harness.field(&id, "state").await != "dead" {
        let good = harness.submit_one(&job(&format!("GOOD-{healthy}"))).await;
        assert_eq!(harness.result(&good).await["state"], "done");
        healthy += 1;
        assert!(healthy < 1_000, "it never dies");
    }
    let result = harness.result(&id).await;
    assert_eq!(result["error"]["code"], "REQUEST_FORBIDDEN_ERROR");
    assert_eq!(result["response"]["error_code"], "REQUEST_FORBIDDEN_ERROR", "{result}");
    assert_eq!(result["attempts"], 4);
    assert!(harness.requests("FORBIDDEN").len() >= 4);
    assert_eq!(harness.queue.status().await.unwrap().dead, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_refusals_with_one_code_hold_the_account_until_a_person_resumes_it() {
    let harness = Harness::start(&settings()).await;
    let refusal = json!({ "error_code": "NO_COLLECTION_METHODS_ERROR", "message": "none active" });
    let body = Some(Answer::Json(refusal));
    harness.creates_fail(Act::Status { status: 400, body, headers: [].into() }, 20);
    let _worker = harness.worker("worker");
    let ids = harness.submit(&jobs("INV", 40)).await;
    harness
        .until("the account is held", async |harness| {
            let status = harness.queue.status().await.unwrap();
            status.pause.is_some() && status.running == 0
        })
        .await;
    let status = harness.queue.status().await.unwrap();
    let pause = status.pause.clone().unwrap();
    assert_eq!(pause.reason, "rejections: NO_COLLECTION_METHODS_ERROR");
    assert_eq!((status.dead, pause.until_ms), (20, None));
    // Those that ran at that moment were answered; nothing new was sent.
    assert!(status.done <= 5 && status.waiting_total() >= 15, "{status:?}");

    assert!(harness.queue.resume("budi").await.unwrap());
    harness.until_done(20).await;
    let dead = harness.queue.dead_ids(0, 100).await.unwrap();
    harness.queue.retry(&dead).await.unwrap();
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    let status = harness.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (40, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_alone_is_limited_over_and_over_is_dead_and_says_why() {
    let harness = Harness::start(&settings()).await;
    let headers = [("retry-after".to_owned(), Some("0".to_owned()))].into();
    let limited = Fault::on(RequestKind::Create, Act::Status { status: 429, body: None, headers });
    harness.fault(limited.for_external_id("LIMITED"));
    let _worker = harness.worker("worker");
    let one_retry = job_with("LIMITED", &json!({}), &json!({ "max_retries": 1 }));
    let id = harness.submit_one(&one_retry).await;
    let mut healthy = 0;
    while harness.field(&id, "state").await != "dead" {
        let high = json!({ "priority": "high" });
        let good =
            harness.submit_one(&job_with(&format!("GOOD-{healthy}"), &json!({}), &high)).await;
        assert_eq!(harness.result(&good).await["state"], "done");
        healthy += 1;
        assert!(healthy < 1_000, "it never dies");
    }
    let result = harness.result(&id).await;
    assert_eq!(result["error"]["code"], "limited", "{result}");
    assert_eq!((&result["error"]["status"], &result["response"]), (&json!(429), &json!(null)));
    assert_ne!(result["error"]["message"], "");
    assert_eq!((&result["attempts"], harness.payable("LIMITED").len()), (&json!(2), 0));
    assert!(harness.requests("LIMITED").len() >= 40, "twenty for each attempt");
}
