//! A job under which worker after worker dies.

use antre_testkit::{Direction, Flow};

use crate::scene::{self, BILL, Scene};

/// Another worker claims the job, which `crashes` workers have died under, and dies before its look-up arrives.
async fn dies_at_its_look_up(scene: &Scene, crashes: &str) {
    let mut worker = scene.arena.worker().await.unwrap();
    worker.xendit_link.set_flow(Direction::ToServer, Flow::Stalled);
    worker.start().unwrap();
    let claimed = scene.arena.until_record(&scene.id, "the next claim", |job| {
        let is = |field: &str, value: &str| job.get(field).is_some_and(|found| found == value);
        is("crashes", crashes) && is("state", "running") && is("step", "lookup")
    });
    claimed.await.unwrap();
    worker.kill_and_forget().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_four_workers_in_a_row_is_dead_and_harms_no_other() {
    let mut scene = Scene::set().await;
    scene.stand_before_arrival().await;
    scene.victim.kill_and_forget().await.unwrap();
    dies_at_its_look_up(&scene, "1").await;
    dies_at_its_look_up(&scene, "2").await;
    dies_at_its_look_up(&scene, "3").await;
    let _another = scene.arena.working().await.unwrap();
    scene.arena.until_field(&scene.id, "error_code", "crash_loop").await.unwrap();
    let notices = scene.arena.queue.status().await.unwrap().notices();
    assert!(notices.iter().any(|it| it.code == "leases_lost" && it.times == 4), "{notices:?}");
    let other = scene.arena.submit_one("INV-2").await.unwrap();
    scene.arena.until_field(&other, "state", "done").await.unwrap();
    scene::verify(&scene.arena).await;
    assert_eq!((scene.creates(), scene.arena.payable(BILL).len()), (0, 0));
}
