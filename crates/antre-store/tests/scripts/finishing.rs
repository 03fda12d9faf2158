//! What answers do to a job.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_core::state::{NextRequest, State};
use antre_store::{
    StoreError,
    claim::{Claim, WaitReason},
    finish::Finished,
    operate::{Cancelled, Retried, TooLate},
};
use antre_testkit::queue::{
    QueueFixture, absent, ambiguous, created, delivered, follow_up_done, invoice, limited,
    quick_settings, rejected,
};

const NO_QUOTA: Quota = Quota { remaining: None, limit: None, reset: None };

#[tokio::test]
async fn a_created_invoice_ends_the_job() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |job| job.batch = "2026-12".to_owned()).await;
    let grant = fixture.claim().await;
    let finished = fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Done);
    assert_eq!(fixture.state(&id).await, "done");
    assert_eq!(fixture.field(&id, "attempts").await, "1");
    assert_eq!(
        fixture.queue.bill("INV-1").await.unwrap().unwrap().invoice.id.as_deref(),
        Some("i1")
    );
    let batch = fixture.queue.batch("2026-12").await.unwrap();
    assert_eq!((batch.total, batch.done), (1, 1));
    let repeated = fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    assert_eq!(repeated, Finished::Same);
}

#[tokio::test]
async fn a_failing_create_is_looked_up_before_each_retry_and_dead_after_the_fourth() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    for create in 1..=4 {
        let grant = fixture.claim().await;
        assert_eq!(grant.request, NextRequest::Create, "create {create}");
        let failure = ambiguous(true);
        let finished = fixture.queue.finish(&grant, &failure, NO_QUOTA).await.unwrap();
        assert_eq!(finished, Finished::Scheduled);
        let grant = fixture.claim().await;
        assert_eq!(grant.request, NextRequest::LookUp);
        let finished = fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
        assert_eq!(finished, if create == 4 { Finished::Dead } else { Finished::Waiting });
    }
    assert_eq!(fixture.field(&id, "error_code").await, "code_ambiguous");
    assert_eq!(fixture.queue.retry(std::slice::from_ref(&id)).await.unwrap(), [Retried::Revived]);
    assert_eq!(fixture.field(&id, "attempts").await, "0");
    assert_eq!(fixture.claim().await.request, NextRequest::LookUp, "it had sent creates");
}

#[tokio::test]
async fn an_unclear_create_is_not_repeated_however_often_it_is_absent() {
    let mut settings = quick_settings();
    settings.trust_absence_answered = Duration::from_mins(1);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let failure = ambiguous(true);
    fixture.queue.finish(&grant, &failure, NO_QUOTA).await.unwrap();
    let grant = fixture.claim().await;
    let finished = fixture.queue.finish(&grant, &absent(), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Scheduled);
    assert_eq!(fixture.field(&id, "request").await, "lookup");
    assert!(fixture.try_claim().await.is_none(), "nothing before an absence is trusted");
}

#[tokio::test]
async fn a_late_created_answer_counts_whatever_became_of_the_job() {
    let mut settings = quick_settings();
    settings.lease = Duration::from_millis(5);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let late = fixture.claim().await;
    let second = fixture.claim().await;
    assert_eq!(second.request, NextRequest::LookUp);
    let finished = fixture.queue.finish(&late, &created("i1"), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Done);
    let finished = fixture.queue.finish(&second, &absent(), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::LeaseLost, "the other claim token is outdated");
    assert_eq!(fixture.state(&id).await, "done");
}

#[tokio::test]
async fn a_second_invoice_of_a_done_job_is_expired_by_a_follow_up() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    fixture.queue.finish(&grant, &created("i1"), NO_QUOTA).await.unwrap();
    let finished = fixture.queue.finish(&grant, &created("i2"), NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Surplus);
    let follow_up = fixture.claim().await;
    assert_eq!(
        (follow_up.request, follow_up.invoice_id.as_deref()),
        (NextRequest::Expire, Some("i2"))
    );
    assert_eq!(
        fixture.queue.finish(&follow_up, &follow_up_done(), NO_QUOTA).await.unwrap(),
        Finished::Done
    );
    assert_eq!(fixture.queue.status().await.unwrap().follow_ups, 0);
}

#[tokio::test]
async fn a_limited_answer_pauses_the_fleet_and_uses_no_attempt() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let limited = limited(Duration::from_secs(5));
    fixture.queue.finish(&grant, &limited, NO_QUOTA).await.unwrap();
    let claim = fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap();
    assert!(matches!(claim, Claim::Wait { reason, .. } if reason == WaitReason::Limited));
    assert_eq!(fixture.field(&id, "attempts").await, "0");
    assert_eq!(fixture.field(&id, "request").await, "create");
    assert_eq!(fixture.field(&id, "effective_until").await, "");
}

