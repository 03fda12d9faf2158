//! No polling: workers without work leave Redis in peace.

use std::collections::BTreeMap;
use std::time::Duration;

use antre_tests::harness::{Harness, PATIENCE, job, steady_settings};
use futures_util::StreamExt as _;

const WORKERS: usize = 3;
/// Short, so that three heartbeats come within seconds.
const LEASE: Duration = Duration::from_secs(3);
const BEATS: usize = 3;
/// What a worker sends from one heartbeat to the next at most: the heartbeat itself, and seldom a look
/// at the inbox, at the queue or at the whole fleet. Some twice what is expected.
const COMMANDS_PER_BEAT: usize = 4;

/// What Redis was asked, by clients and not by scripts.
#[derive(Debug, Default)]
struct Asked {
    by_command: BTreeMap<String, usize>,
    beats: BTreeMap<String, usize>,
}

impl Asked {
    /// Reads a line of MONITOR: `<instant> [<database> <client or lua>] "<command>" "<argument>" …`.
    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        let command = words.first().map(|word| word.to_uppercase()).unwrap_or_default();
        if !line.contains(" lua]") {
            *self.by_command.entry(command).or_default() += 1;
        } else if command == "HSET" && words[1].ends_with(":workers") {
            *self.beats.entry(words[2].to_owned()).or_default() += 1;
        }
    }

    fn has_heard_all(&self) -> bool {
        self.beats.len() == WORKERS && self.beats.values().all(|beats| *beats >= BEATS)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_without_work_send_hardly_more_than_their_heartbeats() {
    let mut settings = steady_settings();
    settings.lease = LEASE;
    let harness = Harness::start(&settings).await;
    let _workers: Vec<_> = (0..WORKERS).map(|n| harness.worker(&format!("worker-{n}"))).collect();
    let id = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    harness
        .until("all have said that they live", async |harness| {
            harness.queue.status().await.unwrap().workers.len() == WORKERS
        })
        .await;

    let client = redis::Client::open(harness.redis.url()).unwrap();
    let monitor = client.get_async_monitor().await.unwrap();
    let mut lines = monitor.into_on_message::<String>();
    let mut asked = Asked::default();
    while !asked.has_heard_all() {
        let line = tokio::time::timeout(PATIENCE, lines.next()).await.unwrap().unwrap();
        asked.note(&line);
    }
    let beats: usize = asked.beats.values().sum();
    let commands: usize = asked.by_command.values().sum();
    assert!(commands >= beats, "MONITOR is not read: {asked:?}");
    assert!(commands <= COMMANDS_PER_BEAT * beats, "{commands} commands: {asked:?}");
}
