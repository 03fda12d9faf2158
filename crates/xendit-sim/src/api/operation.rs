//! What a request does, and what scripted faults make of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use bytes::Bytes;
use serde_json::Value;
use tokio::time::sleep;

use super::RequestKind;
use super::answer::{conclude, replacement};
use crate::account::Account;
use crate::book::{Draft, ListQuery};
use crate::delivery::{End, Reply};
use crate::faults::{Act, Plan, Target};
use crate::gate::Rate;
use crate::idempotency::IdempotencyKey;
use crate::locked::locked;
use crate::refusal::Refusal;
use crate::simulation::Simulation;

/// A request that has been entered in the ledger.
pub(super) struct Call {
    pub(super) kind: RequestKind,
    pub(super) sequence: u64,
    pub(super) account: Account,
    pub(super) key: Arc<str>,
    pub(super) listener: u32,
    pub(super) invoice_id: String,
    pub(super) uri: Uri,
    pub(super) body: Bytes,
    /// Whether the body calls itself a form.
    pub(super) is_form: bool,
    pub(super) idempotency_key: Option<Arc<str>>,
    /// Set when the head alone decides the answer.
    pub(super) refusal: Option<Refusal>,
    pub(super) rate: Option<Rate>,
}

/// What is to be done, once it has been understood.
enum Operation {
    Create(Draft),
    List(ListQuery),
    Get,
    Expire,
}

pub(super) type Outcome = Result<Value, Refusal>;

/// Performs a request and decides how it ends. The invoice is made when half of the latency has
/// passed.
pub(super) async fn perform(simulation: Arc<Simulation>, mut call: Call) -> End {
    if let Some(refusal) = call.refusal.take() {
        return finish(&simulation, &call, End::Reply(Reply::refusal(&refusal)));
    }
    let operation = understand(&call);
    let external_id = external_id_of(&simulation, &call, &operation);
    let plan = simulation.strike(Target {
        kind: call.kind,
        external_id: external_id.as_deref(),
        account: &call.account,
        key: &call.key,
        listener: call.listener,
    });
    note(&simulation, &call, (external_id.clone(), &operation, plan.name));
    let half_latency = simulation.draw_latency() / 2;
    pause(half_latency + plan.before_effect).await;
    if let Some(ending) = strike_instead(&simulation, &call, &plan, &operation) {
        return finish(&simulation, &call, ending);
    }
    let operation = misled(&mut call, plan.act.as_ref(), operation);
    let outcome = operation.and_then(|operation| take_effect(&simulation, &call, operation));
    pause(half_latency + plan.after_effect).await;
    let outcome =
        mixed_up(&simulation, &call, (plan.act.as_ref(), external_id.as_deref()), outcome);
    finish(&simulation, &call, conclude(plan.act.as_ref(), outcome))
}

/// Returns what is done instead, when an act leads the request astray.
fn misled(
    call: &mut Call,
    act: Option<&Act>,
    operation: Result<Operation, Refusal>,
) -> Result<Operation, Refusal> {
    match (act, operation) {
        (Some(Act::IgnoreFilters { limit }), Ok(Operation::List(_))) => {
            Ok(Operation::List(ListQuery::newest(*limit)))
        }
        (Some(Act::OtherAccount { account }), operation) => {
            call.account = account.as_str().into();
            operation
        }
        (_, operation) => operation,
    }
}

/// Returns another invoice in place of the right one, when an act says so and there is another.
fn mixed_up(
    simulation: &Simulation,
    call: &Call,
    (act, right): (Option<&Act>, Option<&str>),
    outcome: Outcome,
) -> Outcome {
    let Some(Act::OtherInvoice { external_id: wanted }) = act else { return outcome };
    let book = locked(&simulation.book);
    let other = match wanted {
        Some(wanted) => book.newest(&call.account, |external_id| external_id == wanted),
        None => book.newest(&call.account, |external_id| Some(external_id) != right),
    };
    let Some(other) = other.map(|invoice| invoice.to_json(simulation.wall_now())) else {
        return outcome;
    };
    outcome.map(|right| if right.is_array() { Value::Array(vec![other]) } else { other })
}

fn understand(call: &Call) -> Result<Operation, Refusal> {
    match call.kind {
        RequestKind::Create if call.is_form => Draft::parse_form(&call.body).map(Operation::Create),
        RequestKind::Create => Draft::parse(&call.body).map(Operation::Create),
        RequestKind::List => {
            let parameters: Query<Vec<(String, String)>> = Query::try_from_uri(&call.uri)
                .map_err(|_| Refusal::bad_request("API_VALIDATION_ERROR", "Malformed query."))?;
            ListQuery::parse(&parameters.0).map(Operation::List)
        }
        RequestKind::Get => Ok(Operation::Get),
        RequestKind::Expire => Ok(Operation::Expire),
        RequestKind::Other | RequestKind::Unreadable => Err(Refusal::no_route()),
    }
}

