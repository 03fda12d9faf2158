//! Probes, and what belongs to no route.

use std::sync::Arc;

use antre_admin::AdminState;
use antre_store::Redis;
use antre_testkit::RedisServer;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::json;

use crate::support::{Fixture, code, get, json, text};

#[tokio::test]
async fn a_process_lives_whatever_became_of_redis() {
    let mut fixture = Fixture::start().await;
    assert_eq!(fixture.get("/healthz").await, (StatusCode::OK, json!({"status": "ok"})));
    fixture.server.stop().await.unwrap();
    assert_eq!(fixture.get("/healthz").await, (StatusCode::OK, json!({"status": "ok"})));
}

#[tokio::test]
async fn a_worker_is_ready_when_it_is_configured_and_redis_answers() {
    let mut fixture = Fixture::start().await;
    assert_eq!(fixture.get("/readyz").await, (StatusCode::OK, json!({"status": "ready"})));

    let configured = fixture.state.clone();
    fixture.state = configured.clone().with_readiness(Arc::new(|| Some("no redis".to_owned())));
    let (status, error) = fixture.get("/readyz").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "not_ready"));
    assert_eq!(error["message"], "no redis");

    fixture.state = configured;
    fixture.server.stop().await.unwrap();
    let (status, error) = fixture.get("/readyz").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "redis_unavailable"));
}

#[tokio::test]
async fn a_replica_is_not_ready_to_be_worked_with() {
    let mut fixture = Fixture::start().await;
    let primary = RedisServer::builder().tcp().start().await.unwrap();
    let replica = RedisServer::builder().replica_of(primary.tcp_address().unwrap());
    let replica = replica.start().await.unwrap();
    fixture.state = AdminState::new(Redis::open(&replica.url()).unwrap(), Vec::new());
    let (status, error) = fixture.get("/readyz").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "redis_unavailable"));
    assert_eq!(fixture.get("/healthz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn metrics_without_redis_say_so_and_keep_the_processes_own() {
    let mut fixture = Fixture::start().await;
    fixture.state = fixture.state.clone().with_metrics(Arc::new(|| "antre_own 1\n".to_owned()));
    fixture.server.stop().await.unwrap();
    let response = fixture.ask(get("/metrics")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let text = text(response).await;
    assert!(text.contains("antre_own 1\n") && text.ends_with("\nantre_redis_up 0\n"), "{text}");
}

#[tokio::test]
async fn what_is_no_route_or_no_method_is_an_error_like_all_others() {
    let fixture = Fixture::start().await;
    let (status, error) = fixture.get("/rate-limiter").await;
    assert_eq!((status, code(&error)), (StatusCode::NOT_FOUND, "not_found"));

    let response = fixture.ask(get("/rate-limiter/retry-failed")).await;
    assert_eq!(response.headers()["allow"], "POST");
    let (status, error) = json(response).await;
    assert_eq!((status, code(&error)), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));

    let delete = Request::delete("/rate-limiter/status").body(Body::empty()).unwrap();
    let response = fixture.ask(delete).await;
    assert_eq!(response.headers()["allow"], "GET,HEAD");
    assert_eq!(json(response).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let fixture = Fixture::start().await;
    for path in ["/rate-limiter/status", "/rate-limiter/health", "/healthz", "/readyz", "/metrics"]
    {
        let mut request = get(path);
        *request.method_mut() = Method::HEAD;
        let response = fixture.ask(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(text(response).await, "", "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_is_not_cached() {
    let fixture = Fixture::start().await;
    let one = fixture.ask(get("/healthz")).await;
    let other = fixture.ask(get("/nothing")).await;
    assert_ne!(one.headers()["x-request-id"], other.headers()["x-request-id"]);
    assert_eq!(one.headers()["cache-control"], "no-store");
    let id = other.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(json(other).await.1["request_id"], id);
}
