use std::time::Duration;

use redis::AsyncCommands as _;

use super::{AppendFsync, RedisServer};
use crate::{Error, eventually};

const LIMIT: Duration = Duration::from_secs(30);

async fn set(server: &RedisServer, value: &str) {
    server.connect().await.unwrap().set::<_, _, ()>("bill", value).await.unwrap();
}

async fn read(server: &RedisServer) -> Option<String> {
    server.connect().await.unwrap().get("bill").await.unwrap()
}

#[tokio::test]
async fn servers_do_not_share_data() {
    let (one, other) = tokio::join!(RedisServer::start(), RedisServer::start());
    let (one, other) = (one.unwrap(), other.unwrap());
    set(&one, "1").await;
    assert_eq!(read(&one).await.as_deref(), Some("1"));
    assert_eq!(read(&other).await, None);
    assert!(one.url().starts_with("redis+unix:///"));
    assert!(matches!(one.tcp_url(), Err(Error::NoTcp)));
}

#[tokio::test]
async fn the_append_only_file_survives_a_kill() {
    let mut server = RedisServer::builder().append_only(AppendFsync::Always).start().await.unwrap();
    set(&server, "kept").await;
    let killed = server.pid();
    server.kill().unwrap();
    assert!(server.connect().await.is_err());
    server.restart().await.unwrap();
    assert_ne!(server.pid(), killed);
    assert_eq!(read(&server).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_restart_without_append_only_file_loses_everything() {
    let mut server = RedisServer::start().await.unwrap();
    set(&server, "lost").await;
    server.restart().await.unwrap();
    assert_eq!(read(&server).await, None);
}

#[tokio::test]
async fn a_graceful_stop_writes_the_append_only_file() {
    let mut server = RedisServer::builder().append_only(AppendFsync::Never).start().await.unwrap();
    set(&server, "kept").await;
    server.stop().await.unwrap();
    server.stop().await.unwrap();
    assert!(server.log().contains("bye bye"), "{}", server.log());
    server.restart().await.unwrap();
    assert_eq!(read(&server).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn tcp_and_socket_reach_the_same_server_also_after_a_restart() {
    let mut server = RedisServer::builder().tcp().start().await.unwrap();
    let address = server.tcp_address().unwrap();
    server.restart().await.unwrap();
    assert_eq!(server.tcp_address().unwrap(), address);
    set(&server, "1").await;
    let client = redis::Client::open(server.tcp_url().unwrap()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    assert_eq!(connection.get::<_, String>("bill").await.unwrap(), "1");
}

#[tokio::test]
async fn a_suspended_server_is_silent_until_resumed() {
    let mut server = RedisServer::start().await.unwrap();
    set(&server, "1").await;
    let mut connection = server.connect().await.unwrap();
    server.suspend().unwrap();
    let read = connection.get::<_, String>("bill");
    tokio::pin!(read);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut read).await;
    assert!(early.is_err(), "a stopped process answered");
    server.resume().unwrap();
    assert_eq!(read.await.unwrap(), "1");
}

#[tokio::test]
async fn a_suspended_server_can_be_stopped() {
    let mut server = RedisServer::start().await.unwrap();
    server.suspend().unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_replica_follows_and_is_promoted_for_good() {
    let mut primary = RedisServer::builder().tcp().start().await.unwrap();
    set(&primary, "1").await;
    let address = primary.tcp_address().unwrap();
    let mut replica = RedisServer::builder()
        .append_only(AppendFsync::Always)
        .replica_of(address)
        .start()
        .await
        .unwrap();
    assert_eq!(read(&replica).await.as_deref(), Some("1"));
    set(&primary, "2").await;
    eventually(LIMIT, "the replica follows", async || read(&replica).await.as_deref() == Some("2"))
        .await
        .unwrap();
    primary.kill().unwrap();
    replica.promote().await.unwrap();
    set(&replica, "3").await;
    replica.restart().await.unwrap();
    set(&replica, "4").await;
    assert_eq!(read(&replica).await.as_deref(), Some("4"));
}

#[tokio::test]
async fn a_full_server_refuses_writes() {
    let server = RedisServer::builder().memory_max(1).start().await.unwrap();
    let mut connection = server.connect().await.unwrap();
    let error = connection.set::<_, _, ()>("bill", "1").await.unwrap_err();
    assert_eq!(error.code(), Some("OOM"));
}

#[tokio::test]
async fn extra_lines_win_over_the_defaults() {
    let server =
        RedisServer::builder().config_line("maxmemory-policy allkeys-lru").start().await.unwrap();
    let mut connection = server.connect().await.unwrap();
    let policy: Vec<String> = redis::cmd("CONFIG")
        .arg(&["GET", "maxmemory-policy"])
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(policy[1], "allkeys-lru");
}

#[tokio::test]
async fn a_missing_binary_names_the_remedy() {
    let error = RedisServer::builder().binary("no-such-redis").start().await.unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("`no-such-redis` was not found: run `sh deploy/setup.sh`"), "{said}");
}

#[tokio::test]
async fn a_refused_configuration_shows_the_server_log() {
    let error = RedisServer::builder().config_line("no-such-option 1").start().await.unwrap_err();
    assert!(error.to_string().contains("no-such-option"), "{error}");
}

#[tokio::test]
async fn dropping_leaves_neither_process_nor_directory() {
    let server = RedisServer::start().await.unwrap();
    let (socket, id) = (server.socket_path(), server.pid());
    drop(server);
    assert!(!socket.parent().unwrap().exists());
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
}
