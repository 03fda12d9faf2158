//! A server that loses its role or shuts its user out: the worker says so, and goes on when it is over.

use antre_store::Redis;
use antre_testkit::{RedisServer, eventually};
use antre_tests::{
    fleet::RunningWorker,
    harness::{Harness, PATIENCE, job, steady_settings},
};
use redis::FromRedisValue;

async fn tell<T: FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let mut connection = server.connect().await.unwrap();
    redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await.unwrap()
}

async fn until_obstacle(worker: &RunningWorker, part: &str) {
    eventually(PATIENCE, &format!("the worker says `{part}`"), async || {
        worker.obstacle().is_some_and(|text| text.contains(part))
    })
    .await
    .unwrap();
}

async fn until_free(worker: &RunningWorker) {
    eventually(PATIENCE, "the worker serves", async || worker.obstacle().is_none()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_on_a_demoted_server_says_so_and_follows_the_address_to_the_new_one() {
    let harness = Harness::start(&steady_settings()).await;
    let new = RedisServer::start().await.unwrap();
    let address = harness.redis.socket_path().with_file_name("in-charge.sock");
    std::os::unix::fs::symlink(harness.redis.socket_path(), &address).unwrap();
    let url = format!("redis+unix://{}", address.display());
    let worker = RunningWorker::start(&url, "worker", vec![harness.account()]);
    until_free(&worker).await;

    let _: String = tell(&harness.redis, &["REPLICAOF", "127.0.0.1", "1"]).await;
    until_obstacle(&worker, "replica").await;
    let waits = "the worker waits at the inbox of the old server";
    eventually(PATIENCE, waits, async || {
        let clients: String = tell(&harness.redis, &["CLIENT", "LIST"]).await;
        clients.lines().any(|line| line.contains("cmd=xread") && line.contains("flags=b"))
    })
    .await
    .unwrap();

    let next = address.with_file_name("next.sock");
    std::os::unix::fs::symlink(new.socket_path(), &next).unwrap();
    std::fs::rename(&next, &address).unwrap();
    let queue = Redis::open(&new.url()).unwrap().queue("default".parse().unwrap());
    eventually(PATIENCE, "the account is there", async || {
        queue.submit(&[job("INV-1")]).await.unwrap()[0].is_some()
    })
    .await
    .unwrap();
    eventually(PATIENCE, "the job is done", async || {
        queue.status().await.is_ok_and(|status| status.done == 1)
    })
    .await
    .unwrap();
    until_free(&worker).await;
    let left = "nobody reads an inbox on the old server";
    eventually(PATIENCE, left, async || {
        let clients: String = tell(&harness.redis, &["CLIENT", "LIST"]).await;
        !clients.lines().any(|line| line.contains("cmd=xread") || line.contains("sub=1"))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_wrong_for_a_while_stops_a_worker_only_so_long() {
    let harness = Harness::start(&steady_settings()).await;
    let user = |password: &'static str| {
        ["ACL", "SETUSER", "app", "on", "resetpass", password, "~*", "&*", "+@all"]
    };
    let _: String = tell(&harness.redis, &user(">right")).await;
    let url = format!("{}?user=app&pass=right", harness.redis.url());
    let worker = RunningWorker::start(&url, "worker", vec![harness.account()]);
    until_free(&worker).await;
    let _: String = tell(&harness.redis, &user(">other")).await;
    let _: u32 = tell(&harness.redis, &["CLIENT", "KILL", "USER", "app"]).await;
    until_obstacle(&worker, "refuses the user or password").await;
    let id = harness.submit_one(&job("INV-1")).await;
    let _: String = tell(&harness.redis, &user(">right")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    until_free(&worker).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_clients_are_killed_goes_on() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    until_free(&worker).await;
    for number in 0..3 {
        let kill = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
        let _: u32 = tell(&harness.redis, &kill).await;
        let _: u32 = tell(&harness.redis, &["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        let queue = harness.queue_of("default");
        eventually(PATIENCE, "the job is submitted", async || {
            queue.submit(&[job(&format!("INV-{number}"))]).await.is_ok()
        })
        .await
        .unwrap();
        eventually(PATIENCE, "the job is done", async || {
            queue.status().await.is_ok_and(|status| status.done == number + 1)
        })
        .await
        .unwrap();
    }
    until_free(&worker).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_misses_its_replicas_is_an_obstacle() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    until_free(&worker).await;
    let _: String = tell(&harness.redis, &["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    until_obstacle(&worker, "redis refuses writes").await;
    let _: String = tell(&harness.redis, &["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    until_free(&worker).await;
}
