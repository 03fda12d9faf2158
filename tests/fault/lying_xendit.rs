//! Xendit resets, hangs, fails and talks nonsense, before and after it made the invoice, and its list
//! lags behind.

use std::time::Duration;

use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::{Act, Fault, RequestKind};

use crate::fixture;

/// Less than workers allow for.
const LIST_LAG: Duration = Duration::from_millis(80);
const LATE_CREATION_MS: u64 = 80;

fn acts() -> Vec<(&'static str, Act)> {
    vec![
        ("reset", Act::Reset),
        ("close", Act::Close),
        ("hang", Act::Hang { max_ms: 5_000 }),
        ("408", Act::status(408)),
        ("409", Act::status(409)),
        ("500", Act::status(500)),
        ("502", Act::status(502)),
        ("504", Act::status(504)),
        ("garbage", Act::Garbage),
        ("no-id", Act::NoId),
        ("truncated", Act::Truncate { bytes: 25 }),
        ("later", Act::LateCreation { ms: LATE_CREATION_MS, status: 500 }),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_xendit_answers_or_not_one_bill_has_one_payable_invoice() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    cluster.xendit.set_list_lag(LIST_LAG);
    let mut bills = Vec::new();
    for (name, act) in acts() {
        for has_acted in [false, true] {
            let bill = Bill::new(format!("INV-{name}-{has_acted}"));
            let fault = Fault::on(RequestKind::Create, act.clone()).times(1);
            let fault = fault.for_external_id(&bill.external_id);
            let fault = if has_acted { fault.after_creation() } else { fault };
            cluster.xendit.add_fault(fault).unwrap();
            bills.push(bill);
        }
    }
    let _workers = [cluster.working().await.unwrap(), cluster.working().await.unwrap()];
    let ids = cluster.submit(&bills).await.unwrap();
    cluster
        .until("all done", |status| status.done == u64::try_from(ids.len()).unwrap())
        .await
        .unwrap();
    assert!(cluster.xendit.faults().is_empty(), "{:?}", cluster.xendit.faults());
    fixture::verify(&cluster).await;
}
