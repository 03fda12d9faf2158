//! Redis' clock steps, back and forth: what is pending is done in time, and the order stays.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::Outcome;
use antre_store::claim::{Claim, Grant, GrantKind, Unused};
use antre_store::finish::Finished;
use antre_testkit::queue::{QueueFixture, adopted, ambiguous, follow_up_done, invoice};

const SECOND_US: u64 = 1_000_000;
const HOUR_US: u64 = 3_600 * SECOND_US;
const YEAR_US: u64 = 365 * 24 * HOUR_US;
/// A surplus invoice is on somebody's phone: so long it may stay there after a step.
const SOON: Duration = Duration::from_secs(10);

async fn fixture() -> (QueueFixture, u64) {
    let fixture = QueueFixture::start().await;
    let now_us = fixture.queue.redis().time_us().await.unwrap();
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    (fixture, now_us)
}

async fn done(fixture: &QueueFixture, grant: &Grant, surplus: &[&str]) {
    let delivered = adopted(invoice(&format!("invoice-{}", grant.external_id())), surplus);
    let finished = fixture.queue.finish(grant, &delivered, Quota::default()).await;
    assert_eq!(finished.unwrap(), Finished::Done);
}

/// A surplus invoice was found, and the first try to expire it has failed.
async fn with_a_surplus_pending() -> (QueueFixture, u64) {
    let (fixture, mut now_us) = fixture().await;
    fixture.accept_at(now_us, "INV-1", |_| {}).await;
    let grant = fixture.claim_at(&mut now_us, SOON).await.unwrap();
    done(&fixture, &grant, &["surplus-1"]).await;
    let follow_up = fixture.claim_at(&mut now_us, SOON).await.unwrap();
    assert_eq!((follow_up.kind, follow_up.id.as_str()), (GrantKind::FollowUp, "expire-surplus-1"));
    let failed = Outcome::FollowUp(FollowUpOutcome::LookUpFailed { code: "http_500".to_owned() });
    fixture.queue.finish(&follow_up, &failed, Quota::default()).await.unwrap();
    (fixture, now_us)
}

async fn is_expired_soon(fixture: &QueueFixture, now_us: &mut u64) {
    let follow_up = fixture.claim_at(now_us, SOON).await.unwrap();
    assert_eq!((follow_up.kind, follow_up.id.as_str()), (GrantKind::FollowUp, "expire-surplus-1"));
    fixture.queue.finish(&follow_up, &follow_up_done(), Quota::default()).await.unwrap();
    let status = fixture.queue.status().await.unwrap();
    assert_eq!(status.follow_ups, 0);
    assert!(
        status.recorded.iter().any(|it| it.code == "clock_stepped_back"),
        "{:?}",
        status.recorded
    );
}

#[tokio::test]
async fn a_surplus_does_not_wait_out_a_step_back_of_an_hour() {
    let (fixture, mut now_us) = with_a_surplus_pending().await;
    now_us -= HOUR_US;
    is_expired_soon(&fixture, &mut now_us).await;
}

#[tokio::test]
async fn a_surplus_does_not_wait_out_a_step_back_of_years() {
    let (fixture, mut now_us) = with_a_surplus_pending().await;
    now_us -= 3 * YEAR_US;
    is_expired_soon(&fixture, &mut now_us).await;
}

#[tokio::test]
async fn a_surplus_is_expired_after_a_step_forward_of_years_and_back_again() {
    let (fixture, mut now_us) = with_a_surplus_pending().await;
    let home_us = now_us;
    now_us += 3 * YEAR_US;
    fixture.accept_at(home_us, "INV-2", |_| {}).await;
    // One claim sees the strange time; whatever it was goes back unfinished.
    let strange = fixture.claim_at(&mut now_us, SOON).await.unwrap();
    fixture.queue.give_back(&strange, Unused::TooLate).await.unwrap();
    now_us = home_us + SECOND_US;
    let (mut expired, mut created) = (false, false);
    while let Some(grant) = fixture.claim_at(&mut now_us, SOON).await {
        match grant.kind {
            GrantKind::FollowUp => {
                fixture.queue.finish(&grant, &follow_up_done(), Quota::default()).await.unwrap();
                expired = true;
            }
            GrantKind::Job => {
                done(&fixture, &grant, &[]).await;
                created = true;
            }
            GrantKind::Probe | GrantKind::Read => unreachable!("{grant:?}"),
        }
    }
    assert!(expired && created, "{:?}", fixture.queue.status().await.unwrap());
}

