//! The shared connection never outlives its use.

use std::time::Duration;

use antre_store::{Redis, StoreError};
use antre_testkit::{RedisServer, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{Address, LIMIT, queue, tell, until_writable};

#[tokio::test]
async fn a_killed_client_comes_back() {
    let server = RedisServer::start().await.unwrap();
    let redis = Redis::open(&server.url()).unwrap();
    redis.ping().await.unwrap();
    assert_eq!(redis.generation(), 1);
    let _killed: u32 = tell(&server, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    until_writable(&redis).await;
    assert_eq!(redis.generation(), 2);
}

#[tokio::test]
async fn a_restarted_server_is_found_again() {
    let mut server = RedisServer::start().await.unwrap();
    let redis = Redis::open(&server.url()).unwrap();
    redis.ping().await.unwrap();
    server.stop().await.unwrap();
    assert!(matches!(redis.ping().await, Err(StoreError::Unavailable(_))));
    server.restart().await.unwrap();
    until_writable(&redis).await;
}

#[tokio::test]
async fn a_password_that_was_wrong_for_a_while_is_tried_again() {
    let server = RedisServer::start().await.unwrap();
    let user = |password: &'static str| {
        ["ACL", "SETUSER", "app", "on", "resetpass", password, "~*", "&*", "+@all"]
    };
    let _: String = tell(&server, &user(">right")).await;
    let url = format!("{}?user=app&pass=right", server.url());
    let redis = Redis::open(&url).unwrap();
    redis.ping().await.unwrap();
    let _: String = tell(&server, &user(">other")).await;
    let _: u32 = tell(&server, &["CLIENT", "KILL", "USER", "app"]).await;
    eventually(LIMIT, "the password is refused", async || {
        matches!(redis.can_write().await, Err(StoreError::Denied(_)))
    })
    .await
    .unwrap();
    let _: String = tell(&server, &user(">right")).await;
    until_writable(&redis).await;
}

#[tokio::test]
async fn a_user_who_lost_his_rights_has_them_again_when_they_are_back() {
    let server = RedisServer::start().await.unwrap();
    let redis = Redis::open(&format!("{}?user=app&pass=right", server.url())).unwrap();
    let rights = |right: &'static str| {
        ["ACL", "SETUSER", "app", "on", ">right", "resetkeys", "~*", "+@all", right]
    };
    let _: String = tell(&server, &rights("-evalsha")).await;
    assert!(matches!(redis.can_write().await, Err(StoreError::Denied(_))));
    let _: String = tell(&server, &rights("+evalsha")).await;
    until_writable(&redis).await;
}

#[tokio::test]
async fn writes_follow_the_address_to_another_server() {
    let old = RedisServer::start().await.unwrap();
    let new = RedisServer::builder().tcp().start().await.unwrap();
    let address = Address::of(&old);
    let redis = Redis::open(&address.url()).unwrap();
    queue(&redis, "default").await;
    let mut renewals = redis.renewals();

    // The old server lives on as a replica and keeps its connections.
    address.move_to(&new);
    let port = new.tcp_address().unwrap().port().to_string();
    let _: String = tell(&old, &["REPLICAOF", "127.0.0.1", &port]).await;
    until_writable(&redis).await;
    queue(&redis, "default").await;
    assert!(tell::<bool>(&new, &["EXISTS", "antre:{default}:inbox"]).await);
    assert!(renewals.has_changed().unwrap());
    assert_eq!(*renewals.borrow_and_update(), redis.generation());
}

#[tokio::test]
async fn a_thousand_refusals_open_one_connection_a_second() {
    let primary = RedisServer::builder().tcp().start().await.unwrap();
    let replica = RedisServer::builder().replica_of(primary.tcp_address().unwrap());
    let replica = replica.start().await.unwrap();
    let redis = Redis::open(&replica.url()).unwrap();
    redis.ping().await.unwrap();
    for _ in 0..1_000 {
        assert!(matches!(redis.can_write().await, Err(StoreError::ReadOnly(_))));
    }
    // A busy machine may have needed seconds for that.
    assert!(redis.generation() < 10, "{} connections", redis.generation());
}

