//! One job.

use antre_producer::{Error, NewJob, Producer};
use antre_testkit::RedisServer;
use serde_json::json;

use crate::support::{Fixture, job};

#[tokio::test]
async fn a_job_is_in_the_inbox_as_it_was_written_under_the_id_that_was_returned() {
    let fixture = Fixture::start().await;
    let id = fixture.producer.enqueue(&job("INV-1")).await.unwrap();
    let entries = fixture.queue.read_inbox(10, 1000, "tester").await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].id, id.as_str());
    assert_eq!(entries[0].fields, [(b"job".to_vec(), job("INV-1").into_bytes())]);
}

#[tokio::test]
async fn a_job_that_would_be_refused_is_not_sent() {
    let fixture = Fixture::start().await;
    let invalid = NewJob::new(&json!({"external_id": "INV-1", "amount": 0})).unwrap();
    let error = fixture.producer.enqueue(&invalid).await.unwrap_err();
    assert_eq!(error.to_string(), "invalid job: invoice.amount must be greater than 0");
    assert_eq!(fixture.queue.inbox_length().await.unwrap(), 0);
}

#[tokio::test]
async fn an_account_that_nobody_serves_is_named_with_those_that_are() {
    let fixture = Fixture::start().await;
    let url = fixture.server.url();
    let mistyped = Producer::connect(&url, "defualt".parse().unwrap()).await.unwrap();
    let error = mistyped.enqueue(&job("INV-1")).await.unwrap_err();
    assert!(matches!(&error, Error::NotServed { known, .. } if *known == ["default"]), "{error}");
    let text = error.to_string();
    assert!(text.contains("`defualt`") && text.contains("start a worker"), "{text}");
    let keys: Vec<String> = fixture.ask(&["KEYS", "antre:{defualt}:*"]).await;
    assert_eq!(keys, [""; 0]);
}

#[tokio::test]
async fn connecting_fails_where_no_redis_answers() {
    let mut server = RedisServer::start().await.unwrap();
    let url = server.url();
    server.stop().await.unwrap();
    let error = Producer::connect(&url, "default".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    let error = Producer::connect("http://x", "default".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
}

#[tokio::test]
async fn a_producer_goes_on_after_redis_was_restarted() {
    let mut fixture =
        Fixture::start_on(RedisServer::builder().append_only(antre_testkit::AppendFsync::Always))
            .await;
    let first = fixture.enqueue("INV-1").await;
    fixture.restart().await;
    let second = antre_testkit::eventually(crate::support::LIMIT, "enqueued", async || {
        fixture.producer.enqueue(&job("INV-2")).await.map(Some)
    })
    .await
    .unwrap();
    assert!(second > first);
    assert_eq!(fixture.queue.inbox_length().await.unwrap(), 2);
}
