//! Random faults for a few seconds; `just chaos` goes on for minutes.

use std::time::Duration;

use antre_testkit::built_binary;
use antre_tests::chaos::check::describe;
use antre_tests::chaos::run::{Part, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_faults_lose_nothing_and_bill_nobody_twice() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let part =
        Part { pause_max: Duration::from_millis(600), ..Part::many_jobs(Duration::from_secs(6)) };
    keeps_its_promises(part, seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_neighbours_stop_nothing_and_bill_nobody_twice() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    keeps_its_promises(Part::neighbours(Duration::from_secs(6)), seed).await;
}

async fn keeps_its_promises(part: Part, seed: u64) {
    let outcome = run(&built_binary("antre").unwrap(), part, seed, |_news| ()).await.unwrap();
    assert!(outcome.violations.is_empty(), "seed {seed}\n{}", describe(&outcome.violations));
    assert_eq!(outcome.deaths, 0, "seed {seed}");
}
