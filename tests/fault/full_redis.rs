//! Redis has no memory left: nothing new is accepted or sent, and what is under way is finished.

use antre_tests::chaos::bills::Bill;
use redis::aio::MultiplexedConnection;

use crate::fixture::{self, Fixture};

async fn set_memory_max(redis: &mut MultiplexedConnection, bytes: u64) {
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).exec_async(redis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_still_takes_the_end_of_what_is_under_way() {
    let mut fixture = Fixture::set().await;
    let mut redis = fixture.cluster.redis().await.unwrap();
    let waiting = fixture.cluster.submit_one("INV-2").await.unwrap();
    fixture.cluster.until_field(&waiting, "state", "waiting").await.unwrap();
    fixture.stand_after_effect().await;
    set_memory_max(&mut redis, 1).await;
    fixture.victim.heal();
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    let refused = fixture.cluster.queue.submit(&[Bill::new("INV-3").to_json()]).await;
    assert!(refused.is_err(), "{refused:?}");
    fixture.victim.line("out of memory").await.unwrap();
    set_memory_max(&mut redis, 0).await;
    fixture.cluster.until_field(&waiting, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
}
