//! The control routes under `/_sim/`: what tests and people do to the simulated Xendit.
//!
//! They need no key and appear in no ledger. Bodies are JSON whatever the content type says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::account::{Merchant, Rights, account_of};
use crate::book::{Invoice, NotPending};
use crate::latency::Latency;
use crate::limits::Limits;
use crate::locked::locked;
use crate::options::SecretKey;
use crate::simulation::Simulation;
use crate::span::parse_span;

/// How many arrivals one page of the ledger holds at most, and unless asked otherwise.
const PAGE_MAX: usize = 10_000;
const PAGE_DEFAULT: usize = 1_000;

type Shared = State<Arc<Simulation>>;
type Answer = Result<axum::Json<Value>, Refused>;

/// Why a control request was refused.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn invalid(reason: &impl ToString) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "invalid", message: reason.to_string() }
    }

    fn not_found(reason: &impl ToString) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", message: reason.to_string() }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.code, "message": self.message });
        (self.status, axum::Json(body)).into_response()
    }
}

pub(crate) fn routes(simulation: Arc<Simulation>) -> Router {
    Router::new()
        .route("/_sim/healthz", get(healthz))
        .route("/_sim/ledger", get(ledger))
        .route("/_sim/summary", get(summary))
        .route("/_sim/invoices", get(invoices))
        .route("/_sim/invoices/{id}/pay", post(pay))
        .route("/_sim/invoices/{id}/expire", post(run_out))
        .route("/_sim/invoices/{id}/expire-by-hand", post(expire_by_hand))
        .route("/_sim/invoices/expire-by-hand", post(expire_all_by_hand))
        .route("/_sim/accounts", post(add_merchant))
        .route("/_sim/rights", put(set_rights))
        .route("/_sim/listeners", get(listeners))
        .route("/_sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sim/faults/{id}", delete(remove_fault))
        .route("/_sim/latency", put(set_latency))
        .route("/_sim/list-lag", put(set_list_lag))
        .route("/_sim/limits", put(set_limits))
        .fallback(async || Refused::not_found(&"there is no such control route"))
        .with_state(simulation)
}

async fn healthz() -> &'static str {
    "ok\n"
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn ledger(State(simulation): Shared, Query(query): Query<PageQuery>) -> Answer {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    shown(&simulation.ledger.page(query.after, limit))
}

#[derive(Debug, Deserialize)]
struct SummaryQuery {
    window_ms: Option<u64>,
}

async fn summary(State(simulation): Shared, Query(query): Query<SummaryQuery>) -> Answer {
    let window_ms = query.window_ms.unwrap_or(1_000);
    if window_ms == 0 {
        return Err(Refused::invalid(&"window_ms must be at least 1"));
    }
    // Off the thread that stamps arrivals: a long ledger takes a while.
    let summarize = move || simulation.summarize(Duration::from_millis(window_ms));
    let summary = tokio::task::spawn_blocking(summarize).await.map_err(|error| Refused {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "internal",
        message: error.to_string(),
    })?;
    shown(&summary)
}

#[derive(Debug, Deserialize)]
struct InvoicesQuery {
    external_id: Option<String>,
}

async fn invoices(State(simulation): Shared, Query(query): Query<InvoicesQuery>) -> Answer {
    let found = locked(&simulation.book).all(query.external_id.as_deref());
    Ok(show_invoices(&simulation, &found))
}

async fn expire_by_hand(State(simulation): Shared, Path(id): Path<String>) -> Answer {
    closed(&simulation, locked(&simulation.book).expire_by_hand(&id, simulation.clock.now()))
}

async fn expire_all_by_hand(
    State(simulation): Shared,
    Query(query): Query<InvoicesQuery>,
) -> Answer {
    let Some(external_id) = query.external_id else {
        return Err(Refused::invalid(&"external_id must be named"));
    };
    Ok(show_invoices(&simulation, &simulation.expire_all_by_hand(&external_id)))
}

async fn pay(State(simulation): Shared, Path(id): Path<String>) -> Answer {
    closed(&simulation, locked(&simulation.book).pay(&id, simulation.clock.now()))
}

