//! Whole workers over a real Redis and the simulated Xendit.

use std::time::Duration;

use antre_testkit::{FaultProxy, RedisServer, eventually, queue::quick_settings};
use antre_tests::{
    fleet::{RunningWorker, account},
    harness::{Harness, jobs, steady_settings},
};
use xendit_sim::{Options, Simulator};

const LIMIT: Duration = Duration::from_secs(30);

async fn simulator(limits: &str) -> xendit_sim::Running {
    let options = Options { limits: limits.parse().unwrap(), ..Options::default() };
    Simulator::start(options).await.unwrap()
}

fn job(number: usize) -> String {
    format!(r#"{{"invoice":{{"external_id":"INV-{number}","amount":350000}}}}"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_becomes_one_invoice_within_the_limit() {
    let server = RedisServer::start().await.unwrap();
    let xendit = simulator("20/1s").await;
    let mut settings = quick_settings();
    settings.limits = "20/1s".parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(5);
    let workers: Vec<RunningWorker> = (0..3)
        .map(|number| {
            let accounts = vec![account("default", &xendit.base_url(), settings.clone())];
            RunningWorker::start(&server.url(), &format!("worker-{number}"), accounts)
        })
        .collect();
    let queue = antre_store::Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
    eventually(LIMIT, "the inbox", async || queue.status().await.is_ok_and(|s| s.is_known()))
        .await
        .unwrap();
    let jobs: Vec<String> = (0..60).map(job).collect();
    let ids: Vec<String> =
        queue.submit(&jobs).await.unwrap().into_iter().map(Option::unwrap).collect();
    eventually(LIMIT, "60 done", async || queue.status().await.is_ok_and(|s| s.done == 60))
        .await
        .unwrap();
    let results = queue.results(&ids).await.unwrap();
    assert!(
        results.iter().all(|result| result.as_deref().unwrap().contains("invoice_url\":\"http"))
    );
    let summary = xendit.summary(Duration::from_secs(1));
    assert_eq!(summary.created, 60);
    assert!(summary.most_in_any_window <= 20, "{summary:?}");
    for worker in workers {
        worker.stop().await;
    }
    let status = queue.status().await.unwrap();
    assert_eq!((status.running, status.totals.lapsed), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_several_limits_is_kept() {
    let mut settings = steady_settings();
    settings.limits = "5/100ms,8/800ms".parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(60);
    let harness = Harness::start(&settings).await;
    let _workers = [harness.worker("worker-1"), harness.worker("worker-2")];
    harness.submit(&jobs("INV", 12)).await;
    harness.until_done(12).await;
    for (window_ms, requests) in [(100, 5), (800, 8)] {
        let summary = harness.xendit.summary(Duration::from_millis(window_ms));
        assert!(summary.most_in_any_window <= requests, "{summary:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_to_xendit_serves_one_request_after_the_other() {
    let harness = Harness::start(&steady_settings()).await;
    let link = FaultProxy::start(harness.xendit.address()).await.unwrap();
    let options = harness.account_at(&link.http_url()).await;
    let _worker = RunningWorker::start(&harness.redis.url(), "worker", vec![options]);
    for name in jobs("INV", 8) {
        let id = harness.submit_one(&name).await;
        assert_eq!(harness.result(&id).await["state"], "done");
    }
    // The next claim opens one while a request is on its way.
    let opened = link.counts().connections;
    assert!(opened <= 3, "{opened} connections for 8 requests");
}
