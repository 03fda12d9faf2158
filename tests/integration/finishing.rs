//! What answers do to a job.

use antre_core::state::Step;
use antre_store::{
    claim::Claim,
    finish::{Died, Finished, QuotaSeen},
    operate::{Cancelled, Retried},
};
use antre_tests::queue::{QueueFixture, created, goes_on, quick_settings};

const NO_QUOTA: QuotaSeen = QuotaSeen { remaining: None, limit: None, reset: None };

#[tokio::test]
async fn a_created_invoice_ends_the_job() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |job| job.batch = "2026-12".to_owned()).await;
    let grant = fixture.claim().await;
    let finished =
        fixture.queue.finish_done(&grant, NO_QUOTA, &created("INV-1", "i1")).await.unwrap();
    assert_eq!(finished, Finished::Done);
    assert_eq!(fixture.state(&id).await, "done");
    assert_eq!(fixture.field(&id, "attempts").await, "1");
    assert_eq!(fixture.queue.bill("INV-1").await.unwrap()["invoice_id"], "i1");
    let batch = fixture.queue.batch("2026-12").await.unwrap();
    assert_eq!((batch["total"].as_str(), batch["done"].as_str()), ("1", "1"));
    let repeated =
        fixture.queue.finish_done(&grant, NO_QUOTA, &created("INV-1", "i1")).await.unwrap();
    assert_eq!(repeated, Finished::Same);
}

#[tokio::test]
async fn a_failing_create_is_looked_up_before_each_retry_and_dead_after_the_fourth() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    for create in 1..=4 {
        let grant = fixture.claim().await;
        assert_eq!(grant.step, Step::Create, "create {create}");
        let mut failure = goes_on("ambiguous");
        failure.is_answered = "1";
        let finished = fixture.queue.finish_retry(&grant, NO_QUOTA, &failure).await.unwrap();
        assert_eq!(finished, Finished::Scheduled);
        let grant = fixture.claim().await;
        assert_eq!(grant.step, Step::LookUp);
        let finished =
            fixture.queue.finish_retry(&grant, NO_QUOTA, &goes_on("absent")).await.unwrap();
        assert_eq!(finished, if create == 4 { Finished::Dead } else { Finished::Waiting });
    }
    assert_eq!(fixture.field(&id, "error_code").await, "code_ambiguous");
    assert_eq!(fixture.queue.retry(std::slice::from_ref(&id)).await.unwrap(), [Retried::Revived]);
    assert_eq!(fixture.field(&id, "attempts").await, "0");
    assert_eq!(fixture.claim().await.step, Step::LookUp, "it had sent creates");
}

#[tokio::test]
async fn an_unsettled_create_is_not_repeated_however_often_it_is_absent() {
    let mut settings = quick_settings();
    settings.trust_absence_answered = std::time::Duration::from_mins(1);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let mut failure = goes_on("ambiguous");
    failure.is_answered = "1";
    fixture.queue.finish_retry(&grant, NO_QUOTA, &failure).await.unwrap();
    let grant = fixture.claim().await;
    let finished = fixture.queue.finish_retry(&grant, NO_QUOTA, &goes_on("absent")).await.unwrap();
    assert_eq!(finished, Finished::Scheduled);
    assert_eq!(fixture.field(&id, "step").await, "lookup");
    assert!(fixture.try_claim().await.is_none(), "nothing before the settle time");
}

#[tokio::test]
async fn a_late_created_answer_counts_whatever_became_of_the_job() {
    let mut settings = quick_settings();
    settings.lease = std::time::Duration::from_millis(5);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let late = fixture.claim().await;
    let second = fixture.claim().await;
    assert_eq!(second.step, Step::LookUp);
    let finished =
        fixture.queue.finish_done(&late, NO_QUOTA, &created("INV-1", "i1")).await.unwrap();
    assert_eq!(finished, Finished::Done);
    let finished = fixture.queue.finish_retry(&second, NO_QUOTA, &goes_on("absent")).await.unwrap();
    assert_eq!(finished, Finished::LeaseLost, "the other fence is void");
    assert_eq!(fixture.state(&id).await, "done");
}