#[tokio::test]
async fn calls_in_between_share_a_failed_opening() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = tokio::spawn(async move {
        let mut accepted = 0_u32;
        while let Ok(connection) =
            tokio::time::timeout(Duration::from_secs(1), listener.accept()).await
        {
            // Closed at once.
            drop(connection.unwrap());
            accepted += 1;
        }
        accepted
    });
    let redis = Redis::open(&format!("redis://{address}")).unwrap();
    let calls = (0..1_000).map(|_| async { redis.ping().await.is_err() });
    let failed = futures_util::future::join_all(calls).await;
    assert!(failed.into_iter().all(|failed| failed));
    let accepted = accepted.await.unwrap();
    assert!(accepted < 50, "{accepted} connections");
}

#[tokio::test]
async fn nonsense_on_the_line_ends_the_connection() {
    let server = RedisServer::builder().tcp().start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let redis = Redis::open(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
    let address = server.tcp_address().unwrap();
    let line = tokio::spawn(async move {
        for is_first in [true, false] {
            let (mut client, _) = listener.accept().await.unwrap();
            if is_first {
                let mut buffer = [0; 4096];
                // Answers the greeting, and whatever comes then, with no reply at all.
                while let Ok(1..) = client.read(&mut buffer).await {
                    client.write_all(b"\x00budi@example.com\r\n").await.unwrap();
                }
            } else {
                let mut upstream = tokio::net::TcpStream::connect(address).await.unwrap();
                tokio::io::copy_bidirectional(&mut client, &mut upstream).await.ok();
            }
        }
    });
    let error = redis.ping().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("budi"), "{error}");
    until_writable(&redis).await;
    drop(redis);
    line.await.unwrap();
}

#[tokio::test]
async fn a_server_that_misses_its_replicas_takes_no_writes() {
    let server = RedisServer::start().await.unwrap();
    let redis = Redis::open(&server.url()).unwrap();
    redis.can_write().await.unwrap();
    let _: String = tell(&server, &["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    assert!(matches!(redis.can_write().await, Err(StoreError::ReadOnly(_))));
    let _: String = tell(&server, &["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    let _: String = tell(&server, &["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(matches!(redis.can_write().await, Err(StoreError::Full(_))));
    let _: String = tell(&server, &["CONFIG", "SET", "maxmemory", "0"]).await;
    redis.can_write().await.unwrap();
    assert!(!redis.is_stuck().await);
    assert_eq!(tell::<u32>(&server, &["DBSIZE"]).await, 0, "asking writes nothing");
}

#[tokio::test]
async fn a_waiter_for_results_follows_the_address() {
    let old = RedisServer::start().await.unwrap();
    let new = RedisServer::builder().tcp().start().await.unwrap();
    let address = Address::of(&old);
    let redis = Redis::open(&address.url()).unwrap();
    let queue = queue(&redis, "default").await;
    let mut waiter = queue.result_waiter(Duration::from_millis(10)).await.unwrap();
    assert_eq!(waiter.wait("1-0").await.unwrap(), None);
    address.move_to(&new);
    let _: u32 = tell(&new, &["RPUSH", "antre:{default}:result:1-0", "it"]).await;
    let _: u32 = tell(&old, &["CLIENT", "KILL", "ID", &shared_id(&old).await]).await;
    until_writable(&redis).await;
    assert_eq!(waiter.wait("1-0").await.unwrap().as_deref(), Some("it"));
}

/// Returns the id of the connection whose last command was a script's.
async fn shared_id(server: &RedisServer) -> String {
    let list: String = tell(server, &["CLIENT", "LIST"]).await;
    let line = list.lines().find(|line| line.contains("cmd=sadd")).unwrap();
    line.split(' ').find_map(|part| part.strip_prefix("id=")).unwrap().to_owned()
}
