//! The same server started again: it may have forgotten the last claims.

use antre_store::status::Status;
use antre_testkit::eventually;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::fixture;

const BEFORE: usize = 15;
const AFTER: usize = 3;
/// Twice what the limit allows in ten seconds, and ten more; then the same for each second of the gap.
const LOOKED_UP_MIN: usize = 2 * 10 * 200 + 10;
/// More than a restart takes.
const LOOKED_UP_MAX: usize = LOOKED_UP_MIN + 2 * 30 * 200;

fn bills(name: &str, count: usize) -> Vec<Bill> {
    (0..count).map(|number| Bill::new(format!("INV-{name}-{number}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_a_bounded_number_of_jobs_accepted_before_is_looked_up_first() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let _worker = cluster.working().await.unwrap();
    cluster.queue.pause("test", "gathers jobs", None).await.unwrap();
    cluster.submit(&bills("before", BEFORE)).await.unwrap();
    cluster.until("all wait", |status| status.waiting_total() == 15).await.unwrap();
    cluster.primary.lock().await.server.kill().unwrap();
    cluster.primary.lock().await.server.restart().await.unwrap();
    let mut redis = cluster.redis().await.unwrap();
    let pacer = cluster.queue.keys().named("pacer");
    let left = eventually(fixture::PATIENCE, "the restart is noticed", async || {
        let left = redis::cmd("HGET").arg(&pacer).arg("recheck_left").clone();
        left.query_async::<Option<usize>>(&mut redis).await.map(|left| left.map(Some))
    });
    let budget = left.await.unwrap().unwrap_or_default();
    assert!((LOOKED_UP_MIN..=LOOKED_UP_MAX).contains(&budget), "{budget}");
    cluster.until("redis answers", Status::is_known).await.unwrap();
    cluster.submit(&bills("after", AFTER)).await.unwrap();
    cluster.until("all wait", |status| status.waiting_total() == 18).await.unwrap();
    cluster.queue.resume("test").await.unwrap();
    fixture::verify(&cluster).await;
    let kinds = |bill: &Bill| -> Vec<RequestKind> {
        cluster.arrivals(&bill.external_id).iter().map(|it| it.kind).collect()
    };
    // What is submitted within ten minutes may have been forgotten, too.
    for bill in bills("before", BEFORE).iter().chain(&bills("after", AFTER)) {
        let kinds = kinds(bill);
        assert_eq!(
            (kinds.first(), kinds.last()),
            (Some(&RequestKind::List), Some(&RequestKind::Create))
        );
    }
    let mut over = redis::cmd("HSET");
    over.arg(&pacer).arg("recheck_new_until_ms").arg(0).exec_async(&mut redis).await.unwrap();
    cluster.submit(&bills("later", AFTER)).await.unwrap();
    fixture::verify(&cluster).await;
    for bill in bills("later", AFTER) {
        assert_eq!(kinds(&bill), [RequestKind::Create], "{}", bill.external_id);
    }
    let left: usize =
        redis::cmd("HGET").arg(&pacer).arg("recheck_left").query_async(&mut redis).await.unwrap();
    assert_eq!(left, budget - BEFORE);
}
