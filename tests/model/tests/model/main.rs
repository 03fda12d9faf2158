//! Random runs of events against Redis and against the pure machine and pacer: both must agree.
//!
//! Redis' clock is stopped and moved by the test, so a run is fast and repeatable. The bounded run is
//! part of the ordinary tests; `ANTRE_MODEL_SEQUENCES` makes it longer and `ANTRE_MODEL_SEED` begins
//! elsewhere, for example with the seed that a failure printed:
//! `ANTRE_MODEL_SEED=17 ANTRE_MODEL_SEQUENCES=1 cargo test -p antre-model`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a broken fixture fails its test, and each match here is about a few of many words"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use antre_store::{Redis, settings::Settings};
use antre_testkit::{RedisServer, queue::quick_settings};

use coverage::Coverage;
use environment::Bounds;
use operation::Operation;
use run::Run;

mod answers;
mod coverage;
mod environment;
mod exhaustive;
mod guarantees;
mod model;
mod operation;
mod run;
mod seen;
mod snapshot;

const LENGTH: usize = 100;
const LANES: u64 = 2;
/// Courses on one server, so that a long run does not keep every queue in memory.
const COURSES_PER_SERVER: u64 = 500;
const CUTS_MAX: usize = 1000;

/// Where a run went wrong: the number of the step, and how.
struct Failure {
    step: usize,
    fault: String,
}

/// A server, and a new account for every run.
struct Setup {
    server: RedisServer,
    redis: Redis,
    runs: AtomicU64,
}

impl Setup {
    async fn start() -> Self {
        let server = RedisServer::start().await.unwrap();
        let redis = Redis::open(&server.url()).unwrap();
        Self { server, redis, runs: AtomicU64::new(0) }
    }

    async fn run(
        &self,
        settings: &Settings,
        operations: &[Operation],
    ) -> Result<Coverage, Failure> {
        let account = format!("m{}", self.runs.fetch_add(1, Ordering::Relaxed));
        let queue = self.redis.queue(account.parse().unwrap());
        let connection = self.server.connect().await.unwrap();
        let mut run = Run::start(queue, connection, settings).await;
        for (step, operation) in operations.iter().enumerate() {
            run.step(operation).await.map_err(|fault| Failure { step, fault })?;
        }
        Ok(run.coverage().await)
    }

    /// Returns the shortest run found that still fails, and how it fails.
    async fn shrink(
        &self,
        settings: &Settings,
        operations: &[Operation],
        failure: Failure,
    ) -> (Vec<Operation>, Failure) {
        let mut shortest = operations[..=failure.step].to_vec();
        let (mut failure, mut cuts, mut length) = (failure, 0, usize::MAX);
        while shortest.len() < length && cuts < CUTS_MAX {
            length = shortest.len();
            let mut index = 0;
            while index < shortest.len() && cuts < CUTS_MAX {
                let mut shorter = shortest.clone();
                shorter.remove(index);
                cuts += 1;
                match self.run(settings, &shorter).await {
                    Err(other) => {
                        shorter.truncate(other.step + 1);
                        (shortest, failure) = (shorter, other);
                    }
                    Ok(_) => index += 1,
                }
            }
        }
        (shortest, failure)
    }
}

fn settings(variant: usize) -> Settings {
    let limits = ["2/1s", "5/1s,20/30s", "1/2s,3/15s,2/5s"][variant];
    Settings {
        limits: limits.parse().unwrap(),
        jitter_allowance: Duration::from_millis(5),
        request_timeout: Duration::from_secs([15, 2, 15][variant]),
        trust_absence_answered: Duration::from_secs(5),
        trust_absence_unanswered: Duration::from_secs([45, 10, 45][variant]),
        retry_delays: "1s,2s,4s".parse().unwrap(),
        head_start_high: Duration::from_secs([48 * 3600, 3, 0][variant]),
        head_start_normal: Duration::from_secs([24 * 3600, 1, 0][variant]),
        breaker_probe: Duration::from_secs(5),
        read_share: [4, 2, 3][variant],
        ..quick_settings()
    }
}

async fn run_course(setup: &Setup, seed: u64) -> Coverage {
    let (variant, operations) = operation::run(seed, LENGTH);
    let settings = settings(variant);
    let failure = match setup.run(&settings, &operations).await {
        Ok(coverage) => return coverage,
        Err(failure) => failure,
    };
    let (shortest, failure) = setup.shrink(&settings, &operations, failure).await;
    let steps: Vec<_> = shortest
        .iter()
        .enumerate()
        .map(|(step, operation)| format!("  {step}: {operation:?}"))
        .collect();
    panic!(
        "ANTRE_MODEL_SEED={seed} fails at step {} of these:\n{}\n{}",
        failure.step,
        steps.join("\n"),
        failure.fault,
    );
}

/// Runs runs one after the other until all numbers are taken.
async fn run_lane(bounds: Bounds, next: &AtomicU64) -> Coverage {
    let mut coverage = Coverage::default();
    let mut setup = Setup::start().await;
    for runs in 1.. {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= bounds.sequences {
            break;
        }
        if runs % COURSES_PER_SERVER == 0 {
            setup = Setup::start().await;
        }
        coverage.merge(&run_course(&setup, bounds.seed + number).await);
    }
    coverage
}

#[test]
fn redis_and_the_model_agree_on_every_course_of_events() {
    let bounds = Bounds::from_environment();
    println!("{} runs of {LENGTH} steps from ANTRE_MODEL_SEED={}", bounds.sequences, bounds.seed);
    let next = AtomicU64::new(0);
    let coverage = std::thread::scope(|scope| {
        let lane = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(run_lane(bounds, &next))
        };
        let lanes: Vec<_> = (0..LANES.min(bounds.sequences)).map(|_| scope.spawn(lane)).collect();
        let mut coverage = Coverage::default();
        for lane in lanes {
            match lane.join() {
                Ok(part) => coverage.merge(&part),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
        coverage
    });
    println!("{coverage}");
    let missing = if bounds.sequences < 250 { Vec::new() } else { coverage.missing() };
    assert!(missing.is_empty(), "never happened: {missing:?}");
}