fn external_id_of(
    simulation: &Simulation,
    call: &Call,
    operation: &Result<Operation, Refusal>,
) -> Option<Arc<str>> {
    match operation.as_ref().ok()? {
        Operation::Create(draft) => Some(Arc::clone(&draft.external_id)),
        Operation::List(query) => query.external_id.as_deref().map(Arc::from),
        Operation::Get | Operation::Expire => {
            let book = locked(&simulation.book);
            let invoice = book.find(&call.account, &call.invoice_id)?;
            Some(Arc::clone(&invoice.external_id))
        }
    }
}

/// Enters what the request names, and the fault that is about to strike it.
fn note(
    simulation: &Simulation,
    call: &Call,
    (external_id, operation, fault): (
        Option<Arc<str>>,
        &Result<Operation, Refusal>,
        Option<&'static str>,
    ),
) {
    let metadata = match operation {
        Ok(Operation::Create(draft)) => draft.metadata.clone(),
        _ => None,
    };
    let invoice_id = (!call.invoice_id.is_empty() && external_id.is_some())
        .then(|| Arc::from(call.invoice_id.as_str()));
    simulation.ledger.amend(call.sequence, |arrival| {
        arrival.external_id = external_id;
        arrival.invoice_id = invoice_id;
        arrival.metadata = metadata;
        arrival.fault = fault.map(Cow::Borrowed);
    });
}

/// Returns the ending when a fault takes the place of the effect.
fn strike_instead(
    simulation: &Arc<Simulation>,
    call: &Call,
    plan: &Plan,
    operation: &Result<Operation, Refusal>,
) -> Option<End> {
    match &plan.act {
        Some(Act::LateCreation { ms, status }) => {
            if let Ok(Operation::Create(draft)) = operation {
                let late = Duration::from_millis(*ms);
                let creation = Creation::of(call, draft.clone());
                let simulation = Arc::clone(simulation);
                tokio::spawn(async move {
                    sleep(late).await;
                    // Its answer has been given.
                    creation.perform(&simulation).ok();
                });
            }
            Some(End::Reply(Reply::refusal(&Refusal::usual_for(*status))))
        }
        Some(act) if !plan.is_after_creation => replacement(act),
        _ => None,
    }
}

fn take_effect(simulation: &Simulation, call: &Call, operation: Operation) -> Outcome {
    let now = simulation.clock.now();
    let account = &call.account;
    match operation {
        Operation::Create(draft) => Creation::of(call, draft).perform(simulation),
        Operation::List(query) => {
            let lag = simulation.tempo().list_lag;
            let book = locked(&simulation.book);
            let found = book.list(account, &query, now, lag);
            Ok(found.into_iter().map(|invoice| invoice.to_json(now.wall)).collect())
        }
        Operation::Get => locked(&simulation.book)
            .find(account, &call.invoice_id)
            .map(|invoice| invoice.to_json(now.wall))
            .ok_or_else(Refusal::invoice_not_found),
        Operation::Expire => locked(&simulation.book)
            .expire(account, &call.invoice_id, now)
            .map(|invoice| invoice.to_json(now.wall))
            .map_err(|_| Refusal::not_pending()),
    }
}

/// A create that has been understood.
struct Creation {
    sequence: u64,
    account: Account,
    key: Option<IdempotencyKey>,
    draft: Draft,
}

impl Creation {
    fn of(call: &Call, draft: Draft) -> Self {
        let key = call.idempotency_key.clone();
        let key = key.map(|key| IdempotencyKey::new(key, call.body.clone()));
        Self { sequence: call.sequence, account: Account::clone(&call.account), key, draft }
    }

    fn perform(self, simulation: &Simulation) -> Outcome {
        let Self { sequence, account, key, draft } = self;
        let create = || {
            let now = simulation.clock.now();
            locked(&simulation.book).create(&account, draft, now).to_json(now.wall)
        };
        let shown = simulation.replays.answer(&account, key.as_ref(), create)?;
        let id = shown.get("id").and_then(Value::as_str).map(Arc::from);
        simulation.ledger.amend(sequence, |arrival| arrival.invoice_id = id);
        Ok(shown)
    }
}

/// Enters the ending in the ledger and adds the rate headers.
fn finish(simulation: &Simulation, call: &Call, mut ending: End) -> End {
    let status = match &mut ending {
        End::Reply(reply) => {
            reply.rate = call.rate;
            reply.request_id = Some(simulation.request_id(call.sequence));
            Some(reply.status)
        }
        End::Silence(_) | End::Reset | End::Close => None,
    };
    simulation.ledger.finish(call.sequence, status, simulation.clock.now_us());
    ending
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        sleep(duration).await;
    }
}
