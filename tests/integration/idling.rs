//! No polling: workers without work leave Redis in peace.

use std::time::Duration;

use antre_tests::stage::{Stage, job, steady_settings};
use redis::InfoDict;

/// What clients call themselves; all other commands run inside of scripts.
const CALLED: [&str; 9] = [
    "evalsha",
    "eval",
    "script|load",
    "xread",
    "ping",
    "info",
    "subscribe",
    "hello",
    "client|setinfo",
];

/// Commands per second and worker at most; a coarse bound, some three times what is expected.
const COMMANDS_MAX: u64 = 2;
const WORKERS: u64 = 3;
const INTERVAL: Duration = Duration::from_secs(4);

async fn calls(stage: &Stage) -> u64 {
    let mut connection = stage.redis.connect().await.unwrap();
    let info: InfoDict =
        redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.unwrap();
    let calls = |name: &&str| -> u64 {
        let text: String = info.get(&format!("cmdstat_{name}")).unwrap_or_default();
        let calls = text.split(',').find_map(|part| part.strip_prefix("calls="));
        calls.and_then(|calls| calls.parse().ok()).unwrap_or_default()
    };
    CALLED.iter().map(calls).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_without_work_send_at_most_two_commands_a_second_each() {
    let stage = Stage::start(&steady_settings()).await;
    let _workers: Vec<_> = (0..WORKERS).map(|n| stage.worker(&format!("worker-{n}"))).collect();
    let id = stage.submit_one(&job("INV-1")).await;
    assert_eq!(stage.result(&id).await["state"], "done");
    stage
        .until("all have said that they live", async |stage| {
            stage.queue.status().await.unwrap().workers.len() == 3
        })
        .await;

    let (calls_before, begun_us) =
        (calls(&stage).await, stage.queue.redis().time_us().await.unwrap());
    let end_us = begun_us + u64::try_from(INTERVAL.as_micros()).unwrap();
    stage
        .until("the interval is over", async |stage| {
            stage.queue.redis().time_us().await.unwrap() >= end_us
        })
        .await;
    let elapsed_us = stage.queue.redis().time_us().await.unwrap() - begun_us;
    let called = calls(&stage).await - calls_before;
    let allowed = COMMANDS_MAX * WORKERS * elapsed_us / 1_000_000;
    assert!(called <= allowed, "{called} commands in {elapsed_us} us, {allowed} are allowed");
}
