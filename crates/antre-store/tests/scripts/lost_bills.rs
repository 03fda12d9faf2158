//! What Redis has forgotten is neither given to others nor delivered twice.

use std::sync::Arc;
use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::Outcome;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::mode::Mode;
use antre_core::state::NextRequest;
use antre_store::claim::{GrantKind, WorkerIdentity};
use antre_store::finish::Finished;
use antre_store::operate::Retried;
use antre_testkit::queue::{QueueFixture, created};

#[tokio::test]
async fn a_server_that_forgot_the_first_create_lets_no_other_key_take_the_account_over() {
    let fixture = QueueFixture::start().await;
    assert!(fixture.try_claim().await.is_none(), "the server is known from then on");
    let mut connection = fixture.server.connect().await.unwrap();
    let keys = fixture.queue.keys();
    // The same data on another server, long after anybody showed the account's key.
    redis::pipe()
        .cmd("HSET")
        .arg(keys.named("pacer"))
        .arg(&["run_id", "the-one-before"])
        .cmd("HSET")
        .arg(keys.named("identity"))
        .arg(&["key:tester-key", "1"])
        .exec_async(&mut connection)
        .await
        .unwrap();
    let foreign = Arc::new(WorkerIdentity::new("foreign", "foreign-key", Mode::Live));
    let grant = fixture.try_claim_as(&foreign).await.unwrap();
    assert_eq!(grant.kind, GrantKind::Probe);
    let probed = Outcome::Probe(ProbeOutcome::Seen { account_id: None });
    let finished = fixture.queue.finish(&grant, &probed, Quota::default()).await.unwrap();
    assert_eq!(finished, Finished::Stranger);
    let owner = fixture.queue.status().await.unwrap().owner;
    assert!(owner.may_have_sent);
    assert_eq!((owner.keys, owner.mode), (vec!["tester-key".to_owned()], Some(Mode::Test)));
}

/// An invoice that is on its way to be expired must not become the link of the same bill's next job.
#[tokio::test]
async fn an_invoice_of_a_forgotten_bill_is_remembered_as_closed_for_its_next_job() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let mut connection = fixture.server.connect().await.unwrap();
    let keys = fixture.queue.keys();
    redis::cmd("DEL")
        .arg(&[keys.bill("INV-1"), keys.meta(&grant.id)])
        .exec_async(&mut connection)
        .await
        .unwrap();
    let finished = fixture.queue.finish(&grant, &created("late"), Quota::default()).await.unwrap();
    assert_eq!(finished, Finished::Surplus);
    let left: i64 =
        redis::cmd("TTL").arg(keys.bill("INV-1")).query_async(&mut connection).await.unwrap();
    assert!((399..=400).contains(&(left / (24 * 3600))), "{left} s");

    let id = fixture.accept("INV-1", |_| {}).await;
    let bill = fixture.queue.bill("INV-1").await.unwrap().unwrap();
    assert_eq!(
        (bill.job.as_deref(), bill.closed_invoices),
        (Some(id.as_str()), vec!["late".to_owned()])
    );
}

/// Its creates may have been counted by a server that is gone.
#[tokio::test]
async fn a_job_that_may_have_been_sent_is_looked_up_after_its_death_as_well() {
    let fixture = QueueFixture::start().await;
    let mut now_us = 2_000_000_000_000_000;
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    let id = fixture.accept_at(now_us, "INV-1", |_| {}).await;
    fixture.queue.recheck(Duration::from_hours(24), "budi").await.unwrap();
    while fixture.state(&id).await != "dead" {
        // Each worker dies under it.
        fixture.claim_at(&mut now_us, Duration::from_mins(1)).await;
        now_us += 10_000_000;
    }
    assert_eq!(fixture.field(&id, "error_code").await, "crash_loop");
    assert_eq!(fixture.field(&id, "creates").await, "");
    let ids = std::slice::from_ref(&id);
    assert_eq!(fixture.queue.retry(ids).await.unwrap(), [Retried::Revived]);
    let grant = fixture.claim_at(&mut now_us, Duration::from_mins(1)).await.unwrap();
    assert_eq!((&grant.id, grant.request), (&id, NextRequest::LookUp));
}
