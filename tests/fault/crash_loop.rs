//! A job under which worker after worker dies.

use antre_operating::notices;
use antre_testkit::{Direction, Flow};

use crate::fixture::{self, BILL, Fixture};

/// Another worker claims the job, which `crashes` workers have died under, and dies before its look-up arrives.
async fn dies_at_its_look_up(fixture: &Fixture, crashes: &str) {
    let mut worker = fixture.cluster.worker().await.unwrap();
    worker.xendit_link.set_flow(Direction::ToServer, Flow::Stalled);
    worker.start().unwrap();
    let claimed = fixture.cluster.until_record(&fixture.id, "the next claim", |job| {
        let is = |field: &str, value: &str| job.get(field).is_some_and(|found| found == value);
        is("crashes", crashes) && is("state", "running") && is("request", "lookup")
    });
    claimed.await.unwrap();
    worker.kill_and_forget().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_four_workers_in_a_row_is_dead_and_harms_no_other() {
    let mut fixture = Fixture::set().await;
    fixture.stand_before_arrival().await;
    fixture.victim.kill_and_forget().await.unwrap();
    dies_at_its_look_up(&fixture, "1").await;
    dies_at_its_look_up(&fixture, "2").await;
    dies_at_its_look_up(&fixture, "3").await;
    let _another = fixture.cluster.working().await.unwrap();
    fixture.cluster.until_field(&fixture.id, "error_code", "crash_loop").await.unwrap();
    let notices = notices(&fixture.cluster.queue.status().await.unwrap());
    assert!(notices.iter().any(|it| it.code == "leases_lost" && it.times == 4), "{notices:?}");
    let other = fixture.cluster.submit_one("INV-2").await.unwrap();
    fixture.cluster.until_field(&other, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!((fixture.creates(), fixture.cluster.payable(BILL).len()), (0, 0));
}
