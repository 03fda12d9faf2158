//! A restarted server is noticed, also one that does not tell its id.

use std::sync::Arc;

use antre_core::mode::Mode;
use antre_store::{Queue, Redis, claim::WorkerIdentity};
use antre_testkit::{AppendFsync, RedisServer, queue::claim_token};

use crate::support::{queue, tell, until_writable};

async fn server() -> RedisServer {
    let builder = RedisServer::builder().append_only(AppendFsync::Always);
    builder.config_line("user silent on >right ~* &* +@all -info").start().await.unwrap()
}

/// Claims, and returns how often another server was noticed so far.
async fn changes(queue: &Queue, server: &RedisServer) -> Option<String> {
    let worker = Arc::new(WorkerIdentity::new("tester", "tester-key", Mode::Test));
    queue.claim_next(&claim_token(), &worker, 0).await.unwrap();
    tell(server, &["HGET", "antre:{default}:totals", "server_changed"]).await
}

#[tokio::test]
async fn a_restart_is_noticed_once_whatever_the_server_tells() {
    for user in ["?", "?user=silent&pass=right"] {
        let mut server = server().await;
        let redis = Redis::open(&format!("{}{user}", server.url())).unwrap();
        let queue = queue(&redis, "default").await;
        for _ in 0..3 {
            assert_eq!(changes(&queue, &server).await, None, "{user}");
        }
        server.restart().await.unwrap();
        until_writable(&redis).await;
        for _ in 0..3 {
            assert_eq!(changes(&queue, &server).await.as_deref(), Some("1"), "{user}");
        }
        let other = Redis::open(&format!("{}{user}", server.url())).unwrap();
        let other = other.queue("default".parse().unwrap());
        assert_eq!(changes(&other, &server).await.as_deref(), Some("1"), "another process");
    }
}

#[tokio::test]
async fn two_versions_on_a_server_that_tells_no_id_are_no_two_servers() {
    let server = server().await;
    let redis = Redis::open(&format!("{}?user=silent&pass=right", server.url())).unwrap();
    let queue = queue(&redis, "default").await;
    assert_eq!(changes(&queue, &server).await, None);
    // The other version's library has seen the server first at another instant.
    let note =
        ["HSET", "antre:{default}:pacer", "run_id", "since-1.1", "antre_other_server", "since-1.1"];
    let _: u32 = tell(&server, &note).await;
    assert_eq!(changes(&queue, &server).await, None);
}

#[tokio::test]
async fn rights_that_change_are_not_mistaken_for_nothing() {
    let server = server().await;
    let telling = queue(&Redis::open(&server.url()).unwrap(), "default").await;
    assert_eq!(changes(&telling, &server).await, None);
    // Its process is the same, but a new library cannot know that: bills are looked up once too often.
    let _: String = tell(&server, &["FUNCTION", "FLUSH"]).await;
    let redis = Redis::open(&format!("{}?user=silent&pass=right", server.url())).unwrap();
    let silent = redis.queue("default".parse().unwrap());
    assert_eq!(changes(&silent, &server).await.as_deref(), Some("1"));
    assert_eq!(changes(&silent, &server).await.as_deref(), Some("1"));
}
