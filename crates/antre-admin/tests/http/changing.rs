//! What changes something, and what it demands.

use antre_admin::{AdminState, Token};
use antre_core::Quota;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::support::{Fixture, accept, code, invalid, json, post, reject};

const PATH: &str = "/rate-limiter/retry-failed";

#[tokio::test]
async fn every_failed_invoice_that_can_change_is_retried() {
    let fixture = Fixture::start().await;
    reject(&fixture.queue, "INV-1").await;
    reject(&fixture.queue, "INV-2").await;
    let (status, mut answer) = fixture.post(PATH, "{}").await;
    assert_eq!(status, StatusCode::OK);
    assert!(answer["queue_status"]["estimated_wait_time"].take().as_u64().unwrap() <= 1);
    let expected = json!({
        "success": true,
        "message": "Retrying 2 failed invoices",
        "queue_status": {
            "pending": 2, "processing": 0, "completed": 0, "failed": 0, "total_processed": 0,
            "total_failed": 2, "is_processing": true, "estimated_wait_time": null,
        },
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn what_cannot_change_is_counted_and_stays() {
    let fixture = Fixture::start().await;
    // More than one portion, the oldest ones among them unchangeable.
    for _ in 0..150 {
        accept(&fixture.queue, "", invalid).await;
    }
    reject(&fixture.queue, "INV-1").await;
    accept(&fixture.queue, "INV-2", |_| {}).await;
    accept(&fixture.queue, "INV-2", |conflict| conflict.amount = "1".to_owned()).await;
    let (_, answer) = fixture.post(PATH, "").await;
    assert_eq!(
        answer["message"],
        "Retrying 1 failed invoices, 151 cannot change (invalid or conflict)"
    );
    assert_eq!(answer["queue_status"]["failed"], 151);
}

#[tokio::test]
async fn more_than_one_portion_of_dead_jobs_is_retried_at_once() {
    let fixture = Fixture::start().await;
    for number in 0..250 {
        accept(&fixture.queue, &format!("INV-{number}"), |_| {}).await;
    }
    let died = Outcome::Job(JobOutcome::FoundDead(Box::default()));
    for _ in 0..250 {
        let grant = crate::support::claim(&fixture.queue).await;
        fixture.queue.finish(&grant, &died, Quota::default()).await.unwrap();
    }
    let (_, answer) = fixture.post(PATH, "{}").await;
    assert_eq!(answer["message"], "Retrying 250 failed invoices");
}

#[tokio::test]
async fn one_account_is_retried_when_the_address_or_the_body_names_it() {
    let mut fixture = Fixture::start().await;
    let other = fixture.add_account("brand-two").await;
    reject(&fixture.queue, "INV-1").await;
    reject(&other, "INV-1").await;
    let (_, answer) = fixture.post(PATH, r#"{"account":"brand-two"}"#).await;
    assert_eq!(answer["message"], "Retrying 1 failed invoices");
    assert_eq!(answer["queue_status"]["pending"], 1);
    let (_, answer) = fixture.post(&format!("{PATH}?account=brand-two"), "").await;
    assert_eq!(answer["message"], "Retrying 0 failed invoices");
    assert_eq!(fixture.queue.status().await.unwrap().dead, 1);
    let (status, error) = fixture.post(PATH, r#"{"account":"other"}"#).await;
    assert_eq!((status, code(&error)), (StatusCode::NOT_FOUND, "unknown_account"));
    let body = r#"{"account":"default"}"#;
    let (status, error) = fixture.post(&format!("{PATH}?account=brand-two"), body).await;
    assert_eq!((status, code(&error)), (StatusCode::BAD_REQUEST, "invalid_body"));
}

#[tokio::test]
async fn a_request_under_an_unknown_name_changes_nothing() {
    let fixture = Fixture::start().await;
    reject(&fixture.queue, "INV-1").await;
    for host in ["evil.example", "localhost.evil.example", "evil.example:8080", "10.0.0.1", ""] {
        let request = Request::post(PATH)
            .header("host", host)
            .header("content-type", "application/json")
            .body(Body::from("{}"))
            .unwrap();
        let (status, error) = json(fixture.ask(request).await).await;
        assert_eq!(
            (status, code(&error)),
            (StatusCode::MISDIRECTED_REQUEST, "unknown_host"),
            "{host}"
        );
    }
    let twice = post(PATH).header("host", "evil.example").body(Body::from("{}")).unwrap();
    assert_eq!(fixture.ask(twice).await.status(), StatusCode::MISDIRECTED_REQUEST);
    let none = Request::post(PATH).header("content-type", "application/json").body(Body::empty());
    assert_eq!(fixture.ask(none.unwrap()).await.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(fixture.queue.status().await.unwrap().dead, 1);
}

#[tokio::test]
async fn known_names_are_those_of_loopback_and_of_the_configuration() {
    let mut fixture = Fixture::start().await;
    fixture.state = fixture.state.clone().with_known_hosts(["Antre.example:8080".to_owned()]);
    for host in ["localhost", "127.0.0.1:8080", "[::1]:8080", "antre.example", "ANTRE.example:9"] {
        let request = Request::post(PATH)
            .header("host", host)
            .header("content-type", "application/json; charset=utf-8")
            .body(Body::empty())
            .unwrap();
        assert_eq!(fixture.ask(request).await.status(), StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn a_form_of_a_strange_web_page_changes_nothing() {
    let fixture = Fixture::start().await;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonx"),
    ] {
        let mut request = Request::post(PATH).header("host", "localhost");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let (status, error) =
            json(fixture.ask(request.body(Body::from("{}")).unwrap()).await).await;
        assert_eq!(
            (status, code(&error)),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
        );
    }
}

#[tokio::test]
async fn with_a_token_set_only_its_holder_changes_something_and_this_machine_reads() {
    let mut fixture = Fixture::start().await;
    let redis = fixture.queue.redis().clone();
    fixture.state = AdminState::new(redis, vec!["default".parse().unwrap()])
        .with_token(Token::new("correct-horse-battery").unwrap());
    for shown in
        [None, Some("Bearer wrong"), Some("Basic correct-horse-battery"), Some("Bearer"), Some("")]
    {
        let mut request = post(PATH);
        if let Some(shown) = shown {
            request = request.header("authorization", shown);
        }
        let response = fixture.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let (status, error) = json(response).await;
        assert_eq!((status, code(&error)), (StatusCode::UNAUTHORIZED, "unauthorized"), "{shown:?}");
    }
    let request = post(PATH).header("authorization", "bearer correct-horse-battery");
    assert_eq!(fixture.ask(request.body(Body::empty()).unwrap()).await.status(), StatusCode::OK);
    for path in ["/rate-limiter/status", "/rate-limiter/health", "/healthz", "/readyz", "/metrics"]
    {
        assert_eq!(fixture.ask(crate::support::get(path)).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_and_understood_or_refused() {
    let fixture = Fixture::start().await;
    let large = format!("{{\"account\":\"{}\"}}", "x".repeat(64 * 1024));
    let (status, error) = fixture.post(PATH, &large).await;
    assert_eq!((status, code(&error)), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    for body in ["[]", "{\"acount\":\"default\"}", "not json", "{\"account\":5}"] {
        let (status, error) = fixture.post(PATH, body).await;
        assert_eq!((status, code(&error)), (StatusCode::BAD_REQUEST, "invalid_body"), "{body}");
    }
}

#[tokio::test]
async fn without_redis_nothing_is_retried() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let (status, error) = fixture.post(PATH, "{}").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "redis_unavailable"));
}
