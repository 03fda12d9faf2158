//! What other programs put into an inbox, as both ways of reading it see it.

use std::time::Duration;

use antre_core::account::AccountName;
use antre_store::{Queue, Redis, StoreError, inbox_listener::InboxListener, intake::InboxEntry};
use antre_testkit::{FaultProxy, RedisServer};

use crate::support::{queue, tell, tell_bytes};

const BLOCK: Duration = Duration::from_millis(50);
const CUT: usize = 1_000;
const INBOX: &str = "antre:{default}:inbox";

async fn start() -> (RedisServer, Redis, Queue) {
    let server = RedisServer::builder().tcp().start().await.unwrap();
    let redis = Redis::open(&server.url()).unwrap();
    let queue = queue(&redis, "default").await;
    (server, redis, queue)
}

fn names(accounts: &[&str]) -> Vec<AccountName> {
    accounts.iter().map(|name| name.parse().unwrap()).collect()
}

/// Returns the first entry as the listener and as the script read it.
async fn both(redis: &Redis, queue: &Queue) -> (InboxEntry, InboxEntry) {
    let mut inbox_listener = InboxListener::open(redis, &names(&["default"]), BLOCK).await.unwrap();
    let (_, heard) = inbox_listener.rung(CUT).await.unwrap().remove(0);
    let read = queue.read_inbox(64, CUT, "worker").await.unwrap().remove(0);
    (heard, read)
}

#[tokio::test]
async fn names_that_are_no_text_and_names_that_occur_twice_are_kept_as_they_are() {
    let (server, redis, queue) = start().await;
    let entries: [&[&[u8]]; 5] = [
        &[b"job", b"{}", b"\xe9tat", b"x"],
        &[b"job", b"one", b"job", b"two"],
        &[b"\xff\x00", b"\xfe"],
        &[b"job", &[b'x'; 3_000]],
        &[b"a", b"1", b"b", b"2", b"c", b"3", b"d", b"4", b"job", b"{}"],
    ];
    for fields in entries {
        let id = tell_bytes(&server, &["XADD", INBOX, "*"], fields).await;
        let (heard, read) = both(&redis, &queue).await;
        assert_eq!((&heard.id, &heard.fields), (&id, &read.fields));
        let expected = fields
            .chunks(2)
            .take(4)
            .map(|pair| (pair[0].to_vec(), pair[1].iter().take(CUT).copied().collect::<Vec<u8>>()));
        assert_eq!(heard.fields, expected.collect::<Vec<_>>());
        let _: u32 = tell(&server, &["XDEL", INBOX, &id]).await;
    }
}

#[tokio::test]
async fn a_listener_without_entries_hears_nothing_and_tells_whose_entry_it_is() {
    let (server, redis, _queue) = start().await;
    queue(&redis, "other").await;
    let accounts = names(&["default", "nobody", "other"]);
    let mut inbox_listener = InboxListener::open(&redis, &accounts, BLOCK).await.unwrap();
    assert!(inbox_listener.rung(CUT).await.unwrap().is_empty());
    for inbox in ["antre:{other}:inbox", INBOX] {
        let _: String = tell(&server, &["XADD", inbox, "*", "job", inbox]).await;
    }
    let rings = inbox_listener.rung(CUT).await.unwrap();
    let heard = rings.iter().map(|(position, entry)| (*position, entry.fields[0].1.as_slice()));
    let expected = [(0, INBOX.as_bytes()), (2, b"antre:{other}:inbox".as_slice())];
    assert_eq!(heard.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn of_an_entry_of_64_megabytes_little_is_received() {
    let (server, _redis, queue) = start().await;
    let proxy = FaultProxy::start(server.tcp_address().unwrap()).await.unwrap();
    let redis = Redis::open(&proxy.redis_url()).unwrap();
    let huge = vec![b'x'; 64 << 20];
    let id = tell_bytes(&server, &["XADD", INBOX, "*", "job"], &[&huge]).await;

    let mut inbox_listener =
        InboxListener::open(&redis, &names(&["default"]), BLOCK).await.unwrap();
    let error = inbox_listener.rung(CUT).await.unwrap_err();
    assert!(matches!(error, StoreError::Oversized { .. }), "{error}");
    drop(inbox_listener);
    let read = queue.read_inbox(64, CUT, "worker").await.unwrap().remove(0);
    assert_eq!((read.id, read.fields[0].1.len()), (id, CUT));
    let received = proxy.counts().to_client_bytes;
    assert!(received < 16 << 20, "{received} bytes");
}

#[tokio::test]
async fn over_a_socket_of_its_own_the_listener_shows_its_password() {
    let server = RedisServer::start().await.unwrap();
    let _: String =
        tell(&server, &["ACL", "SETUSER", "app", "on", ">right", "resetkeys", "~*", "&*", "+@all"])
            .await;
    let redis = Redis::open(&format!("{}?user=app&pass=right&db=3", server.url())).unwrap();
    let mut inbox_listener =
        InboxListener::open(&redis, &names(&["default"]), BLOCK).await.unwrap();
    assert!(inbox_listener.rung(CUT).await.unwrap().is_empty());
    let clients: String = tell(&server, &["CLIENT", "LIST"]).await;
    assert!(
        clients.lines().any(|line| line.contains("cmd=xread") && line.contains("db=3")),
        "{clients}"
    );
}

#[tokio::test]
async fn a_demoted_server_is_heard_of_at_once() {
    let (server, redis, _queue) = start().await;
    let accounts = names(&["default"]);
    let mut inbox_listener =
        InboxListener::open(&redis, &accounts, Duration::from_mins(1)).await.unwrap();
    let demotion = async {
        antre_testkit::eventually(crate::support::LIMIT, "the inbox_listener waits", async || {
            let clients: String = tell(&server, &["CLIENT", "LIST"]).await;
            clients.lines().any(|line| line.contains("cmd=xread") && line.contains("flags=b"))
        })
        .await
        .unwrap();
        let _: String = tell(&server, &["REPLICAOF", "127.0.0.1", "1"]).await;
    };
    let (rung, ()) = tokio::join!(inbox_listener.rung(CUT), demotion);
    let error = rung.unwrap_err();
    assert!(error.concerns_server(), "{error}");
    assert_eq!(error.to_string(), "redis is unavailable: this server has become a replica");
}

#[tokio::test]
async fn an_inbox_of_another_type_is_named() {
    let (server, redis, _queue) = start().await;
    let _: String = tell(&server, &["SET", "antre:{other}:inbox", "x"]).await;
    let accounts = names(&["default", "other", "nobody"]);
    let mut inbox_listener = InboxListener::open(&redis, &accounts, BLOCK).await.unwrap();
    assert!(matches!(inbox_listener.rung(CUT).await, Err(StoreError::WrongType(_))));
    assert_eq!(redis.inbox_types(&accounts).await.unwrap(), ["stream", "string", "none"]);
}

#[tokio::test]
async fn results_of_entries_that_are_no_text_are_read_as_well_as_it_goes() {
    let (server, _redis, queue) = start().await;
    let _ = tell_bytes(
        &server,
        &["XADD", "antre:{default}:ended", "*"],
        &[b"job", b"\xff", b"x", b"1"],
    )
    .await;
    let mut waiter = queue.result_waiter(BLOCK).await.unwrap();
    let ends = waiter.ends("0", 10).await.unwrap();
    assert_eq!(ends[0].job, "\u{fffd}");
    assert!(waiter.ends(&ends[0].entry, 10).await.unwrap().is_empty());
}
