//! 429: what it does to the account's pace.

use std::time::Duration;

use antre_core::Quota;
use antre_store::claim::{Claim, Grant};
use antre_testkit::queue::{QueueFixture, limited, quick_settings};

async fn claim_at(fixture: &QueueFixture, now_us: u64, claim_token: &str) -> Grant {
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    let claim = fixture.queue.claim_next(claim_token, &fixture.worker, 0).await.unwrap();
    let Claim::Granted(grant) = claim else { unreachable!("not granted: {claim:?}") };
    *grant
}

async fn limit(fixture: &QueueFixture, grant: &Grant) -> Duration {
    let limited = limited(Duration::from_secs(5));
    fixture.queue.finish(grant, &limited, Quota::default()).await.unwrap();
    fixture.queue.status().await.unwrap().interval
}

#[tokio::test]
async fn a_pause_halves_the_pace_once_and_30_s_without_one_double_it_back() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    settings.send_within = Duration::ZERO;
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..3 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let start_us = fixture.queue.redis().time_us().await.unwrap();
    let at = |ms: u64| start_us + ms * 1000;
    fixture.queue.set_clock(Some(at(0))).await.unwrap();
    let Claim::Wait { .. } = fixture.queue.claim_next("f0", &fixture.worker, 0).await.unwrap()
    else {
        unreachable!("an unknown server's short windows count as full");
    };
    let first = claim_at(&fixture, at(1_000), "f1").await;
    let second = claim_at(&fixture, at(1_500), "f2").await;
    assert_eq!(limit(&fixture, &first).await, Duration::from_secs(1));
    assert_eq!(limit(&fixture, &second).await, Duration::from_secs(1), "one pause, one halving");
    assert_eq!(fixture.queue.status().await.unwrap().totals.limited, 1);

    let third = claim_at(&fixture, at(6_500), "f3").await;
    assert_eq!(limit(&fixture, &third).await, Duration::from_secs(2), "another pause");
    for (later_ms, interval_ms) in [(29_999, 2_000), (30_000, 1_000), (60_000, 500), (90_000, 500)]
    {
        fixture.queue.set_clock(Some(at(6_500 + later_ms))).await.unwrap();
        let interval = fixture.queue.status().await.unwrap().interval;
        assert_eq!(interval, Duration::from_millis(interval_ms), "after {later_ms} ms");
    }
}

#[tokio::test]
async fn a_429_at_full_pace_allows_for_more_uneven_delivery_and_status_shows_it() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(5);
    settings.send_within = Duration::from_millis(5);
    settings.lease = Duration::from_mins(10);
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..3 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let mut now_us = 1_800_000_000_000_000;
    let mut last = None;
    for _ in 0..3 {
        last = fixture.claim_at(&mut now_us, Duration::from_secs(3)).await;
    }
    limit(&fixture, &last.unwrap()).await;
    let status = fixture.queue.status().await.unwrap();
    assert_eq!(status.jitter_learned, Duration::from_millis(5));
    assert_eq!(status.jitter_allowance, Duration::from_millis(10));
    fixture.queue.set_clock(Some(now_us + 3_600_000_000)).await.unwrap();
    let later = fixture.queue.status().await.unwrap();
    assert_eq!(later.jitter_learned, Duration::from_micros(2_500));
    assert_eq!(later.interval, Duration::from_micros((1_000_000 + 5_000 + 7_500) / 2));
}
