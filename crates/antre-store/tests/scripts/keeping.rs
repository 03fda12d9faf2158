//! How long what is remembered, and how much of it.

use std::time::Duration;

use antre_core::Quota;
use antre_testkit::queue::{QueueFixture, ambiguous, created, quick_settings};

const DAY_S: i64 = 24 * 3600;

/// Returns for how many seconds a key is kept; -1 for ever, -2 if there is none.
async fn kept_s(fixture: &QueueFixture, key: &str) -> i64 {
    let mut connection = fixture.server.connect().await.unwrap();
    let mut ask = redis::cmd("TTL");
    ask.arg(fixture.queue.keys().named(key)).query_async(&mut connection).await.unwrap()
}

/// Moves the stopped clock on to `at_ms`.
async fn stop_at(fixture: &QueueFixture, at_ms: u64) {
    fixture.queue.set_clock(Some(at_ms * 1000)).await.unwrap();
}

async fn now_ms(fixture: &QueueFixture) -> u64 {
    fixture.queue.redis().time_us().await.unwrap() / 1000
}

#[tokio::test]
async fn everything_about_a_done_job_is_kept_as_long_as_the_protocol_says() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |job| job.batch = "december".to_owned()).await;
    let grant = fixture.claim().await;
    let created = created("i1");
    fixture.queue.finish(&grant, &created, Quota::default()).await.unwrap();
    let minute = now_ms(&fixture).await / 60_000;
    let kept =
        [("external_id:INV-1".to_owned(), 400 * DAY_S), ("batch:december".to_owned(), 90 * DAY_S)];
    for (key, wanted_s) in kept {
        let left_s = kept_s(&fixture, &key).await;
        assert!((wanted_s - 600..=wanted_s).contains(&left_s), "{key} is kept for {left_s} s");
    }
    // The result goes with its record, by the sweep.
    let result = format!("result:{id}");
    assert_eq!(kept_s(&fixture, &result).await, -1);
    let later_ms = u64::try_from(quick_settings().retention_done.as_millis()).unwrap() + 1_000;
    let begun_ms = now_ms(&fixture).await;
    // Retention follows a clock that goes forward by an hour with each sweep.
    for hours in 0..=later_ms / 3_600_000 + 1 {
        assert_eq!(kept_s(&fixture, &result).await, -1, "after {hours} hours");
        stop_at(&fixture, begun_ms + hours * 3_600_000).await;
        if fixture.queue.sweep().await.unwrap() > 0 {
            break;
        }
    }
    assert_eq!(kept_s(&fixture, &result).await, -2);
    // The minute may have turned since.
    let mut minutes = Vec::new();
    for minute in [minute - 1, minute] {
        minutes.push(kept_s(&fixture, &format!("stats:{minute}")).await);
    }
    assert!(minutes.iter().any(|left_s| (2 * DAY_S - 600..=2 * DAY_S).contains(left_s)));
}

#[tokio::test]
async fn a_bill_has_a_hundred_duplicates_and_no_more() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    for number in 1..=100 {
        let id = fixture.accept("INV-1", |_| {}).await;
        assert_eq!(fixture.state(&id).await, "waiting", "duplicate {number}");
    }
    let refused = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.field(&refused, "error_code").await, "too_many_duplicates");
}

#[tokio::test]
async fn a_notice_that_comes_back_within_ten_minutes_belongs_to_the_same_row() {
    let fixture = QueueFixture::start().await;
    let begun_ms = now_ms(&fixture).await;
    let row_ms = 10 * 60 * 1000;
    let seen = async |at_ms| {
        stop_at(&fixture, at_ms).await;
        fixture.accept("", |job| job.error_code = "invalid".to_owned()).await;
        let recorded = fixture.queue.status().await.unwrap().recorded;
        let event = recorded.into_iter().find(|it| it.code == "invalid_jobs").unwrap();
        (event.since_ms - begun_ms, event.times)
    };
    assert_eq!(seen(begun_ms).await, (0, 1));
    assert_eq!(seen(begun_ms + row_ms).await, (0, 2));
    assert_eq!(seen(begun_ms + 2 * row_ms + 1).await, (2 * row_ms + 1, 1));
}

#[tokio::test]
async fn a_grant_counts_as_sent_once_it_cannot_come_back_any_more() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let mut now_us = fixture.queue.redis().time_us().await.unwrap();
    let within = Duration::from_secs(30);
    let grant = fixture.claim_at(&mut now_us, within).await.unwrap();
    let sent_us = async |at_us: u64| {
        fixture.queue.set_clock(Some(at_us)).await.unwrap();
        fixture.queue.status().await.unwrap().sent_us
    };
    let latest_us = now_us + u64::try_from(grant.send_within.as_micros()).unwrap();
    assert_eq!(sent_us(latest_us + 999_999).await, 0);
    assert_eq!(sent_us(latest_us + 1_000_000).await, latest_us);
}

#[tokio::test]
async fn a_job_that_goes_on_after_a_failure_says_so_to_those_who_follow_events() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    fixture.queue.finish(&grant, &ambiguous(false), Quota::default()).await.unwrap();
    let mut connection = fixture.server.connect().await.unwrap();
    let mut last = redis::cmd("XREVRANGE");
    last.arg(fixture.queue.keys().named("events")).arg("+").arg("-").arg("COUNT").arg(1);
    let events: redis::streams::StreamRangeReply = last.query_async(&mut connection).await.unwrap();
    let field = |name| events.ids[0].get::<String>(name).unwrap();
    assert_eq!(
        [field("event"), field("job"), field("detail")],
        ["retrying".to_owned(), id, "code_ambiguous".to_owned()]
    );
}