#[tokio::test]
async fn a_second_invoice_of_a_done_job_is_expired_by_a_chore() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    fixture.queue.finish_done(&grant, NO_QUOTA, &created("INV-1", "i1")).await.unwrap();
    let finished =
        fixture.queue.finish_done(&grant, NO_QUOTA, &created("INV-1", "i2")).await.unwrap();
    assert_eq!(finished, Finished::Surplus);
    let chore = fixture.claim().await;
    assert_eq!((chore.step, chore.field("invoice_id")), (Step::Expire, Some("i2")));
    let done = antre_store::finish::ChoreDone { outcome: "done", ..Default::default() };
    assert_eq!(fixture.queue.finish_chore(&chore, NO_QUOTA, &done).await.unwrap(), Finished::Done);
    assert_eq!(fixture.queue.status().await.unwrap().chores, 0);
}

#[tokio::test]
async fn a_limited_answer_pauses_the_fleet_and_uses_no_attempt() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let mut limited = goes_on("limited");
    limited.wait_us = "5000000".to_owned();
    fixture.queue.finish_retry(&grant, NO_QUOTA, &limited).await.unwrap();
    let claim = fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap();
    assert!(matches!(claim, Claim::Wait { reason, .. } if reason == "limited"));
    assert_eq!(fixture.field(&id, "attempts").await, "0");
    assert_eq!(fixture.field(&id, "step").await, "create");
    assert_eq!(fixture.field(&id, "effective_until").await, "");
}

#[tokio::test]
async fn a_refused_key_opens_the_breaker_and_the_job_waits() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    fixture.queue.finish_retry(&grant, NO_QUOTA, &goes_on("key_refused")).await.unwrap();
    let claim = fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap();
    assert!(matches!(claim, Claim::Wait { reason, .. } if reason == "breaker"));
    assert_eq!(fixture.state(&id).await, "waiting");
}

#[tokio::test]
async fn three_different_suspects_open_the_breaker_and_a_create_closes_it() {
    let fixture = QueueFixture::start().await;
    for number in 0..5 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    for _ in 0..3 {
        let grant = fixture.claim().await;
        assert_eq!(grant.step, Step::Create);
        fixture.queue.finish_retry(&grant, NO_QUOTA, &goes_on("not_sent")).await.unwrap();
    }
    assert!(fixture.queue.status().await.unwrap().breaker.is_some());
    let probe = fixture.claim().await;
    let name = probe.external_id().to_owned();
    fixture.queue.finish_done(&probe, NO_QUOTA, &created(&name, "i1")).await.unwrap();
    let status = fixture.queue.status().await.unwrap();
    assert!(status.breaker.is_none() && status.suspects == 0);
}

#[tokio::test]
async fn twenty_rejections_with_one_code_hold_the_account_for_a_person() {
    let fixture = QueueFixture::start().await;
    for number in 0..21 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    for _ in 0..20 {
        let grant = fixture.claim().await;
        let died = Died {
            outcome: "rejected",
            error_code: "NO_COLLECTION_METHODS_ERROR".to_owned(),
            ..Died::default()
        };
        assert_eq!(
            fixture.queue.finish_dead(&grant, NO_QUOTA, &died).await.unwrap(),
            Finished::Dead
        );
    }
    assert!(fixture.try_claim().await.is_none());
    let pause = fixture.queue.status().await.unwrap().pause.unwrap();
    assert_eq!(pause.reason, "rejections: NO_COLLECTION_METHODS_ERROR");
}

#[tokio::test]
async fn only_a_job_without_a_possible_effect_can_be_cancelled() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.queue.cancel(&id).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(fixture.state(&id).await, "cancelled");
    let id = fixture.accept("INV-2", |_| {}).await;
    let grant = fixture.claim().await;
    assert_eq!(fixture.queue.cancel(&id).await.unwrap(), Cancelled::TooLate("running".to_owned()));
    fixture.queue.finish_retry(&grant, NO_QUOTA, &goes_on("ambiguous")).await.unwrap();
    assert_eq!(
        fixture.queue.cancel(&id).await.unwrap(),
        Cancelled::TooLate("ambiguous".to_owned())
    );
    assert_eq!(fixture.queue.cancel("1-1").await.unwrap(), Cancelled::Unknown);
}
