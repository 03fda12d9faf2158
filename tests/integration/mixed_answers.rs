//! A proxy that mixes up its connections: what an answer names must agree, or it counts as none.

use antre_operating::notices;
use antre_tests::harness::{Harness, job, job_with, steady_settings};
use serde_json::{Value, json};
use xendit_sim::{Act, Fault, RequestKind, account_of};

const VICTIM: &str = "VICTIM";
const OTHER: &str = "OTHER";
/// A list that was answered wrongly is asked again so often.
const WRONG_LISTS: u32 = 3;

/// Starts a worker, and an invoice of another customer.
async fn among_others() -> (Harness, antre_tests::fleet::RunningWorker) {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let payer = json!({ "payer_email": "siti@example.com" });
    let other = harness.submit_one(&job_with(OTHER, &payer, &json!({}))).await;
    assert_eq!(harness.result(&other).await["state"], "done");
    (harness, worker)
}

/// The victim has a link of its own, and nobody can pay twice.
async fn delivers_its_own(harness: &Harness) -> Value {
    let id = harness.submit_one(&job(VICTIM)).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result} {}", harness.steps(VICTIM));
    harness.finish_follow_ups().await;
    let payable = harness.payable(VICTIM);
    assert_eq!(payable.len(), 1, "{} {payable:?}", harness.steps(VICTIM));
    assert_eq!(result["invoice_id"], *payable[0].id);
    assert!(result["invoice_url"].as_str().unwrap().contains(&*payable[0].id), "{result}");
    assert_eq!(harness.payable(OTHER).len(), 1, "the other customer keeps what is his");
    assert!(!result.to_string().contains("siti@example.com"), "{result}");
    result
}

/// Whoever looks at the account hears which worker meets it.
async fn is_told(harness: &Harness) {
    let notices = notices(&harness.queue.status().await.unwrap());
    let notice = notices.iter().find(|it| it.code == "mixed_answers");
    assert!(notice.is_some_and(|it| it.text.contains("worker")), "{notices:?}");
}

async fn survives_a_create_answered_by(act: Act) -> Harness {
    let (harness, _worker) = among_others().await;
    harness.fault(Fault::on(RequestKind::Create, act).for_external_id(VICTIM).times(1));
    delivers_its_own(&harness).await;
    let steps = harness.steps(VICTIM);
    assert!(steps.starts_with("CL") && steps.matches('C').count() == 1, "{steps}");
    harness
}

