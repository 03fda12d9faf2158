//! Status and health.

use antre_operating::UNUSED_AFTER;
use antre_store::claim::Unused;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Fixture, accept, claim, code, deliver, get, invalid, reject, text};

/// Takes the estimate out, which hangs on the instant of asking.
fn without_estimate(mut answer: Value, place: &str) -> Value {
    let estimate = answer[place].as_object_mut().unwrap().remove("estimated_wait_time").unwrap();
    assert!(estimate.as_u64().unwrap() <= 1, "{estimate}");
    answer
}

#[tokio::test]
async fn an_empty_queue_has_this_status() {
    let fixture = Fixture::start().await;
    let (status, answer) = fixture.get("/rate-limiter/status").await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({"success": true, "data": {
        "pending": 0, "processing": 0, "completed": 0, "failed": 0, "total_processed": 0,
        "total_failed": 0, "is_processing": false,
    }});
    assert_eq!(without_estimate(answer, "data"), expected);
}

/// One done, one refused, one running; pending: one waiting, one in the inbox, one due within the hour.
async fn fill(fixture: &Fixture) {
    let queue = &fixture.queue;
    deliver(queue, "INV-1").await;
    reject(queue, "INV-2").await;
    accept(queue, "INV-3", |_| {}).await;
    claim(queue).await;
    accept(queue, "INV-4", |_| {}).await;
    let now_ms = queue.redis().time_us().await.unwrap() / 1000;
    for (external_id, minutes) in [("INV-5", 30), ("INV-6", 90)] {
        let id = queue.submit(&["{}"]).await.unwrap().remove(0).unwrap();
        let submission = antre_store::intake::Submission {
            id,
            external_id: external_id.to_owned(),
            amount: "1".to_owned(),
            priority: "normal".to_owned(),
            run_at: (now_ms + minutes * 60_000).to_string(),
            ..Default::default()
        };
        queue.accept(&[submission]).await.unwrap();
    }
    queue.submit(&["{}"]).await.unwrap();
}

#[tokio::test]
async fn the_status_counts_jobs_by_what_they_wait_for() {
    let fixture = Fixture::start().await;
    fill(&fixture).await;
    let (_, answer) = fixture.get("/rate-limiter/status").await;
    let expected = json!({"success": true, "data": {
        "pending": 3, "processing": 1, "completed": 1, "failed": 1, "total_processed": 1,
        "total_failed": 1, "is_processing": true,
    }});
    assert_eq!(without_estimate(answer, "data"), expected);
}

#[tokio::test]
async fn accounts_add_up_unless_one_is_picked() {
    let mut fixture = Fixture::start().await;
    let other = fixture.add_account("brand-two").await;
    deliver(&fixture.queue, "INV-1").await;
    deliver(&other, "INV-1").await;
    reject(&other, "INV-2").await;
    for (path, completed, failed) in [
        ("/rate-limiter/status", 2, 1),
        ("/rate-limiter/status?account=default", 1, 0),
        ("/rate-limiter/status?account=brand-two", 1, 1),
    ] {
        let (_, answer) = fixture.get(path).await;
        assert_eq!(
            (&answer["data"]["completed"], &answer["data"]["failed"]),
            (&json!(completed), &json!(failed))
        );
    }
}

#[tokio::test]
async fn an_account_that_is_not_served_here_is_unknown() {
    let fixture = Fixture::start().await;
    for path in [
        "/rate-limiter/status?account=other",
        "/rate-limiter/health?account=other",
        "/rate-limiter/status?account=",
        "/rate-limiter/status?account=%7Bdefault%7D",
    ] {
        let (status, error) = fixture.get(path).await;
        assert_eq!((status, code(&error)), (StatusCode::NOT_FOUND, "unknown_account"), "{path}");
        assert_eq!(error["message"], "this worker does not serve that account; it serves default");
    }
    let (status, error) = fixture.get("/rate-limiter/status?account=a&account=b").await;
    assert_eq!((status, code(&error)), (StatusCode::BAD_REQUEST, "invalid_query"));
}

