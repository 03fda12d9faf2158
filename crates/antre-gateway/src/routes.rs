//! The routes, and what every request has in common: who calls, the headers of the answer, the line in the log.

use std::{sync::Arc, time::Duration};

use antre_store::gateway::Counted;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONNECTION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

use crate::{
    Gateway,
    answer::{Answer, JobSeen, Trouble},
    body,
    callers::{KnownCaller, Stranger},
    create, fresh_id, headers, measures,
};
use path::Route;

mod path;

/// How long the server below keeps an idle connection, as it announces.
pub const IDLE: Duration = Duration::from_mins(10);
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Who guesses keys is slowed down, and so many at once.
const REFUSAL_DELAY: Duration = Duration::from_millis(100);
/// Counts that are being written at once.
static COUNTS: Semaphore = Semaphore::const_new(100);
static REFUSALS: Semaphore = Semaphore::const_new(50);

/// Returns the routes. The server that owns the sockets bounds heads and connections.
pub fn router(gateway: Gateway) -> Router {
    Router::new().fallback(answer).with_state(gateway)
}

/// What a line of the log and a metric tell of a request.
struct Told<'a> {
    route: &'static str,
    caller: Option<&'a KnownCaller>,
}

async fn answer(State(gateway): State<Gateway>, request: Request) -> Response {
    let (Parts { method, uri, headers, .. }, body) = request.into_parts();
    let began = Instant::now();
    let route = path::route(&method, uri.path(), uri.query());
    // Each of these keeps the connection's read buffer of 8 KiB alive, and a caller may be held for long.
    drop((method, uri));
    let id = fresh_id::next();
    let mut response = match route {
        Ok(Route::Alive) => alive(&gateway).await,
        Ok(Route::Ready) => ready(&gateway).await,
        Err(trouble) => {
            body::drain(body).await;
            Answer::from(trouble).into_response()
        }
        Ok(route) => {
            let caller = gateway.setup().caller(&headers);
            let answer = match &caller {
                Ok(caller) => called(&gateway, caller, route.clone(), headers, body).await,
                Err(stranger) => refused(*stranger, body).await,
            };
            let told = Told { route: route.word(), caller: caller.as_ref().ok() };
            tell(&answer, &told, &id, began);
            count(&gateway, &answer, &told);
            answer.into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    HeaderValue::from_str(&id).map(|id| headers.insert(REQUEST_ID, id)).ok();
    if gateway.stopping().is_cancelled() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    } else if !headers.contains_key(CONNECTION) {
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        headers.insert(KEEP_ALIVE, HeaderValue::from_static("timeout=600"));
    }
    response
}

async fn called(
    gateway: &Gateway,
    caller: &KnownCaller,
    route: Route,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    if gateway.stopping().is_cancelled() {
        body::drain(body).await;
        return Trouble::ShuttingDown.into();
    }
    let read = match route {
        Route::Create => return create::answer(gateway, caller, headers, body).await,
        Route::Read(read) => read,
        Route::Alive | Route::Ready => return Trouble::NotServedHere.into(),
    };
    body::drain(body).await;
    if let Err(trouble) = headers::refuse_unsupported(&headers) {
        return trouble.into();
    }
    drop(headers);
    let Some(_place) = gateway.place() else { return Trouble::Busy.into() };
    let _held = measures::Held::begin();
    let line = gateway.line(&caller.account);
    tokio::select! {
        answer = line.reads.ask(read) => answer,
        () = gateway.stopping().cancelled() => Trouble::ShuttingDown.into(),
    }
}

async fn refused(stranger: Stranger, body: Body) -> Answer {
    if let Ok(_one_of_few) = REFUSALS.acquire().await {
        sleep(REFUSAL_DELAY).await;
    }
    body::drain(body).await;
    match stranger {
        Stranger::Unreadable => Trouble::UnreadableKey.into(),
        Stranger::Unknown => Trouble::UnknownKey.into(),
        Stranger::OtherUser => Trouble::OtherUser.into(),
    }
}

/// Counts a create for `antre status`, behind its answer. A Redis that does not count holds up nobody.
fn count(gateway: &Gateway, answer: &Answer, told: &Told<'_>) {
    let (Some(caller), "create") = (told.caller, told.route) else { return };
    let Ok(one_of_few) = COUNTS.try_acquire() else { return };
    let also = match answer.outcome {
        "still_queued" => Some(Counted::StillQueued),
        "conflict" | "already_paid" => Some(Counted::Misnamed),
        _ => None,
    };
    let counted: Vec<Counted> = [Counted::Create].into_iter().chain(also).collect();
    let (line, name) = (gateway.line(&caller.account), Arc::clone(&caller.name));
    tokio::spawn(async move {
        if let Err(error) = line.queue.count_create(&name, &counted).await {
            tracing::debug!(%error, "a create is not counted");
        }
        drop(one_of_few);
    });
}

/// Never the body, and never the key.
fn tell(answer: &Answer, told: &Told<'_>, id: &str, began: Instant) {
    let account = told.caller.map_or("", |caller| caller.account.as_str());
    let caller = told.caller.map_or("", |caller| &caller.name);
    measures::answered(account, caller, told.route, answer.outcome);
    let job = answer.job().map_or("", |JobSeen { job, .. }| job);
    tracing::info!(
        account,
        caller,
        route = told.route,
        job.id = job,
        outcome = answer.outcome,
        status = answer.status().as_u16(),
        duration_ms = began.elapsed().as_millis(),
        request.id = id,
        "gateway"
    );
}

async fn alive(gateway: &Gateway) -> Response {
    let is_stuck = gateway.redis().is_stuck().await;
    probe(!is_stuck, "calls to redis have failed for minutes: start this process again")
}

async fn ready(gateway: &Gateway) -> Response {
    match gateway.redis().ping().await {
        Ok(()) => probe(!gateway.stopping().is_cancelled(), "the gateway is stopping"),
        Err(error) => probe(false, &error.to_string()),
    }
}

fn probe(is_well: bool, trouble: &str) -> Response {
    let (status, body) = if is_well {
        (StatusCode::OK, json!({ "status": "ok" }))
    } else {
        let body = json!({ "error_code": "ANTRE_NOT_READY", "message": trouble });
        (StatusCode::SERVICE_UNAVAILABLE, body)
    };
    (status, axum::Json(body)).into_response()
}