#[tokio::test]
async fn a_refused_key_opens_the_breaker_and_the_job_waits() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let key_refused = JobOutcome::KeyRefused(Cause::new("code_key_refused", "as told"));
    fixture.queue.finish(&grant, &Outcome::Job(key_refused), NO_QUOTA).await.unwrap();
    let claim = fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap();
    assert!(matches!(claim, Claim::Wait { reason, .. } if reason == WaitReason::Breaker));
    assert_eq!(fixture.state(&id).await, "waiting");
}

#[tokio::test]
async fn three_different_suspects_open_the_breaker_and_a_create_closes_it() {
    let fixture = QueueFixture::start().await;
    for number in 0..5 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let slow = fixture.claim().await;
    for _ in 0..3 {
        let grant = fixture.claim().await;
        assert_eq!(grant.request, NextRequest::Create);
        let not_sent = JobOutcome::NotSent(Cause::new("code_not_sent", "as told"));
        fixture.queue.finish(&grant, &Outcome::Job(not_sent), NO_QUOTA).await.unwrap();
    }
    assert!(fixture.queue.status().await.unwrap().breaker.is_some());
    fixture.queue.finish(&slow, &created("i1"), NO_QUOTA).await.unwrap();
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
        let died = rejected("NO_COLLECTION_METHODS_ERROR");
        assert_eq!(fixture.queue.finish(&grant, &died, NO_QUOTA).await.unwrap(), Finished::Dead);
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
    assert_eq!(fixture.queue.cancel(&id).await.unwrap(), Cancelled::TooLate(TooLate::Running));
    fixture.queue.finish(&grant, &ambiguous(false), NO_QUOTA).await.unwrap();
    assert_eq!(fixture.queue.cancel(&id).await.unwrap(), Cancelled::TooLate(TooLate::Ambiguous));
    assert_eq!(fixture.queue.cancel("1-1").await.unwrap(), Cancelled::Unknown);

    // A dead one is as good as not sent if nothing was.
    let invalid = fixture.accept("INV-3", |job| "invalid".clone_into(&mut job.error_code)).await;
    assert_eq!(fixture.state(&invalid).await, "dead");
    assert_eq!(fixture.queue.cancel(&invalid).await.unwrap(), Cancelled::Cancelled);
    assert_eq!(fixture.queue.cancel(&invalid).await.unwrap(), Cancelled::Ended(State::Cancelled));
}

/// How often Redis was asked to finish something, as a function or as a script.
async fn calls(fixture: &QueueFixture) -> u64 {
    let mut connection = fixture.server.connect().await.unwrap();
    let stats: redis::InfoDict =
        redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.unwrap();
    let calls = |command: &str| {
        let figures: String = stats.get(&format!("cmdstat_{command}")).unwrap_or_default();
        let calls =
            figures.split(',').find_map(|it| it.strip_prefix("calls=")?.parse::<u64>().ok());
        calls.unwrap_or_default()
    };
    calls("fcall") + calls("evalsha")
}

#[tokio::test]
async fn answers_that_come_together_are_written_together_and_one_that_fails_fails_alone() {
    let fixture = QueueFixture::start().await;
    let mut grants = Vec::new();
    for number in 0..8 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
        grants.push(fixture.claim().await);
    }
    let mut connection = fixture.server.connect().await.unwrap();
    let foreign = fixture.queue.keys().meta(&grants[3].id);
    redis::cmd("SET").arg(foreign).arg("x").exec_async(&mut connection).await.unwrap();
    let before = calls(&fixture).await;
    let answers: Vec<_> = (0..8).map(|number| created(&format!("i{number}"))).collect();
    let finishes = grants.iter().zip(&answers);
    let finishes = finishes.map(|(grant, answer)| fixture.queue.finish(grant, answer, NO_QUOTA));
    let finished = futures_util::future::join_all(finishes).await;
    // The first goes alone; the others wait for it, and go together.
    assert_eq!(calls(&fixture).await - before, 2);
    for (number, finished) in finished.iter().enumerate() {
        match finished {
            Err(StoreError::WrongType(_)) => assert_eq!(number, 3),
            finished => assert_eq!(*finished.as_ref().unwrap(), Finished::Done, "{number}"),
        }
    }
    assert!(finished[3].is_err(), "another program has written there");
    for (number, grant) in grants.iter().enumerate().filter(|(number, _)| *number != 3) {
        assert_eq!(fixture.state(&grant.id).await, "done", "{number}");
    }
    let status = fixture.queue.status().await.unwrap();
    assert_eq!((status.totals.done, status.done, status.running), (7, 7, 1), "each in its place");
}

#[tokio::test]
async fn a_link_with_a_line_break_does_not_break_its_bill() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let broken = Invoice { url: Some("https://checkout.example/a\nb".to_owned()), ..invoice("i1") };
    fixture.queue.finish(&grant, &delivered(broken), NO_QUOTA).await.unwrap();
    let bill = fixture.queue.bill("INV-1").await.unwrap().unwrap();
    assert_eq!((bill.job, bill.invoice.id.as_deref()), (Some(grant.id), Some("i1")));
    let again = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.state(&again).await, "done", "it is a duplicate of the bill");
}
