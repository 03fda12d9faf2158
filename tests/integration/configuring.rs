//! Limits in force: written by the worker that starts last, obeyed by all; and a Redis that forgot them.

use antre_core::limit::Limits;
use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::{
    fleet::{RunningWorker, account},
    harness::{Harness, job, jobs, steady_settings},
};

fn limited_to(limits: &str) -> Settings {
    let mut settings = steady_settings();
    settings.limits = limits.parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(60);
    settings
}

fn start(harness: &Harness, name: &str, settings: Settings) -> RunningWorker {
    let accounts = vec![account("default", &harness.xendit.base_url(), settings)];
    RunningWorker::start(&harness.redis.url(), name, accounts)
}

async fn until_limits_are(harness: &Harness, limits: &str) {
    let parsed: Limits = limits.parse().unwrap();
    let in_force =
        async |harness: &Harness| harness.queue.status().await.unwrap().in_force.unwrap();
    let are_they =
        async |harness: &Harness| in_force(harness).await.limits.as_ref() == Some(&parsed);
    harness.until(limits, are_they).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_the_worker_that_starts_last_hold_for_all() {
    let harness = Harness::start(&limited_to("1/1h")).await;
    let _first = start(&harness, "first", limited_to("100/500ms"));
    until_limits_are(&harness, "100/500ms").await;
    let id = harness.submit_one(&job("INV-FIRST")).await;
    assert_eq!(harness.result(&id).await["state"], "done");

    let _second = start(&harness, "second", limited_to("5/500ms"));
    until_limits_are(&harness, "5/500ms").await;
    harness.submit(&jobs("INV", 12)).await;
    harness.until_done(13).await;
    let summary = harness.xendit.summary(Duration::from_millis(500));
    assert!(summary.most_in_any_window <= 5, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_configures_a_redis_anew_that_has_lost_everything() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let before = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&before).await["state"], "done");

    let mut connection = harness.redis.connect().await.unwrap();
    // At once: a worker that asks in between makes the inbox anew.
    let (_emptied, refused): (String, Option<String>) = redis::pipe()
        .atomic()
        .cmd("FLUSHALL")
        .cmd("XADD")
        .arg(harness.queue.keys().inbox())
        .arg("NOMKSTREAM")
        .arg("*")
        .arg("job")
        .arg("{}")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(refused, None, "nobody serves it");
    harness
        .until("it is served again", async |harness| {
            let status = harness.queue.status().await.unwrap();
            status.is_known() && harness.queue.redis().accounts().await.unwrap() == ["default"]
        })
        .await;
    let after = harness.submit_one(&job("INV-2")).await;
    assert_eq!(harness.result(&after).await["state"], "done");
    worker.stop().await;
}
