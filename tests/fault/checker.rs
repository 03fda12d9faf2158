//! The checker is worth what it finds: here everything is broken on purpose, and it must say so.

use std::collections::BTreeSet;

use antre_tests::chaos::bills::{Bill, Submitted};
use antre_tests::chaos::check::{Promise, Rules};
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::fleet::TEST_KEY;

use crate::fixture;

async fn after_a_good_run() -> Cluster {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let worker = cluster.working().await.unwrap();
    let bills: Vec<Bill> = (0..5).map(|number| Bill::new(format!("INV-{number}"))).collect();
    cluster.submit(&bills).await.unwrap();
    fixture::verify(&cluster).await;
    drop(worker);
    cluster
}

async fn broken(cluster: &Cluster, rules: &Rules) -> BTreeSet<Promise> {
    cluster.check(rules).await.unwrap().into_iter().map(|violation| violation.promise).collect()
}

fn strict(cluster: &Cluster) -> Rules {
    Rules::strict(cluster.conditions.limits).unwrap()
}

/// Makes an invoice behind the queue's back.
async fn create(cluster: &Cluster, external_id: &str) {
    fixture::create_with(cluster, TEST_KEY, external_id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_payable_invoice_is_found() {
    let cluster = after_a_good_run().await;
    create(&cluster, "INV-3").await;
    assert_eq!(broken(&cluster, &strict(&cluster)).await, BTreeSet::from([Promise::OneInvoice]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_nobody_asked_for_is_found() {
    let cluster = after_a_good_run().await;
    create(&cluster, "INV-stranger").await;
    assert_eq!(broken(&cluster, &strict(&cluster)).await, BTreeSet::from([Promise::OneInvoice]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_job_is_found() {
    let cluster = after_a_good_run().await;
    let bill = Bill::new("INV-lost");
    cluster.note([Submitted { id: "1-0".to_owned(), bill, at_us: 0 }]);
    assert_eq!(broken(&cluster, &strict(&cluster)).await, BTreeSet::from([Promise::EndsOnce]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_window_is_found_unless_a_fault_explains_it() {
    let cluster = after_a_good_run().await;
    let rules = Rules::strict("4/10s").unwrap();
    assert_eq!(broken(&cluster, &rules).await, BTreeSet::from([Promise::WithinLimits]));
    let always = 0..u64::MAX;
    let excused = Rules { blurs: Vec::from([always]), ..rules };
    assert_eq!(broken(&cluster, &excused).await, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_lease_a_wrong_counter_and_overtaking_are_found() {
    let cluster = after_a_good_run().await;
    let keys = cluster.queue.keys();
    let mut redis = cluster.redis().await.unwrap();
    let submitted = cluster.submitted();
    let (first, second) = (keys.meta(&submitted[0].id), keys.meta(&submitted[1].id));
    redis::pipe()
        .cmd("ZADD")
        .arg(keys.named("leases"))
        .arg(1)
        .arg("1-0")
        .cmd("HINCRBY")
        .arg(keys.named("totals"))
        .arg("done")
        .arg(1)
        .exec_async(&mut redis)
        .await
        .unwrap();
    let expected = BTreeSet::from([Promise::NothingHeld, Promise::Counted]);
    assert_eq!(broken(&cluster, &strict(&cluster)).await, expected);
    // The second became ready before the first was claimed, which went ten seconds after the second.
    let claimed: u64 =
        redis::cmd("HGET").arg(&second).arg("claimed_at").query_async(&mut redis).await.unwrap();
    redis::pipe()
        .cmd("HSET")
        .arg(&second)
        .arg("claimed_at")
        .arg(claimed + 10_000)
        .cmd("HSET")
        .arg(&first)
        .arg("claimed_at")
        .arg(claimed + 20_000)
        .exec_async(&mut redis)
        .await
        .unwrap();
    assert!(broken(&cluster, &strict(&cluster)).await.contains(&Promise::InOrder));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_ended_twice_is_found() {
    let cluster = after_a_good_run().await;
    let mut redis = cluster.redis().await.unwrap();
    let (id, ended) = (&cluster.submitted()[0].id, cluster.queue.keys().named("ended"));
    let invoice = cluster.payable("INV-0").remove(0).id.to_string();
    let mut again = redis::cmd("XADD");
    again.arg(ended).arg("*").arg("job").arg(id).arg("state").arg("done");
    again.arg("invoice_id").arg(invoice).exec_async(&mut redis).await.unwrap();
    assert_eq!(broken(&cluster, &strict(&cluster)).await, BTreeSet::from([Promise::EndsOnce]));
}
