use antre_testkit::queue::QueueFixture;

use super::*;
use crate::tests::{NOWHERE, TEST_KEY, account};

#[tokio::test]
async fn a_live_key_is_served_only_while_redis_keeps_what_it_acknowledges() {
    let QueueFixture { server, .. } = QueueFixture::start().await;
    let live = account(&server.url(), NOWHERE, "xnd_production_abc");
    let trouble = async || {
        check_server(&live).await.unwrap();
        assert_eq!(live.is_durable(), live.trouble().is_none());
        live.trouble().unwrap_or_default()
    };
    let volatile = trouble().await;
    assert!(volatile.contains("add `appendonly yes`"), "{volatile}");
    server.set_config("appendonly", "yes").await.unwrap();
    server.set_config("maxmemory-policy", "allkeys-lru").await.unwrap();
    let evicting = trouble().await;
    assert!(evicting.contains("add `maxmemory-policy noeviction`"), "{evicting}");
    assert!(!evicting.contains("appendonly"), "{evicting}");
    server.set_config("maxmemory-policy", "noeviction").await.unwrap();
    assert_eq!(trouble().await, "");
    server.set_config("appendonly", "no").await.unwrap();
    assert_eq!(trouble().await, volatile, "it changes while the worker runs");
}

#[tokio::test]
async fn a_test_key_is_served_from_any_redis() {
    let QueueFixture { server, .. } = QueueFixture::start().await;
    let test = account(&server.url(), NOWHERE, TEST_KEY);
    check_server(&test).await.unwrap();
    assert_eq!(test.trouble(), None);
}
