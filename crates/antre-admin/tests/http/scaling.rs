//! How many workers are of use.

use antre_admin::{AdminState, Token};
use antre_store::{Redis, request_time::RequestTime};
use antre_testkit::RedisServer;
use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Fixture, accept, claim, code, get, json as body};

#[tokio::test]
async fn what_workers_remembered_of_their_requests_decides() {
    let fixture = Fixture::start().await;
    // Nothing was measured: 10,000 in 100 ms, of 1 s each, in 5 places.
    let (status, answer) = fixture.get("/scaling").await;
    assert_eq!((status, &answer["useful_workers"]), (StatusCode::OK, &json!(20_000)));
    let time = RequestTime { p95_ms: 1, concurrency: 10 };
    fixture.queue.note_request_time(time).await.unwrap();
    let (_, answer) = fixture.get("/scaling").await;
    let expected =
        json!({"useful_workers": 10, "waiting": 0, "unfinished": 0, "estimated_wait_s": 0});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn it_tells_what_waits_and_what_is_unfinished() {
    let mut fixture = Fixture::start().await;
    let other = fixture.add_account("brand-two").await;
    accept(&fixture.queue, "INV-1", |_| {}).await;
    claim(&fixture.queue).await;
    accept(&fixture.queue, "INV-2", |_| {}).await;
    accept(&other, "INV-1", |_| {}).await;
    other.submit(&["{}"]).await.unwrap();
    for (path, waiting, unfinished) in [
        ("/scaling", 3, 4),
        ("/scaling?account=default", 1, 2),
        ("/scaling?account=brand-two", 2, 2),
    ] {
        let (_, answer) = fixture.get(path).await;
        let found = (&answer["waiting"], &answer["unfinished"]);
        assert_eq!(found, (&json!(waiting), &json!(unfinished)), "{path}");
    }
    let (status, error) = fixture.get("/scaling?account=other").await;
    assert_eq!((status, code(&error)), (StatusCode::NOT_FOUND, "unknown_account"));
}

#[tokio::test]
async fn it_is_guarded_like_other_reading_and_needs_redis() {
    let mut fixture = Fixture::start().await;
    let open = fixture.state.clone();
    let token = Token::new("correct-horse-battery").unwrap();
    fixture.state = open.clone().with_token(token).with_guarded_reading();
    assert_eq!(fixture.get("/scaling").await.0, StatusCode::UNAUTHORIZED);
    fixture.state = open;
    fixture.server.stop().await.unwrap();
    let (status, error) = fixture.get("/scaling").await;
    assert_eq!((status, code(&error)), (StatusCode::SERVICE_UNAVAILABLE, "redis_unavailable"));
}

#[tokio::test]
async fn a_process_without_a_worker_is_ready_also_where_redis_takes_no_writes() {
    let primary = RedisServer::builder().tcp().start().await.unwrap();
    let replica = RedisServer::builder().replica_of(primary.tcp_address().unwrap());
    let mut fixture = Fixture::start().await;
    let mut replica = replica.start().await.unwrap();
    let state = AdminState::new(Redis::open(&replica.url()).unwrap(), Vec::new());
    fixture.state = state.clone();
    assert_eq!(fixture.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    fixture.state = state.with_reading_only();
    assert_eq!(
        body(fixture.ask(get("/readyz")).await).await,
        (StatusCode::OK, json!({"status": "ready"}))
    );
    replica.stop().await.unwrap();
    assert_eq!(fixture.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
}
