//! Who may read.

use antre_admin::{AdminState, Token, router};
use antre_store::Redis;
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use futures_util::stream;
use tower::ServiceExt;

use crate::support::{Fixture, code, get, json, post};

const TOKEN: &str = "correct-horse-battery";
const READING: [&str; 3] = ["/rate-limiter/status", "/rate-limiter/health", "/metrics"];
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

impl Fixture {
    fn change(&mut self, change: impl FnOnce(AdminState) -> AdminState) {
        self.state = change(self.state.clone());
    }

    async fn refusal(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let (status, error) = json(self.ask(request).await).await;
        (status, code(&error).to_owned(), error["message"].as_str().unwrap().to_owned())
    }
}

fn get_as(path: &str, host: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path).header("host", host);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_web_page_under_a_name_of_its_own_reads_nothing_but_probes() {
    let mut fixture = Fixture::start().await;
    for path in READING {
        for host in ["evil.example:8080", "localhost.evil.example", "10.0.0.1", ""] {
            let (status, code, message) = fixture.refusal(get_as(path, host, None)).await;
            assert_eq!((status, code.as_str()), (StatusCode::MISDIRECTED_REQUEST, "unknown_host"));
            assert!(message.contains("the option http_hosts"), "{message}");
        }
        let nameless = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(fixture.refusal(nameless).await.0, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    for path in PROBES {
        let response = fixture.ask(get_as(path, "evil.example", None)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
    fixture.change(|state| state.with_known_hosts(["antre.example".to_owned()]));
    for path in READING {
        let response = fixture.ask(get_as(path, "antre.example:8080", None)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn who_shows_the_token_reads_under_any_name() {
    let mut fixture = Fixture::start().await;
    fixture.change(|state| state.with_token(Token::new(TOKEN).unwrap()));
    for path in READING {
        let response = fixture.ask(get_as(path, "10.0.0.1:8080", Some(TOKEN))).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let wrong = fixture.refusal(get_as(path, "10.0.0.1", Some("wrong-wrong-wrong"))).await;
        assert_eq!(wrong.0, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn guarded_reading_needs_the_token_under_every_name_and_probes_do_not() {
    let mut fixture = Fixture::start().await;
    fixture.change(|state| state.with_token(Token::new(TOKEN).unwrap()).with_guarded_reading());
    for path in READING {
        for token in [None, Some("wrong-wrong-wrong"), Some("")] {
            let (status, code, message) = fixture.refusal(get_as(path, "localhost", token)).await;
            assert_eq!((status, code.as_str()), (StatusCode::UNAUTHORIZED, "unauthorized"));
            assert!(message.contains("authorization: Bearer <token>"), "{message}");
        }
        let response = fixture.ask(get_as(path, "10.0.0.1:8080", Some(TOKEN))).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
    for path in PROBES {
        let response = fixture.ask(get_as(path, "10.0.0.1", None)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn guarded_reading_without_a_token_is_closed_to_all() {
    let mut fixture = Fixture::start().await;
    fixture.change(AdminState::with_guarded_reading);
    for path in READING {
        assert_eq!(fixture.refusal(get(path)).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn open_metrics_need_nothing_and_open_nothing_else() {
    let mut fixture = Fixture::start().await;
    let token = Token::new(TOKEN).unwrap();
    fixture.change(|state| state.with_token(token).with_guarded_reading().with_open_metrics());
    let response = fixture.ask(get_as("/metrics", "10.0.0.1:8080", None)).await;
    assert_eq!(response.status(), StatusCode::OK);
    for path in ["/rate-limiter/status", "/rate-limiter/health"] {
        assert_eq!(fixture.refusal(get(path)).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_given_up() {
    // Never asked: nothing reads the queue before the body has arrived.
    let redis = Redis::open("redis://127.0.0.1:1").unwrap();
    let state = AdminState::new(redis, vec!["default".parse().unwrap()]);
    let quiet = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = post("/rate-limiter/retry-failed").body(quiet).unwrap();
    let response = router(state).oneshot(request).await.unwrap();
    let (status, error) = json(response).await;
    assert_eq!((status, code(&error)), (StatusCode::REQUEST_TIMEOUT, "body_too_slow"));
}
