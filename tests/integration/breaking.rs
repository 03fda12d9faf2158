//! An outage is not a failure: while Xendit, the network or the key does not work, jobs wait.

use std::time::Duration;

use antre_store::claim::WaitReason;
use antre_store::settings::Settings;
use antre_tests::stage::{PATIENCE, Stage, job, jobs, steady_settings};
use xendit_sim::{Act, Answer, Fault};

fn settings() -> Settings {
    let mut settings = steady_settings();
    settings.retry_delays = "5ms,10ms,20ms".parse().unwrap();
    settings
}

async fn is_connected(stage: &Stage) -> bool {
    let status = stage.queue.status().await.unwrap();
    status.workers["worker"].said.is_connected == Some(true)
}

async fn breaker(stage: &Stage) -> Option<String> {
    stage.queue.status().await.unwrap().breaker.map(|breaker| breaker.reason)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_job_waits_for_a_xendit_that_is_down() {
    let stage = Stage::start(&Settings { lease: Duration::from_millis(300), ..settings() }).await;
    stage.xendit.go_down().await;
    let _worker = stage.worker("worker");
    let id = stage.submit_accepted(&[job("INV-1")]).await.remove(0);
    stage
        .until("the worker says that it has no connection", async |stage| {
            let status = stage.queue.status().await.unwrap();
            status.workers.contains_key("worker") && !is_connected(stage).await
        })
        .await;
    assert_eq!(stage.field(&id, "state").await, "waiting");
    stage.xendit.come_back().await.unwrap();
    let result = stage.result(&id).await;
    assert_eq!((&result["state"], &result["attempts"]), (&"done".into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_jobs_survive_an_outage_that_breaks_running_requests() {
    let mut settings = Settings { lease: Duration::from_millis(600), ..settings() };
    settings.request_timeout = Duration::from_millis(600);
    settings.trust_absence_answered = Duration::from_millis(100);
    settings.trust_absence_unanswered = Duration::from_millis(100);
    let stage = Stage::start(&settings).await;
    stage.xendit.set_latency("10ms".parse().unwrap());
    let _worker = stage.worker("worker");
    stage.submit(&jobs("INV", 200)).await;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 30).await);
    stage.xendit.go_down().await;
    stage.until("the worker sees the outage", async |stage| !is_connected(stage).await).await;
    stage.xendit.come_back().await.unwrap();
    stage.until_done(200).await;
    let status = stage.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (200, 0));
    stage
        .until("surplus ones are gone", async |stage| {
            let payable = stage.xendit.summary(Duration::from_secs(1)).payable;
            payable.external_ids_with_one == 200 && payable.offenders.is_empty()
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_jobs_wait_while_xendit_answers_every_request_with_503() {
    let stage = Stage::start(&settings()).await;
    stage.fault(Fault::always(Act::status(503)));
    let _worker = stage.worker("worker");
    let ids = stage.submit(&jobs("INV", 30)).await;
    stage.until("the breaker is open", async |stage| breaker(stage).await.is_some()).await;
    let asked = stage.xendit.ledger().totals().requests;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= asked + 20).await, "it probes");
    assert_eq!(stage.queue.status().await.unwrap().dead, 0);
    stage.xendit.clear_faults();
    for id in &ids {
        assert_eq!(stage.result(id).await["state"], "done");
    }
    assert_eq!(breaker(&stage).await, None);
    assert_eq!(stage.xendit.summary(Duration::from_secs(1)).payable.external_ids_with_one, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_job_waits_while_xendit_answers_every_request_with_503() {
    let stage = Stage::start(&settings()).await;
    stage.fault(Fault::always(Act::status(503)));
    let _worker = stage.worker("worker");
    let id = stage.submit_one(&job("INV-1")).await;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 12).await);
    assert_eq!(breaker(&stage).await.as_deref(), Some("http_503"));
    assert_eq!(stage.field(&id, "attempts").await, "0", "nothing shows that a create failed");
    stage.xendit.clear_faults();
    assert_eq!(stage.result(&id).await["state"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_address_that_answers_pages_kills_no_job() {
    let stage = Stage::start(&settings()).await;
    let page = Answer::Html("<html><h1>404 Not Found</h1></html>".to_owned());
    let body = Some(page);
    stage.fault(Fault::always(Act::Status { status: 404, body, headers: [].into() }));
    let _worker = stage.worker("worker");
    let ids = stage.submit(&jobs("INV", 10)).await;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 25).await);
    assert_eq!(breaker(&stage).await.as_deref(), Some("http_404"));
    assert_eq!(stage.queue.status().await.unwrap().dead, 0);
    stage.xendit.clear_faults();
    for id in &ids {
        assert_eq!(stage.result(id).await["state"], "done");
    }
}

async fn probe_now(stage: &Stage) {
    let mut connection = stage.redis.connect().await.unwrap();
    let keys = stage.queue.keys();
    redis::pipe()
        .cmd("HSET")
        .arg(keys.named("breaker:worker"))
        .arg("probe_at_us")
        .arg(0)
        .cmd("PUBLISH")
        .arg(keys.wake())
        .arg("1")
        .exec_async(&mut connection)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_stops_everything_until_a_probe_gets_through() {
    let stage = Stage::start(&settings()).await;
    stage.fault(Fault::always(Act::status(401)));
    let _worker = stage.worker("worker");
    let ids = stage.submit(&jobs("INV", 20)).await;
    stage.until("the breaker is open", async |stage| breaker(stage).await.is_some()).await;
    assert_eq!(breaker(&stage).await.as_deref(), Some("INVALID_API_KEY"));
    stage
        .until("nothing runs", async |stage| stage.queue.status().await.unwrap().running == 0)
        .await;
    let sent = stage.xendit.ledger().totals().requests;
    assert!(sent <= 6, "{sent}: those that ran already and no more");
    let status = stage.queue.status().await.unwrap();
    assert_eq!(
        (status.waiting_total(), status.dead, status.wait_reason),
        (20, 0, WaitReason::Pace)
    );

    stage.xendit.clear_faults();
    // The probe of a refused key comes once a minute; here it comes now. One whose grant came too
    // late to be used is not sent, so it may take another.
    stage
        .until("a probe has got through", async |stage| {
            probe_now(stage).await;
            breaker(stage).await.is_none()
        })
        .await;
    for id in &ids {
        let result = stage.result(id).await;
        assert_eq!((&result["state"], &result["attempts"]), (&"done".into(), &1.into()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_403_for_everybody_is_the_accounts_trouble_and_no_jobs() {
    let stage = Stage::start(&settings()).await;
    stage.fault(Fault::always(Act::status(403)));
    let _worker = stage.worker("worker");
    let ids = stage.submit(&jobs("INV", 10)).await;
    let ledger = stage.xendit.ledger();
    assert!(ledger.wait_until(PATIENCE, |totals| totals.requests >= 30).await);
    assert_eq!(breaker(&stage).await.as_deref(), Some("REQUEST_FORBIDDEN_ERROR"));
    assert_eq!(stage.queue.status().await.unwrap().dead, 0);
    stage.xendit.clear_faults();
    for id in &ids {
        let result = stage.result(id).await;
        assert_eq!(result["state"], "done", "{result}");
    }
}