/// Lets the queue see the stopped clock; nothing is granted while it is paused.
async fn look_at_the_clock(fixture: &QueueFixture) {
    for number in 0..10 {
        let claim_token = format!("look-{number}");
        let claim = fixture.queue.claim_next(&claim_token, &fixture.worker, 0).await.unwrap();
        assert!(
            matches!(claim, Claim::Again | Claim::Wait { .. } | Claim::Idle { .. }),
            "{claim:?}"
        );
    }
}

/// Accepts at several instants and returns the order in which the jobs are granted from `now_us` on.
async fn order(fixture: &QueueFixture, instants: &[u64], now_us: &mut u64) -> Vec<String> {
    fixture.queue.pause("tester", "so that all wait", None).await.unwrap();
    for (number, at_us) in instants.iter().enumerate() {
        fixture.queue.set_clock(Some(*at_us)).await.unwrap();
        look_at_the_clock(fixture).await;
        fixture.accept_at(instants[0], &format!("INV-{number}"), |_| {}).await;
    }
    fixture.queue.set_clock(Some(*now_us)).await.unwrap();
    look_at_the_clock(fixture).await;
    fixture.queue.resume("tester").await.unwrap();
    let mut order = Vec::new();
    while let Some(grant) = fixture.claim_at(now_us, Duration::from_mins(1)).await {
        order.push(grant.external_id().to_owned());
        done(fixture, &grant, &[]).await;
    }
    order
}

#[tokio::test]
async fn jobs_accepted_while_the_clock_was_years_ahead_do_not_wait_for_years() {
    let (fixture, now_us) = fixture().await;
    let ahead_us = now_us + 5 * YEAR_US;
    let mut back_us = now_us + 2 * SECOND_US;
    let found = order(&fixture, &[now_us, ahead_us, back_us], &mut back_us).await;
    assert_eq!(found, ["INV-0", "INV-1", "INV-2"]);
}

#[tokio::test]
async fn the_order_survives_a_step_back_and_forth() {
    let (fixture, now_us) = fixture().await;
    let instants =
        [now_us, now_us - HOUR_US, now_us + HOUR_US, now_us - HOUR_US / 2, now_us + SECOND_US];
    let mut end_us = now_us + 2 * SECOND_US;
    let found = order(&fixture, &instants, &mut end_us).await;
    assert_eq!(found, ["INV-0", "INV-1", "INV-2", "INV-3", "INV-4"]);
}

#[tokio::test]
async fn a_retry_that_waits_does_not_wait_out_a_step_back() {
    let (fixture, mut now_us) = fixture().await;
    let id = fixture.accept_at(now_us, "INV-1", |_| {}).await;
    let grant = fixture.claim_at(&mut now_us, SOON).await.unwrap();
    fixture.queue.finish(&grant, &ambiguous(false), Quota::default()).await.unwrap();
    now_us -= YEAR_US;
    let again = fixture.claim_at(&mut now_us, SOON).await.unwrap();
    assert_eq!((again.id, again.request.as_str()), (id, "lookup"));
}

#[tokio::test]
async fn a_lease_does_not_outlast_a_step_back_by_the_step() {
    let (fixture, mut now_us) = fixture().await;
    let id = fixture.accept_at(now_us, "INV-1", |_| {}).await;
    fixture.claim_at(&mut now_us, SOON).await.unwrap();
    now_us -= YEAR_US;
    let again = fixture.claim_at(&mut now_us, Duration::from_secs(30)).await.unwrap();
    assert_eq!((again.id, again.request.as_str()), (id, "lookup"));
}
