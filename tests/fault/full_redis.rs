//! Redis has no memory left: nothing new is accepted or sent, and what is under way is finished.

use antre_tests::chaos::bills::Bill;
use redis::aio::MultiplexedConnection;

use crate::scene::{self, Scene};

async fn set_memory_max(redis: &mut MultiplexedConnection, bytes: u64) {
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).exec_async(redis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_still_takes_the_end_of_what_is_under_way() {
    let mut scene = Scene::set().await;
    let mut redis = scene.arena.redis().await.unwrap();
    let waiting = scene.arena.submit_one("INV-2").await.unwrap();
    scene.arena.until_field(&waiting, "state", "waiting").await.unwrap();
    scene.stand_after_effect().await;
    set_memory_max(&mut redis, 1).await;
    scene.victim.heal();
    scene.arena.until_field(&scene.id, "state", "done").await.unwrap();
    let refused = scene.arena.queue.submit(&[Bill::new("INV-3").to_json()]).await;
    assert!(refused.is_err(), "{refused:?}");
    scene.victim.line("out of memory").await.unwrap();
    set_memory_max(&mut redis, 0).await;
    scene.arena.until_field(&waiting, "state", "done").await.unwrap();
    scene::verify(&scene.arena).await;
}
