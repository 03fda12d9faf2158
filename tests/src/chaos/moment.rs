//! Letting time pass where time itself is the event: a fault that lasts, a rate that is measured.

use std::time::Duration;

/// Lets `time` pass.
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
