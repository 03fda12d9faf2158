//! What Xendit says is left is spent grant by grant.

use std::time::Duration;

use antre_core::Quota;
use antre_store::claim::{Claim, WaitReason};
use antre_testkit::queue::{QueueFixture, created};

const RESET: Duration = Duration::from_millis(700);

#[tokio::test]
async fn a_budget_is_spent_grant_by_grant_and_comes_back_at_the_reset_to_the_microsecond() {
    let fixture = QueueFixture::start().await;
    for number in 0..4 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let start_us = fixture.queue.redis().time_us().await.unwrap();
    fixture.queue.set_clock(Some(start_us)).await.unwrap();
    let full = fixture.queue.claim_next("unknown", &fixture.worker, 0).await.unwrap();
    assert!(
        matches!(full, Claim::Wait { .. }),
        "an unknown server's windows count as full: {full:?}"
    );
    let at = async |later_us: u64, claim_token: &str| {
        fixture.queue.set_clock(Some(start_us + later_us)).await.unwrap();
        fixture.queue.claim_next(claim_token, &fixture.worker, 0).await.unwrap()
    };
    let Claim::Granted(first) = at(1_000_000, "first").await else { unreachable!("not granted") };
    let quota = Quota { remaining: Some(1), limit: Some(10), reset: Some(RESET) };
    fixture.queue.finish(&first, &created("i0"), quota).await.unwrap();

    assert!(matches!(at(1_100_000, "second").await, Claim::Granted(_)), "one remains");
    let reset_us = 1_000_000 + u64::try_from(RESET.as_micros()).unwrap();
    let one_us = Duration::from_micros(1);
    let early = at(reset_us - 1, "third").await;
    let waits = |claim: &Claim| matches!(claim, Claim::Wait { wait, reason, .. } if *reason == WaitReason::Quota && *wait == one_us);
    assert!(waits(&early), "{early:?}");
    assert!(matches!(at(reset_us, "third").await, Claim::Granted(_)));
}