#[tokio::test]
async fn a_served_empty_queue_is_healthy() {
    let fixture = Fixture::start().await;
    let (status, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({"success": true, "status": "healthy", "queue_health": {
        "pending": 0, "processing": 0, "completed": 0, "failed": 0, "total_processed": 0,
        "total_failed": 0, "is_processing": false, "reasons": [],
    }});
    assert_eq!(without_estimate(answer, "queue_health"), expected);
}

#[tokio::test]
async fn work_under_way_is_processing() {
    let fixture = Fixture::start().await;
    accept(&fixture.queue, "INV-1", |_| {}).await;
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(
        (&answer["status"], &answer["queue_health"]["reasons"]),
        (&json!("processing"), &json!([]))
    );
}

#[tokio::test]
async fn more_than_a_hundred_pending_jobs_are_stress() {
    let fixture = Fixture::start().await;
    fixture.queue.submit(&["{}"; 101]).await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(answer["status"], "stressed");
    let reason = &answer["queue_health"]["reasons"][0];
    assert_eq!(
        (&reason["code"], &reason["account"], &reason["since"]),
        (&json!("pending"), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn more_than_fifty_failed_jobs_are_degradation() {
    let fixture = Fixture::start().await;
    for _ in 0..51 {
        accept(&fixture.queue, "", invalid).await;
    }
    let (status, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(
        (status, &answer["success"], &answer["status"]),
        (StatusCode::OK, &json!(true), &json!("degraded"))
    );
    let reasons = answer["queue_health"]["reasons"].as_array().unwrap();
    let codes: Vec<&Value> = reasons.iter().map(|reason| &reason["code"]).collect();
    assert!(
        codes.contains(&&json!("failed")) && codes.contains(&&json!("invalid_jobs")),
        "{codes:?}"
    );
}

#[tokio::test]
async fn a_persons_pause_is_told_with_who_when_and_why() {
    let fixture = Fixture::start().await;
    fixture.queue.pause("budi", "month end", None).await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    let since = answer["queue_health"]["reasons"][0]["since"].clone();
    assert!(since.as_u64().unwrap() > 1_600_000_000_000);
    let reason = json!([{
        "code": "paused", "account": "default", "since": since,
        "text": "paused by budi until antre resume: month end",
    }]);
    assert_eq!(
        (&answer["status"], &answer["queue_health"]["reasons"]),
        (&json!("degraded"), &reason)
    );
    fixture.queue.resume("budi").await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(answer["status"], "healthy");
}

#[tokio::test]
async fn an_account_without_a_live_worker_is_told() {
    let fixture = Fixture::start().await;
    fixture.queue.leave("tester").await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(answer["status"], "degraded");
    assert_eq!(answer["queue_health"]["reasons"][0]["code"], "no_worker");
}

#[tokio::test]
async fn an_inbox_that_nobody_serves_is_told_whatever_its_account() {
    let mut fixture = Fixture::start().await;
    let abandoned = fixture.add_account("abandoned").await;
    fixture.state = antre_admin::AdminState::new(
        fixture.queue.redis().clone(),
        vec!["default".parse().unwrap()],
    );
    abandoned.leave("tester").await.unwrap();
    assert_eq!(fixture.get("/rate-limiter/health").await.1["status"], "healthy");
    abandoned.submit(&["{}"]).await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    let reasons = json!([{
        "code": "unserved_inbox", "account": "abandoned", "since": null,
        "text": "1 jobs are in the inbox and no worker serves the account",
    }]);
    assert_eq!(
        (&answer["status"], &answer["queue_health"]["reasons"]),
        (&json!("degraded"), &reasons)
    );
    let (_, answer) = fixture.get("/rate-limiter/health?account=default").await;
    assert_eq!(answer["status"], "healthy");
}

#[tokio::test]
async fn without_redis_health_is_unhealthy_and_status_an_error() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let (status, answer) = fixture.get("/rate-limiter/health").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((&answer["success"], &answer["status"]), (&json!(false), &json!("unhealthy")));
    let [reason] = answer["queue_health"]["reasons"].as_array().unwrap().as_slice() else {
        panic!("{answer}");
    };
    assert_eq!(reason["code"], "redis_unavailable");
    let text = reason["text"].as_str().unwrap();
    assert!(text.starts_with("redis is unavailable: "), "{answer}");
    let (status, error) = fixture.get("/rate-limiter/status").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "redis_unavailable"));
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("redis is unavailable: "), "{error}");
}

#[tokio::test]
async fn metrics_are_the_processes_and_then_the_fleets() {
    let mut fixture = Fixture::start().await;
    fixture.state =
        fixture.state.clone().with_metrics(std::sync::Arc::new(|| "antre_own 1".to_owned()));
    fill(&fixture).await;
    let response = fixture.ask(get("/metrics")).await;
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = text(response).await;
    assert!(text.starts_with("antre_own 1\n# HELP antre_redis_up"), "{text}");
    for line in [
        "antre_redis_up 1",
        r#"antre_jobs{account="default",state="waiting"} 1"#,
        r#"antre_jobs{account="default",state="scheduled"} 2"#,
        r#"antre_jobs{account="default",state="running"} 1"#,
        r#"antre_jobs{account="default",state="done"} 1"#,
        r#"antre_jobs{account="default",state="dead"} 1"#,
        r#"antre_inbox{account="default"} 1"#,
        r#"antre_paused{account="default"} 0"#,
        r#"antre_breaker_open{account="default"} 0"#,
        r#"antre_served{account="default"} 1"#,
        r#"antre_events_total{account="default",event="accepted"} 6"#,
        r#"antre_events_total{account="default",event="done"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("# TYPE antre_events_total counter"));
    assert!(text.contains(r#"antre_estimated_wait_seconds{account="default"}"#));
    assert!(!text.contains("ready_us") && !text.contains("run_at"), "{text}");
}

#[tokio::test]
async fn grants_that_come_back_while_nothing_is_sent_are_a_reason_and_a_metric() {
    let fixture = Fixture::start().await;
    let queue = &fixture.queue;
    accept(queue, "INV-1", |_| {}).await;
    queue.give_back(&claim(queue).await, Unused::TooLate).await.unwrap();
    let begun_us = queue.redis().time_us().await.unwrap();
    let silence_us = u64::try_from(UNUSED_AFTER.as_micros()).unwrap() + 1_000_000;
    queue.set_clock(Some(begun_us + silence_us)).await.unwrap();
    queue.give_back(&claim(queue).await, Unused::TooLate).await.unwrap();
    let (_, answer) = fixture.get("/rate-limiter/health").await;
    let reasons = answer["queue_health"]["reasons"].as_array().unwrap();
    let reason = reasons.iter().find(|reason| reason["code"] == "unused_grants").unwrap();
    let text = reason["text"].as_str().unwrap();
    assert!(text.starts_with("redis answers too late for the send deadline"), "{answer}");
    let metrics = crate::support::text(fixture.ask(get("/metrics")).await).await;
    assert!(metrics.contains("antre_unused_grants{account=\"default\"} 1"), "{metrics}");
}
