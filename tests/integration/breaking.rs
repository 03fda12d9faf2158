//! An outage is not a failure: while Xendit, the network or the key does not work, jobs wait.

use std::time::Duration;

use antre_store::claim::WaitReason;
use antre_store::settings::Settings;
use antre_tests::harness::{Harness, PATIENCE, job, jobs, steady_settings};
use xendit_sim::{Act, Answer, Fault};

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "5ms,10ms,20ms".parse().unwrap();
    settings
}

async fn is_connected(harness: &Harness) -> bool {
    let status = harness.queue.status().await.unwrap();
    status.workers["worker"].said.is_connected == Some(true)
}

async fn breaker(harness: &Harness) -> Option<String> {
    harness.queue.status().await.unwrap().breaker.map(|breaker| breaker.reason)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_job_waits_for_a_xendit_that_is_down() {
    let harness =
        Harness::start(&Settings { lease: Duration::from_millis(300), ..settings() }).await;
    harness.xendit.go_down().await;
    let _worker = harness.worker("worker");
    let id = harness.submit_accepted(&[job("INV-1")]).await.remove(0);
    harness
        .until("the worker says that it has no connection", async |harness| {
            let status = harness.queue.status().await.unwrap();
            status.workers.contains_key("worker") && !is_connected(harness).await
        })
        .await;
    assert_eq!(harness.field(&id, "state").await, "waiting");
    harness.xendit.come_back().await.unwrap();
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], &result["attempts"]), (&"done".into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_jobs_survive_an_outage_that_breaks_running_requests() {
    let mut settings = Settings { lease: Duration::from_millis(600), ..settings() };
    settings.request_timeout = Duration::from_millis(600);
    settings.trust_absence_answered = Duration::from_millis(100);
    settings.trust_absence_unanswered = Duration::from_millis(100);
    let harness = Harness::start(&settings).await;
    harness.xendit.set_latency("10ms".parse().unwrap());
    let _worker = harness.worker("worker");
    harness.submit(&jobs("INV", 200)).await;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 30).await);
    harness.xendit.go_down().await;
    harness.until("the worker sees the outage", async |harness| !is_connected(harness).await).await;
    harness.xendit.come_back().await.unwrap();
    harness.until_done(200).await;
    let status = harness.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (200, 0));
    harness
        .until("surplus ones are gone", async |harness| {
            let payable = harness.xendit.summary(Duration::from_secs(1)).payable;
            payable.external_ids_with_one == 200 && payable.offenders.is_empty()
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_jobs_wait_while_xendit_answers_every_request_with_503() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::always(Act::status(503)));
    let _worker = harness.worker("worker");
    let ids = harness.submit(&jobs("INV", 30)).await;
    harness.until("the breaker is open", async |harness| breaker(harness).await.is_some()).await;
    let asked = harness.xendit.ledger().totals().requests;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= asked + 20).await, "it probes");
    assert_eq!(harness.queue.status().await.unwrap().dead, 0);
    harness.xendit.clear_faults();
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
    assert_eq!(breaker(&harness).await, None);
    assert_eq!(harness.xendit.summary(Duration::from_secs(1)).payable.external_ids_with_one, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_job_waits_while_xendit_answers_every_request_with_503() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::always(Act::status(503)));
    let _worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 12).await);
    assert_eq!(breaker(&harness).await.as_deref(), Some("http_503"));
    assert_eq!(harness.field(&id, "attempts").await, "0", "nothing shows that a create failed");
    harness.xendit.clear_faults();
    assert_eq!(harness.result(&id).await["state"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_address_that_answers_pages_kills_no_job() {
    let harness = Harness::start(&settings()).await;
    let page = Answer::Html("<html><h1>404 Not Found</h1></html>".to_owned());
    let body = Some(page);
    harness.fault(Fault::always(Act::Status { status: 404, body, headers: [].into() }));
    let _worker = harness.worker("worker");
    let ids = harness.submit(&jobs("INV", 10)).await;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 25).await);
    assert_eq!(breaker(&harness).await.as_deref(), Some("http_404"));
    assert_eq!(harness.queue.status().await.unwrap().dead, 0);
    harness.xendit.clear_faults();
    for id in &ids {
        assert_eq!(harness.result(id).await["state"], "done");
    }
}

async fn probe_now(harness: &Harness) {
    let mut connection = harness.redis.connect().await.unwrap();
    let keys = harness.queue.keys();
    redis::pipe()
        .cmd("HSET")
        .arg(keys.named("breaker:worker"))
        .arg("probe_at_us")
        .arg(0)
        .cmd("PUBLISH")
        .arg(keys.wake())
        .arg("*")
        .exec_async(&mut connection)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_stops_everything_until_a_probe_gets_through() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::always(Act::status(401)));
    let worker = harness.worker("worker");
    let ids = harness.submit(&jobs("INV", 20)).await;
    harness.until("the breaker is open", async |harness| breaker(harness).await.is_some()).await;
    assert_eq!(breaker(&harness).await.as_deref(), Some("INVALID_API_KEY"));
    harness
        .until("nothing runs", async |harness| harness.queue.status().await.unwrap().running == 0)
        .await;
    let sent = harness.xendit.ledger().totals().requests;
    assert!(sent <= 6, "{sent}: those that ran already and no more");
    let status = harness.queue.status().await.unwrap();
    assert_eq!(
        (status.waiting_total(), status.dead, status.wait_reason),
        (20, 0, WaitReason::Pace)
    );
    harness
        .until("the worker itself says so", async |_| {
            worker.obstacle().is_some_and(|text| text.contains("only worker worker has trouble"))
        })
        .await;

    harness.xendit.clear_faults();
    // The probe of a refused key comes once a minute; here it comes now. One whose grant came too
    // late to be used is not sent, so it may take another.
    harness
        .until("a probe has got through", async |harness| {
            probe_now(harness).await;
            breaker(harness).await.is_none()
        })
        .await;
    for id in &ids {
        let result = harness.result(id).await;
        assert_eq!((&result["state"], &result["attempts"]), (&"done".into(), &1.into()));
    }
    harness.until("the worker serves", async |_| worker.obstacle().is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_403_for_everybody_is_the_accounts_trouble_and_no_jobs() {
    let harness = Harness::start(&settings()).await;
    harness.fault(Fault::always(Act::status(403)));
    let _worker = harness.worker("worker");
    let ids = harness.submit(&jobs("INV", 10)).await;
    let ledger = harness.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 30).await);
    assert_eq!(breaker(&harness).await.as_deref(), Some("REQUEST_FORBIDDEN_ERROR"));
    assert_eq!(harness.queue.status().await.unwrap().dead, 0);
    harness.xendit.clear_faults();
    for id in &ids {
        let result = harness.result(id).await;
        assert_eq!(result["state"], "done", "{result}");
    }
}
