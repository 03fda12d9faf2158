//! Limits in force: written by the worker that starts last, obeyed by all; and a Redis that forgot them.

use antre_core::limit::Limits;
use std::time::Duration;

use antre_store::settings::Settings;
use antre_tests::{
    fleet::{RunningWorker, account},
    stage::{Stage, job, jobs, steady_settings},
};

fn limited_to(limits: &str) -> Settings {
    let mut settings = steady_settings();
    settings.limits = limits.parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(60);
    settings
}

fn start(stage: &Stage, name: &str, settings: Settings) -> RunningWorker {
    let accounts = vec![account("default", &stage.xendit.base_url(), settings)];
    RunningWorker::start(&stage.redis.url(), name, accounts)
}

async fn until_limits_are(stage: &Stage, limits: &str) {
    let parsed: Limits = limits.parse().unwrap();
    let in_force = async |stage: &Stage| stage.queue.status().await.unwrap().in_force.unwrap();
    let are_they = async |stage: &Stage| in_force(stage).await.limits.as_ref() == Some(&parsed);
    stage.until(limits, are_they).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_the_worker_that_starts_last_hold_for_all() {
    let stage = Stage::start(&limited_to("1/1h")).await;
    let _first = start(&stage, "first", limited_to("100/500ms"));
    until_limits_are(&stage, "100/500ms").await;
    let id = stage.submit_one(&job("INV-FIRST")).await;
    assert_eq!(stage.result(&id).await["state"], "done");

    let _second = start(&stage, "second", limited_to("5/500ms"));
    until_limits_are(&stage, "5/500ms").await;
    stage.submit(&jobs("INV", 12)).await;
    stage.until_done(13).await;
    let summary = stage.xendit.summary(Duration::from_millis(500));
    assert!(summary.most_in_any_window <= 5, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_configures_a_redis_anew_that_has_lost_everything() {
    let stage = Stage::start(&steady_settings()).await;
    let worker = stage.worker("worker");
    let before = stage.submit_one(&job("INV-1")).await;
    assert_eq!(stage.result(&before).await["state"], "done");

    let mut connection = stage.redis.connect().await.unwrap();
    redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
    assert_eq!(stage.queue.submit(&[job("INV-2")]).await.unwrap(), [None], "nobody serves it");
    stage
        .until("it is served again", async |stage| {
            let status = stage.queue.status().await.unwrap();
            status.is_known() && stage.queue.redis().accounts().await.unwrap() == ["default"]
        })
        .await;
    let after = stage.submit_one(&job("INV-2")).await;
    assert_eq!(stage.result(&after).await["state"], "done");
    worker.stop().await;
}
