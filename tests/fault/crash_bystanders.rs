//! Workers die under several jobs at once: only the job that kills them is dead in the end.

use antre_core::state::State;
use std::time::Duration;

use antre_testkit::{Direction, Flow};
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::moment::pass;
use xendit_sim::{Act, Fault};

use crate::fixture::{self, PATIENCE};

const POISON: &str = "POISON";
const KILLS: usize = 4;
const IN_FLIGHT: u64 = 5;
const FEW: usize = 5;
/// Many paces, and less than a lease.
const CLAIMS_LAST: Duration = Duration::from_millis(400);

fn bills(count: usize) -> Vec<Bill> {
    (0..count).map(|number| Bill::new(format!("INV-{number}"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_deaths_with_five_jobs_in_flight_kill_no_job() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    let mut worker = cluster.worker().await.unwrap();
    for kill in 0..KILLS {
        // Nothing comes back: whatever it claims is in flight when it dies.
        worker.xendit_link.set_flow(Direction::ToClient, Flow::Stalled);
        worker.start().unwrap();
        if kill == 0 {
            cluster.submit(&bills(FEW)).await.unwrap();
            let full = |status: &antre_store::status::Status| status.running >= IN_FLIGHT;
            cluster.until("five are in flight", full).await.unwrap();
        } else {
            let lost = cluster.queue.status().await.unwrap().totals.lapsed;
            cluster
                .until("it has claimed what the last one lost", |status| {
                    status.totals.lapsed > lost && status.running > 0
                })
                .await
                .unwrap();
            // Time to take all of them at once, if it would.
            pass(CLAIMS_LAST).await;
        }
        worker.kill_and_forget().await.unwrap();
    }
    worker.start().unwrap();
    cluster.drain(PATIENCE).await.unwrap();
    let status = cluster.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (IN_FLIGHT, 0), "{status:?}");
    assert!(status.totals.lapsed >= IN_FLIGHT + 3, "{}", status.totals.lapsed);
    fixture::verify(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_each_worker_is_dead_alone() {
    let cluster = fixture::cluster(Conditions::quick()).await;
    // Its requests stay open, so that there is time to kill whoever sent one.
    let hang = Fault::always(Act::Hang { max_ms: 60_000 }).for_external_id(POISON);
    cluster.xendit.add_fault(hang).unwrap();
    let mut worker = cluster.worker().await.unwrap();
    cluster.queue.pause("test", "gathers jobs", None).await.unwrap();
    worker.start().unwrap();
    cluster.until("it serves", |status| !status.workers.is_empty()).await.unwrap();
    let mut all = bills(20);
    all.insert(3, Bill::new(POISON));
    let ids = cluster.submit(&all).await.unwrap();
    cluster.until("all wait", |status| status.waiting_total() == 21).await.unwrap();
    cluster.queue.resume("test").await.unwrap();
    let mut deaths = 0;
    loop {
        let seen = cluster.arrivals(POISON).len();
        let moved = antre_testkit::eventually(PATIENCE, "it is sent or dead", async || {
            let job = cluster.queue.job(&ids[3]).await.unwrap();
            let is_dead = job.is_some_and(|job| job.state == Some(State::Dead));
            is_dead || cluster.arrivals(POISON).len() > seen || deaths == 0 && seen > 0
        });
        moved.await.unwrap();
        if cluster.queue.job(&ids[3]).await.unwrap().unwrap().state == Some(State::Dead) {
            break;
        }
        worker.kill_and_forget().await.unwrap();
        deaths += 1;
        assert!(deaths <= 8, "it never dies");
        worker.start().unwrap();
    }
    cluster.until_field(&ids[3], "error_code", "crash_loop").await.unwrap();
    assert_eq!(deaths, KILLS, "one with its neighbours, three alone");
    cluster.drain(PATIENCE).await.unwrap();
    let status = cluster.queue.status().await.unwrap();
    assert_eq!((status.done, status.dead), (20, 1), "{status:?}");
    fixture::verify(&cluster).await;
}