async fn run_out(State(simulation): Shared, Path(id): Path<String>) -> Answer {
    closed(&simulation, locked(&simulation.book).run_out(&id, simulation.clock.now()))
}

fn closed(simulation: &Simulation, closed: Result<&Invoice, NotPending>) -> Answer {
    let invoice = closed.map_err(|reason| Refused::not_found(&reason))?;
    Ok(axum::Json(show_invoice(simulation, invoice)))
}

/// Shows an invoice as Xendit does, and beside it the account it belongs to.
fn show_invoice(simulation: &Simulation, invoice: &Invoice) -> Value {
    let mut shown = invoice.to_json(simulation.wall_now());
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("account".to_owned(), (&*invoice.account).into());
    }
    shown
}

fn show_invoices(simulation: &Simulation, invoices: &[Invoice]) -> axum::Json<Value> {
    axum::Json(invoices.iter().map(|invoice| show_invoice(simulation, invoice)).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MerchantBody {
    name: String,
    keys: Vec<String>,
}

async fn add_merchant(State(simulation): Shared, body: Bytes) -> Answer {
    let MerchantBody { name, keys } = parsed(&body)?;
    let keys: Vec<SecretKey> = keys.into_iter().map(SecretKey::new).collect();
    let merchant = Merchant::new(name, keys.clone()).map_err(|reason| Refused::invalid(&reason))?;
    simulation.accounts.add(&merchant);
    let accounts = keys.iter().map(|key| simulation.accounts.account_of(key));
    shown(&json!({ "accounts": accounts.collect::<BTreeSet<_>>() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RightsBody {
    secret_key: String,
    rights: Rights,
}

async fn set_rights(State(simulation): Shared, body: Bytes) -> Answer {
    let RightsBody { secret_key, rights } = parsed(&body)?;
    let key = SecretKey::new(secret_key);
    simulation.accounts.set_rights(&key, rights);
    Ok(axum::Json(json!({ "key": account_of(key.reveal()), "rights": rights })))
}

async fn listeners(State(simulation): Shared) -> Answer {
    shown(&simulation.listeners())
}

async fn faults(State(simulation): Shared) -> Answer {
    shown(&simulation.script.list())
}

async fn add_fault(State(simulation): Shared, body: Bytes) -> Answer {
    let id = simulation.script.add(parsed(&body)?).map_err(|reason| Refused::invalid(&reason))?;
    Ok(axum::Json(json!({ "id": id })))
}

async fn clear_faults(State(simulation): Shared) -> StatusCode {
    simulation.script.clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(
    State(simulation): Shared,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refused> {
    let is_removed = simulation.script.remove(id);
    is_removed.then_some(StatusCode::NO_CONTENT).ok_or_else(|| {
        Refused::not_found(&"there is no such fault; it may have struck its last time")
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyBody {
    latency: Latency,
}

async fn set_latency(State(simulation): Shared, body: Bytes) -> Answer {
    let LatencyBody { latency } = parsed(&body)?;
    locked(&simulation.tempo).latency = latency;
    Ok(axum::Json(json!({ "latency": latency })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListLagBody {
    list_lag: String,
}

async fn set_list_lag(State(simulation): Shared, body: Bytes) -> Answer {
    let ListLagBody { list_lag } = parsed(&body)?;
    let lag = parse_span(&list_lag).map_err(|reason| Refused::invalid(&reason))?;
    locked(&simulation.tempo).list_lag = lag;
    Ok(axum::Json(json!({ "list_lag": list_lag })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsBody {
    limits: Limits,
}

async fn set_limits(State(simulation): Shared, body: Bytes) -> Answer {
    let LimitsBody { limits } = parsed(&body)?;
    simulation.gate.set_limits(limits.clone());
    Ok(axum::Json(json!({ "limits": limits })))
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|reason| Refused::invalid(&reason))
}

fn shown(value: &impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map(axum::Json).map_err(|reason| Refused::invalid(&reason))
}
