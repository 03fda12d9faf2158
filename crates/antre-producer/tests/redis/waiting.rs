//! Results.

use std::time::Duration;

use antre_producer::{EndState, Error, JobId, NewJob, Unfinished};
use antre_testkit::{AppendFsync, RedisServer};
use serde_json::json;

use crate::support::{Fixture, LIMIT, job};

const SHORT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_result_is_there_for_everybody_and_again() {
    let fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    fixture.deliver().await;
    for _ in 0..2 {
        let result = fixture.producer.wait(&id, LIMIT).await.unwrap();
        assert_eq!((&result.job, result.state), (&id, EndState::Done));
        assert_eq!(result.invoice_url.as_deref(), Some("https://checkout.example/INV-1"));
        assert_eq!(result.response.unwrap().get(), r#"{"status":"PENDING"}"#);
    }
}

#[tokio::test]
async fn a_wait_that_began_before_the_end_is_woken_by_it() {
    let fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    let waiting = fixture.producer.wait(&id, LIMIT);
    let ending = async {
        fixture.somebody_blocks().await;
        fixture.deliver().await;
    };
    let (result, ()) = tokio::join!(waiting, ending);
    assert_eq!(result.unwrap().state, EndState::Done);
}

#[tokio::test]
async fn a_dead_job_has_a_result_that_says_why() {
    let fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    fixture.reject().await;
    let result = fixture.producer.wait(&id, LIMIT).await.unwrap();
    assert_eq!(result.state, EndState::Dead);
    assert_eq!(result.error.unwrap().code, "API_VALIDATION_ERROR");
}

#[tokio::test]
async fn a_result_that_somebody_took_away_is_told_from_the_record_and_the_bill() {
    let fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    fixture.deliver().await;
    let _: () = fixture.ask(&["DEL", &fixture.queue.keys().result(id.as_str())]).await;
    let told = fixture.producer.wait(&id, LIMIT).await.unwrap();
    assert_eq!((told.state, told.is_bill_result), (EndState::Done, true));
    assert!(told.invoice_url.is_some_and(|url| url.starts_with("https://")));
}

#[tokio::test]
async fn a_job_that_has_not_ended_in_time_is_not_lost_and_an_unknown_one_is_said_so() {
    let fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    let in_the_inbox = fixture.producer.wait(&id, SHORT).await.unwrap_err();
    assert!(matches!(in_the_inbox, Error::NotEnded { .. }), "{in_the_inbox}");
    fixture.accept_all().await;
    let waiting = fixture.producer.wait(&id, SHORT).await.unwrap_err();
    assert!(matches!(waiting, Error::NotEnded { .. }), "{waiting}");
    let never_sent: JobId = "1-1".parse().unwrap();
    let unknown = fixture.producer.wait(&never_sent, LIMIT).await.unwrap_err();
    assert!(matches!(unknown, Error::UnknownJob { .. }), "{unknown}");
}

#[tokio::test]
async fn a_wait_outlives_a_restart_of_redis() {
    let server = RedisServer::builder().append_only(AppendFsync::Always);
    let mut fixture = Fixture::start_on(server).await;
    let id = fixture.enqueue("INV-1").await;
    let producer = fixture.producer.clone();
    let waiting = tokio::spawn(async move { producer.wait(&id, LIMIT).await });
    fixture.somebody_blocks().await;
    fixture.restart().await;
    fixture.somebody_blocks().await;
    fixture.deliver().await;
    assert_eq!(waiting.await.unwrap().unwrap().state, EndState::Done);
}

#[tokio::test]
async fn a_wait_while_redis_is_gone_says_so() {
    let mut fixture = Fixture::start().await;
    let id = fixture.enqueue("INV-1").await;
    fixture.server.stop().await.unwrap();
    let error = fixture.producer.wait(&id, Duration::from_millis(200)).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
}

#[tokio::test]
async fn many_results_come_once_each_whether_they_ended_before_or_during_the_wait() {
    let fixture = Fixture::start().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(fixture.enqueue(&format!("INV-{number}")).await);
    }
    fixture.deliver().await;
    fixture.reject().await;
    let mut seen = Vec::new();
    let waiting = fixture.producer.wait_many(&ids, LIMIT, |result| {
        seen.push((result.external_id.unwrap(), result.state));
    });
    let ending = async {
        fixture.somebody_blocks().await;
        for _ in 2..6 {
            fixture.deliver().await;
        }
    };
    let (unfinished, ()) = tokio::join!(waiting, ending);
    assert!(unfinished.unwrap().is_empty());
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    let expected: Vec<(String, EndState)> = (0..6)
        .map(|number| {
            (format!("INV-{number}"), if number == 1 { EndState::Dead } else { EndState::Done })
        })
        .collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn jobs_without_a_result_are_told_apart() {
    let fixture = Fixture::start().await;
    let late = fixture.enqueue("INV-1").await;
    let unknown: JobId = "1-1".parse().unwrap();
    let ids = [unknown.clone(), late.clone()];
    let unfinished =
        fixture.producer.wait_many(&ids, SHORT, |result| panic!("{result:?}")).await.unwrap();
    // The first look may not have been over in so short a time.
    if !unfinished.unknown.is_empty() {
        assert_eq!(unfinished, Unfinished { late: vec![late], unknown: vec![unknown] });
    }
}

#[tokio::test]
async fn waiting_for_many_outlives_a_restart_of_redis() {
    let server = RedisServer::builder().append_only(AppendFsync::Always);
    let mut fixture = Fixture::start_on(server).await;
    let ids = [fixture.enqueue("INV-1").await, fixture.enqueue("INV-2").await];
    fixture.deliver().await;
    let producer = fixture.producer.clone();
    let waiting = tokio::spawn(async move {
        let mut count = 0;
        let unfinished = producer.wait_many(&ids, LIMIT, |_| count += 1).await.unwrap();
        (unfinished.is_empty(), count)
    });
    fixture.somebody_blocks().await;
    fixture.restart().await;
    fixture.deliver().await;
    assert_eq!(waiting.await.unwrap(), (true, 2));
}

#[tokio::test]
async fn a_batch_is_over_when_every_job_of_it_needs_nothing_more() {
    let fixture = Fixture::start().await;
    let batch = |external_id: &str| {
        NewJob::new(&json!({"external_id": external_id, "amount": 5})).unwrap().batch("2026-12")
    };
    // The third is a duplicate of the first.
    let jobs = [batch("INV-1"), batch("INV-2"), batch("INV-1")];
    fixture.producer.enqueue_many(&jobs, |_| {}).await.unwrap();
    fixture.producer.enqueue(&job("INV-9")).await.unwrap();
    let waiting = fixture.producer.wait_batch("2026-12", 3, LIMIT, |_| {});
    let ending = async {
        fixture.deliver().await;
        fixture.reject().await;
    };
    let (progress, ()) = tokio::join!(waiting, ending);
    assert_eq!(
        progress.unwrap().to_string(),
        "3 accepted, 1 done, 1 dead, 0 cancelled, 1 duplicates"
    );
    let error = fixture.producer.wait_batch("2026-12", 4, SHORT, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::BatchNotEnded { .. }), "{error}");
}
