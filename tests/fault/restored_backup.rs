//! A backup of Redis was restored: what may have been sent since is looked for, by a person's word for as long as it
//! takes.

use antre_store::status::Status;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::fixture;

const JOBS: usize = 10;

fn bills() -> Vec<Bill> {
    (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_recheck_jobs_that_the_backup_takes_for_waiting_are_looked_up_first() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let mut worker = cluster.working().await.unwrap();
    cluster.submit_one("FIRST").await.unwrap();
    cluster.until("it is done", |status| status.done == 1).await.unwrap();
    cluster.queue.pause("test", "a backup is made", None).await.unwrap();
    cluster.submit(&bills()).await.unwrap();
    cluster.until("all wait", |status| status.waiting_total() == 10).await.unwrap();
    // The backup: a copy that hears nothing of what comes next.
    cluster.primary.lock().await.add_replica().await.unwrap();
    let mut backup = cluster.primary.lock().await.replica.take().unwrap();
    backup.promote().await.unwrap();
    cluster.queue.resume("test").await.unwrap();
    cluster.until("they are done", |status| status.done == 11).await.unwrap();
    worker.end().await.unwrap();

    cluster.primary.lock().await.replica = Some(backup);
    cluster.primary.lock().await.fail_over().await.unwrap();
    cluster.until("the backup answers", Status::is_known).await.unwrap();
    let _worker = cluster.working().await.unwrap();
    // What Antre covers without a word is used up.
    let mut redis = cluster.redis().await.unwrap();
    let pacer = cluster.queue.keys().named("pacer");
    let mut used_up = redis::cmd("HSET");
    used_up.arg(&pacer).arg("recheck_left").arg(0).arg("recheck_new_until_ms").arg(0);
    used_up.exec_async(&mut redis).await.unwrap();
    let said = cluster.antre(&["recheck", "--for", "24h"]).await.unwrap();
    assert!(said.contains("10 waiting jobs"), "{said}");
    cluster.queue.resume("test").await.unwrap();
    fixture::verify(&cluster).await;
    for bill in bills() {
        let kinds: Vec<RequestKind> =
            cluster.arrivals(&bill.external_id).iter().map(|it| it.kind).collect();
        assert_eq!(kinds[..2], [RequestKind::Create, RequestKind::List], "{}", bill.external_id);
        assert_eq!(cluster.xendit.invoices(&bill.external_id).len(), 1, "{kinds:?}");
    }
}