async fn survives_a_mixed_up_create(act: Act) {
    is_told(&survives_a_create_answered_by(act).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_with_another_customers_invoice_delivers_its_own() {
    survives_a_mixed_up_create(Act::OtherInvoice { external_id: None }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_with_another_amount_is_looked_up() {
    survives_a_mixed_up_create(Act::alter([("amount", json!(1))])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_with_another_mark_is_looked_up() {
    let mark = json!({ "antre_job": "default/1-0" });
    survives_a_mixed_up_create(Act::alter([("metadata", mark)])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_as_expired_is_looked_up() {
    survives_a_create_answered_by(Act::alter([("status", json!("EXPIRED"))])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_without_a_link_is_looked_up() {
    survives_a_create_answered_by(Act::alter([("invoice_url", Value::Null)])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_answered_with_another_bill_is_looked_up() {
    survives_a_mixed_up_create(Act::alter([("external_id", json!(OTHER))])).await;
}

/// The create takes effect and is not answered; its look-ups are answered wrongly at first.
async fn survives_a_list_answered_by(act: impl FnOnce(&Harness) -> Act) {
    let (harness, _worker) = among_others().await;
    let unanswered = Fault::on(RequestKind::Create, Act::status(504)).after_creation();
    harness.fault(unanswered.for_external_id(VICTIM).times(1));
    let wrong = Fault::on(RequestKind::List, act(&harness));
    harness.fault(wrong.for_external_id(VICTIM).times(WRONG_LISTS));
    delivers_its_own(&harness).await;
    assert_eq!(harness.steps(VICTIM).matches('C').count(), 1, "{}", harness.steps(VICTIM));
    is_told(&harness).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_another_bill_does_not_show_that_there_is_no_invoice() {
    survives_a_list_answered_by(|_| Act::OtherInvoice { external_id: None }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_ignores_its_filter_does_not_show_that_there_is_no_invoice() {
    let (harness, _worker) = among_others().await;
    let unanswered = Fault::on(RequestKind::Create, Act::status(504)).after_creation();
    harness.fault(unanswered.for_external_id(VICTIM).times(1));
    let wrong = Fault::on(RequestKind::List, Act::IgnoreFilters { limit: 20 });
    harness.fault(wrong.for_external_id(VICTIM).times(WRONG_LISTS));
    // So many that the victim's own invoice is not among the newest.
    harness.queue.pause("tester", "others are billed in between", None).await.unwrap();
    let id = harness.submit_accepted(&[job(VICTIM)]).await.remove(0);
    let fault = Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 500 });
    harness.fault(fault.for_external_id(VICTIM).times(1));
    harness.queue.resume("tester").await.unwrap();
    harness.until("it is created", async |harness| !harness.payable(VICTIM).is_empty()).await;
    for number in 0..25 {
        let theirs = json!({ "external_id": format!("THEIRS-{number}"), "amount": 1_000 });
        harness.bystander_creates(&theirs).await;
    }
    assert_eq!(harness.result(&id).await["state"], "done");
    harness.finish_follow_ups().await;
    assert_eq!(harness.payable(VICTIM).len(), 1, "{}", harness.steps(VICTIM));
    assert_eq!(harness.steps(VICTIM).matches('C').count(), 1, "{}", harness.steps(VICTIM));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_another_account_does_not_show_that_there_is_no_invoice() {
    let (harness, _worker) = among_others().await;
    let foreign_key = "xnd_development_of_another_brand";
    let client = antre_xendit::Client::new(antre_xendit::Settings {
        key: antre_xendit::SecretKey::new(foreign_key).unwrap(),
        ..harness.account().client
    })
    .unwrap();
    let latest = tokio::time::Instant::now() + antre_tests::harness::PATIENCE;
    let body = json!({ "external_id": VICTIM, "amount": 350_000 }).to_string();
    let mut connection = client.connect().await.unwrap();
    let call = antre_xendit::Call::Create { body: body.into() };
    connection.call(&call, antre_xendit::SendDeadline::until(latest)).await;
    assert_eq!(harness.payable(VICTIM).len(), 1);

    let unanswered = Fault::on(RequestKind::Create, Act::status(504)).after_creation();
    harness.fault(unanswered.for_external_id(VICTIM).times(1));
    let elsewhere = Act::OtherAccount { account: account_of(foreign_key) };
    let wrong = Fault::on(RequestKind::List, elsewhere).for_external_id(VICTIM);
    harness.fault(wrong.times(WRONG_LISTS));
    let id = harness.submit_one(&job(VICTIM)).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    harness.finish_follow_ups().await;
    let ours: Vec<_> = harness
        .payable(VICTIM)
        .into_iter()
        .filter(|invoice| *invoice.account != account_of(foreign_key))
        .collect();
    assert_eq!(ours.len(), 1, "{}", harness.steps(VICTIM));
    assert_eq!(result["invoice_id"], *ours[0].id, "never the other account's link");
    // The first is that of the other account.
    assert_eq!(harness.steps(VICTIM).matches('C').count(), 2, "{}", harness.steps(VICTIM));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_made_in_another_account_is_never_delivered() {
    let (harness, _worker) = among_others().await;
    let foreign = account_of("xnd_development_of_another_brand");
    let elsewhere = Fault::on(RequestKind::Create, Act::OtherAccount { account: foreign.clone() });
    harness.fault(elsewhere.for_external_id(VICTIM).times(1));
    let id = harness.submit_one(&job(VICTIM)).await;
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    let ours: Vec<_> =
        harness.payable(VICTIM).into_iter().filter(|one| *one.account != *foreign).collect();
    assert_eq!(ours.len(), 1, "{}", harness.steps(VICTIM));
    assert_eq!(result["invoice_id"], *ours[0].id);
}
