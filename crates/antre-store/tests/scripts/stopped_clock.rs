//! The stopped clock itself.

use antre_testkit::queue::QueueFixture;

#[tokio::test]
async fn a_stopped_clock_is_the_time_of_every_script_until_it_goes_on() {
    let fixture = QueueFixture::start().await;
    let queue = &fixture.queue;
    assert_eq!(queue.stopped_clock_us().await.unwrap(), None);
    queue.set_clock(Some(1_700_000_000_123_456)).await.unwrap();
    assert_eq!(queue.stopped_clock_us().await.unwrap(), Some(1_700_000_000_123_456));
    assert_eq!(queue.status().await.unwrap().now_ms, 1_700_000_000_123);
    let id = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.field(&id, "accepted_at").await, "1700000000123");
    queue.set_clock(None).await.unwrap();
    assert!(
        queue.status().await.unwrap().now_ms * 1000
            >= queue.redis().time_us().await.unwrap() - 60_000_000
    );
}
