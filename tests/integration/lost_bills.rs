//! Bills that Redis has forgotten are looked up before they are created again.

use std::time::Duration;

use antre_store::operate::Retried;
use antre_tests::fleet::RunningWorker;
use antre_tests::harness::{Harness, job, steady_settings};

/// A worker has delivered a bill; then Redis loses everything under it.
async fn after_the_loss() -> (Harness, RunningWorker) {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    let mut connection = harness.redis.connect().await.unwrap();
    redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
    harness
        .until("the account is configured anew", async |harness| {
            let status = harness.queue.status().await.unwrap();
            status.is_known() && !status.owner.keys.is_empty()
        })
        .await;
    (harness, worker)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_is_submitted_again_after_all_data_was_lost_gets_its_old_link() {
    let (harness, _worker) = after_the_loss().await;
    let first = harness.payable("INV-1").remove(0).id.to_string();
    let id = harness.submit_one(&job("INV-1")).await;
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], &result["invoice_id"]), (&"done".into(), &first.as_str().into()));
    assert_eq!(harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_bill_with_another_amount_is_a_conflict_until_its_old_link_is_expired() {
    let (harness, _worker) = after_the_loss().await;
    let other = job("INV-1").replace("350000", "9000");
    assert_ne!(other, job("INV-1"));
    let id = harness.submit_one(&other).await;
    let result = harness.result(&id).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&"dead".into(), &"conflict".into()));
    let first = harness.payable("INV-1").remove(0).id.to_string();

    // Once a person has expired the old invoice at Xendit, the job can be tried again.
    harness.xendit.expire(&first).unwrap();
    let revived = harness.queue.retry(std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(revived, [Retried::Revived]);
    let result = harness.result(&id).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_ne!(result["invoice_id"], first.as_str());
    assert_eq!(harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_ask_for_the_look_after_a_backup_was_restored() {
    let harness = Harness::start(&steady_settings()).await;
    let worker = harness.worker("worker");
    let id = harness.submit_one(&job("INV-1")).await;
    assert_eq!(harness.result(&id).await["state"], "done");
    worker.stop().await;
    // What a backup of before that day does not know.
    let mut connection = harness.redis.connect().await.unwrap();
    let keys = harness.queue.keys();
    for key in [keys.bill("INV-1"), keys.meta(&id), keys.data(), keys.named("done")] {
        redis::cmd("DEL").arg(key).exec_async(&mut connection).await.unwrap();
    }
    harness.queue.recheck(Duration::from_hours(24), "tester").await.unwrap();
    let _worker = harness.worker("another");
    let again = harness.submit_one(&job("INV-1")).await;
    let result = harness.result(&again).await;
    assert_eq!(result["state"], "done", "{result}");
    assert_eq!(harness.payable("INV-1").len(), 1);
    assert_eq!(harness.steps("INV-1"), "CL");
}
