//! Redis refuses the end of a job, which no waiting mends, and takes it once somebody has repaired it.

use std::time::Duration;

use antre_testkit::eventually;
use antre_tests::chaos::conditions::Conditions;
use redis::aio::MultiplexedConnection;

use crate::fixture::{self, BILL, Fixture, PATIENCE};

/// Longer than the refusals last: the job stays its worker's.
const LEASE: Duration = Duration::from_secs(9);
/// Heartbeats and claims are refused as well; among so many there are two finishes at least.
const REFUSALS: usize = 20;

/// Returns how often the server refused a command for want of a right.
async fn refusals(redis: &mut MultiplexedConnection) -> usize {
    let info: String = redis::cmd("INFO").arg("errorstats").query_async(redis).await.unwrap();
    let count = info.lines().find_map(|line| line.strip_prefix("errorstat_NOPERM:count="));
    count.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finish_that_redis_refuses_twice_is_told_until_it_is_taken() {
    let conditions = Conditions { lease: LEASE, ..Conditions::quick() };
    let mut fixture = Fixture::set_in(fixture::cluster(conditions).await).await;
    let mut redis = fixture.cluster.redis().await.unwrap();
    let statistics = redis.clone();
    let mut permit = async |rule: &str| {
        let mut rules = redis::cmd("ACL");
        rules.arg("SETUSER").arg("default").arg(rule).exec_async(&mut redis).await.unwrap();
    };
    fixture.stand_after_effect().await;
    // The administrator mistypes a rule: no script may run.
    permit("-evalsha").await;
    fixture.victim.heal();
    eventually(PATIENCE, "calls are refused", async || {
        refusals(&mut statistics.clone()).await >= REFUSALS
    })
    .await
    .unwrap();
    permit("+evalsha").await;
    fixture.cluster.until_field(&fixture.id, "state", "done").await.unwrap();
    fixture::verify(&fixture.cluster).await;
    assert_eq!(
        (fixture.creates(), fixture.look_ups(), fixture.cluster.payable(BILL).len()),
        (1, 0, 1)
    );
    assert_eq!(fixture.cluster.queue.status().await.unwrap().totals.lapsed, 0);
}
