//! One worker's way to Xendit is sick, another one's is sound: the sick one costs next to nothing.

use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::{Act, Arrival, Fault, RequestKind};

use crate::fixture;

const JOBS: usize = 100;
/// Five may be under way when it is closed; then come probes, each after twice the wait of the one before.
const IN_VAIN_MAX: usize = 30;

/// A pace at which counts tell who was served.
fn conditions() -> Conditions {
    Conditions { limits: "20/1s", ..Conditions::quick() }
}

/// All jobs are done although one of two workers meets `sickness`.
async fn costs_next_to_nothing(sickness: impl Fn(Fault) -> Fault) {
    let cluster = fixture::cluster(conditions()).await;
    let listener = cluster.xendit.add_listener().await.unwrap();
    let proto = Fault::always(Act::status(502)).at_listener(listener.number);
    let mut sick = cluster.worker_at(listener.address).await.unwrap().with_http();
    let mut sound = cluster.worker().await.unwrap();
    // How often one job may meet the sick one before it is known to be sick is another question.
    for worker in [&mut sick, &mut sound] {
        worker.variables.push(("ANTRE_MAX_RETRIES", "20".to_owned()));
    }
    // Before the first invoice nothing shows that both places are the same account.
    cluster.start_working(&mut sound).await.unwrap();
    let first = cluster.submit_one("INV-first").await.unwrap();
    cluster.until_field(&first, "state", "done").await.unwrap();
    let pace = cluster.queue.status().await.unwrap().interval;
    cluster.start_working(&mut sick).await.unwrap();
    cluster.xendit.add_fault(sickness(proto)).unwrap();
    let bills: Vec<Bill> = (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect();
    cluster.submit(&bills).await.unwrap();
    let status = cluster
        .until("the sick one is closed", |status| !status.closed_workers.is_empty())
        .await
        .unwrap();
    let names: Vec<&String> = status.closed_workers.keys().collect();
    assert!(names.len() == 1 && sick.is_called(names[0]).unwrap(), "{names:?}");
    cluster.drain(fixture::PATIENCE).await.unwrap();
    let is_in_vain = |it: &&Arrival| it.listener == listener.number && it.status != Some(200);
    let in_vain = cluster.xendit.ledger().arrivals().iter().filter(is_in_vain).count();
    assert!(in_vain <= IN_VAIN_MAX, "{in_vain} requests in vain");
    let status = cluster.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (u64::try_from(JOBS + 1).unwrap(), 0));
    assert_eq!((status.totals.breaker_opened, &status.breaker), (0, &None), "{status:?}");
    assert_eq!(status.interval, pace, "nobody else is slowed down");
    fixture::verify(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_answers_502_to_everything_stops_its_own_worker_only() {
    costs_next_to_nothing(|fault| fault).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_answers_502_to_creates_stops_its_own_worker_only() {
    let creates = |fault: Fault| Fault { on: Some(RequestKind::Create), ..fault };
    costs_next_to_nothing(creates).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_never_answers_stops_its_own_worker_only() {
    let hang = |fault: Fault| Fault { act: Act::Hang { max_ms: 60_000 }, ..fault };
    costs_next_to_nothing(hang).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_answers_429_to_creates_that_were_made_stops_its_own_worker_only() {
    let headers = [("retry-after".to_owned(), Some("0".to_owned()))].into();
    let act = Act::Status { status: 429, body: None, headers };
    let lies = move |fault: Fault| {
        Fault { on: Some(RequestKind::Create), act: act.clone(), ..fault }.after_creation()
    };
    costs_next_to_nothing(lies).await;
}
