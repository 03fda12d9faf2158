//! A backup of Redis was restored: what it does not know is looked for, by a person's word for as long as it takes.

use antre_store::status::Status;
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use xendit_sim::RequestKind;

use crate::scene;

const JOBS: usize = 10;

fn bills() -> Vec<Bill> {
    (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_recheck_bills_that_the_backup_does_not_know_are_looked_up_before_they_are_created() {
    let arena = scene::arena(Conditions::quick()).await;
    let mut worker = arena.working().await.unwrap();
    let first = arena.submit_one("FIRST").await.unwrap();
    arena.until_field(&first, "state", "done").await.unwrap();
    // The backup: a copy that hears nothing of what comes next.
    arena.primary.lock().await.add_replica().await.unwrap();
    let mut backup = arena.primary.lock().await.replica.take().unwrap();
    backup.promote().await.unwrap();
    arena.submit(&bills()).await.unwrap();
    arena.until("they are done", |status| status.done >= 11).await.unwrap();
    worker.end().await.unwrap();

    arena.primary.lock().await.replica = Some(backup);
    arena.primary.lock().await.fail_over().await.unwrap();
    arena.until("the backup answers", Status::is_known).await.unwrap();
    arena.forget_submitted();
    let _worker = arena.working().await.unwrap();
    let known = arena.submit_one("KNOWN-BY-NOBODY").await.unwrap();
    arena.until_field(&known, "state", "done").await.unwrap();
    // The ten minutes that are covered without a word are over.
    let mut redis = arena.redis().await.unwrap();
    let pacer = arena.queue.keys().named("pacer");
    let mut over = redis::cmd("HSET");
    over.arg(&pacer).arg("recheck_new_until_ms").arg(1).exec_async(&mut redis).await.unwrap();
    let said = arena.antre(&["recheck", "--for", "24h"]).await.unwrap();
    assert!(said.contains("look at Xendit before they create"), "{said}");

    arena.submit(&bills()).await.unwrap();
    scene::verify(&arena).await;
    for bill in bills() {
        let kinds: Vec<RequestKind> =
            arena.arrivals(&bill.external_id).iter().map(|it| it.kind).collect();
        assert_eq!(kinds[..2], [RequestKind::Create, RequestKind::List], "{}", bill.external_id);
        assert_eq!(arena.xendit.invoices(&bill.external_id).len(), 1, "{kinds:?}");
    }
}
