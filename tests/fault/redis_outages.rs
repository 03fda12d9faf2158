//! Redis goes away in every manner: workers neither die nor spin, and go on when it is back.

use std::time::Duration;

use antre_store::status::Status;
use antre_testkit::{AppendFsync, Direction, Flow};
use antre_tests::chaos::bills::Bill;
use antre_tests::chaos::cluster::Cluster;
use antre_tests::chaos::conditions::Conditions;
use antre_tests::chaos::moment::pass;
use antre_tests::chaos::worker::Worker;
use xendit_sim::{Act, Fault, RequestKind};

use crate::fixture;

const HELD: &str = "INV-held";
const JOBS: usize = 25;
/// Long enough to see somebody spin.
const OUTAGE: Duration = Duration::from_secs(1);
/// Commands without an answer are given up after 2 s.
const SILENCE: Duration = Duration::from_millis(2_200);
/// Longer than any answer is held.
const ANSWER_AWAITED: Duration = Duration::from_secs(30);
/// What a worker may say of one outage: each service says that it began, and nothing more for half a
/// minute. Whoever says each failure says more.
const COMPLAINTS_MAX: usize = 20;
/// What a worker may connect in one outage: some 25 are expected. Whoever spins connects thousands of times.
const CONNECTIONS_MAX: u64 = 250;

/// Two workers with work in hand: one answer is on its way, more jobs wait.
struct Fleet {
    cluster: Cluster,
    workers: [Worker; 2],
    said: [usize; 2],
}

impl Fleet {
    async fn at_work(fsync: AppendFsync) -> Self {
        let binary = antre_testkit::built_binary("antre").unwrap();
        let cluster = Cluster::start(&binary, Conditions::quick(), fsync).await.unwrap();
        let workers = [cluster.working().await.unwrap(), cluster.working().await.unwrap()];
        let slow = Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 500 });
        cluster.xendit.add_fault(slow.for_external_id(HELD)).unwrap();
        cluster.submit_one(HELD).await.unwrap();
        cluster.until_arrived(HELD, RequestKind::Create).await.unwrap();
        let bills: Vec<Bill> = (0..JOBS).map(|number| Bill::new(format!("INV-{number}"))).collect();
        cluster.submit(&bills).await.unwrap();
        let said = [complaints(&workers[0]), complaints(&workers[1])];
        Self { cluster, workers, said }
    }

    /// Everything that was acknowledged ends, and nobody died or said more than was due.
    async fn recovers(mut self) -> Cluster {
        fixture::verify(&self.cluster).await;
        for (worker, before) in self.workers.iter_mut().zip(self.said) {
            assert!(worker.is_running(), "{}", worker.process().unwrap().output());
            let said = complaints(worker) - before;
            let connections = worker.redis_link.counts().connections;
            assert!(connections <= CONNECTIONS_MAX, "{connections} connections");
            assert!(said <= COMPLAINTS_MAX, "{said} complaints\n{}", worker.output());
        }
        assert_eq!(self.cluster.payable(HELD).len(), 1);
        self.cluster
    }
}

fn complaints(worker: &Worker) -> usize {
    worker.output().lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_that_syncs_always_loses_nothing() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    fleet.cluster.primary.lock().await.server.kill().unwrap();
    pass(OUTAGE).await;
    fleet.cluster.primary.lock().await.server.restart().await.unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_that_syncs_each_second_makes_no_second_invoice() {
    let fleet = Fleet::at_work(AppendFsync::EverySecond).await;
    fleet.cluster.primary.lock().await.server.kill().unwrap();
    fleet.cluster.primary.lock().await.server.restart().await.unwrap();
    // The process died, not the machine: what it had written is in the file.
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stops_in_order_and_comes_back_is_gone_on_with() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    fleet.cluster.primary.lock().await.server.stop().await.unwrap();
    pass(OUTAGE).await;
    fleet.cluster.primary.lock().await.server.restart().await.unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_redis_is_given_up_and_gone_on_with() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    fleet.cluster.primary.lock().await.server.suspend().unwrap();
    pass(SILENCE).await;
    fleet.cluster.primary.lock().await.server.resume().unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_takes_no_writes_is_waited_for() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    let mut redis = fleet.cluster.redis().await.unwrap();
    // A replica of nobody: it keeps its data, serves reads and refuses writes.
    let replica_of = |words: [&str; 2]| {
        let mut command = redis::cmd("REPLICAOF");
        command.arg(&words);
        command
    };
    replica_of(["127.0.0.1", "1"]).exec_async(&mut redis).await.unwrap();
    pass(OUTAGE).await;
    replica_of(["NO", "ONE"]).exec_async(&mut redis).await.unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_loads_its_data_is_waited_for() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    let mut redis = fleet.cluster.redis().await.unwrap();
    let mut ballast = redis::pipe();
    for number in 0..6_000 {
        ballast.cmd("SET").arg(format!("ballast:{number}")).arg("x").ignore();
    }
    ballast.exec_async(&mut redis).await.unwrap();
    // Microseconds for each key, so that loading takes a while in which it answers LOADING.
    let slow = redis::cmd("CONFIG").arg("SET").arg("key-load-delay").arg("400").clone();
    slow.exec_async(&mut redis).await.unwrap();
    redis::cmd("CONFIG").arg("REWRITE").exec_async(&mut redis).await.unwrap();
    fleet.cluster.primary.lock().await.server.kill().unwrap();
    fleet.cluster.primary.lock().await.server.restart().await.unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgotten_scripts_are_loaded_again() {
    let fleet = Fleet::at_work(AppendFsync::Always).await;
    let mut redis = fleet.cluster.redis().await.unwrap();
    redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut redis).await.unwrap();
    fleet.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_loss_of_all_data_workers_begin_anew_and_expire_what_nobody_knows() {
    // The held answer must come after the loss, and be an answer.
    let conditions = Conditions { request_timeout: ANSWER_AWAITED, ..Conditions::quick() };
    let cluster = fixture::cluster(conditions).await;
    let workers = [cluster.working().await.unwrap(), cluster.working().await.unwrap()];
    cluster
        .until("the workers' keys are known", |status| status.owner.keys.len() == 2)
        .await
        .unwrap();
    for worker in &workers {
        worker.xendit_link.set_flow(Direction::ToClient, Flow::Stalled);
    }
    cluster.submit_one(HELD).await.unwrap();
    cluster.until_arrived(HELD, RequestKind::Create).await.unwrap();
    let mut redis = cluster.redis().await.unwrap();
    redis::cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
    cluster.forget_submitted();
    for worker in &workers {
        worker.heal();
    }
    cluster.until("workers configure the account", Status::is_known).await.unwrap();
    let id = cluster.submit_one("INV-after").await.unwrap();
    cluster.until_field(&id, "state", "done").await.unwrap();
    cluster.until_arrived(HELD, RequestKind::Expire).await.unwrap();
    cluster.drain(fixture::PATIENCE).await.unwrap();
    assert_eq!((cluster.payable(HELD).len(), cluster.count(HELD, RequestKind::Create)), (0, 1));
    let limits = cluster.xendit.summary(Duration::from_millis(100));
    assert!(limits.most_in_any_window <= 20, "{limits:?}");
}
