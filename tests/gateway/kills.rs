//! The gateway, the worker and Redis, killed at each step of a create. The caller repeats what was not answered.

use std::{process::Command, time::Duration};

use antre_testkit::{
    AppendFsync, ChildProcess, Direction, FaultProxy, Flow, RedisServer, built_binary, free_port,
};
use antre_tests::{
    fleet::TEST_KEY,
    harness::{Harness, PATIENCE, steady_settings},
};
use tokio::task::JoinHandle;
use xendit_sim::{Act, Limits, Options, RequestKind};

use crate::lab::{GatewayProcess, Lab, bill};

/// A caller whose request is under way; nobody cares what it gets.
fn caller(lab: &Lab, gateway: &GatewayProcess) -> JoinHandle<()> {
    let request = lab.create(gateway, &bill("INV-1").to_string());
    tokio::spawn(async move { drop(request.send().await) })
}

/// A worker as a process.
fn worker(lab: &Lab) -> ChildProcess {
    let mut command = Command::new(built_binary("antre").unwrap());
    command
        .arg("worker")
        .current_dir(std::env::temp_dir())
        .env("ANTRE_REDIS_URL", lab.harness.redis.url())
        .env("XENDIT_SECRET_KEY", format!("{TEST_KEY}_default"))
        .env("XENDIT_BASE_URL", lab.harness.xendit.base_url())
        .env("ANTRE_LIMITS", "10000/100ms")
        .env("ANTRE_LEASE", "1500ms")
        .env("ANTRE_REQUEST_TIMEOUT", "3s")
        .env("ANTRE_CONNECT_TIMEOUT", "1s")
        .env("ANTRE_TRUST_ABSENCE_ANSWERED", "0s")
        .env("ANTRE_TRUST_ABSENCE_UNANSWERED", "100ms")
        .env("ANTRE_RETRY_DELAYS", "10ms")
        .env("ANTRE_HTTP_LISTEN", "off");
    ChildProcess::start(command).unwrap()
}

/// What the caller gets in the end is the one invoice that the bill has.
async fn one_invoice(lab: &Lab, gateway: &GatewayProcess) {
    let answer = lab.insist(gateway, &bill("INV-1")).await;
    let payable = lab.harness.payable("INV-1");
    let ids: Vec<String> = payable.iter().map(|invoice| invoice.id.to_string()).collect();
    assert_eq!(ids, [answer.invoice()]);
}

/// Where a gateway stands when it is killed.
#[derive(Debug, Clone, Copy)]
enum Position {
    /// Its question about the bill does not arrive.
    BeforeJoin,
    /// The answer to it does not come back.
    BeforeEntry,
    /// The entry is in the inbox, and the gateway does not know.
    AfterEntry,
    /// The caller is held.
    Waiting,
}

/// Kills a gateway there, while a caller is connected. Nothing is taken in meanwhile.
async fn kill_at(position: Position, lab: &Lab) {
    let link = FaultProxy::start(lab.harness.redis.socket_path()).await.unwrap();
    let port = free_port().unwrap();
    let mut gateway = GatewayProcess::start_at(&link.redis_url(), port, "").await;
    // It has learnt the script by then, so each step is one question.
    let other = lab.create(&gateway, &bill("INV-other").to_string());
    other.header("prefer", "respond-async").send().await.unwrap();
    let before = link.counts();
    match position {
        Position::BeforeJoin => link.set_flow(Direction::ToServer, Flow::Stalled),
        Position::BeforeEntry => link.set_flow(Direction::ToClient, Flow::Stalled),
        Position::AfterEntry => {
            link.set_flow(Direction::ToClient, Flow::Delayed(Duration::from_millis(700)));
        }
        Position::Waiting => {}
    }
    let caller = caller(lab, &gateway);
    let stands = format!("it stands {position:?}");
    lab.harness
        .until(&stands, async |lab| match position {
            Position::BeforeJoin => link.counts().from_clients_bytes > before.from_clients_bytes,
            Position::BeforeEntry => link.counts().to_server_bytes > before.to_server_bytes,
            Position::AfterEntry | Position::Waiting => {
                lab.queue.inbox_length().await.unwrap() == 2
            }
        })
        .await;
    gateway.process.kill().unwrap();
    caller.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_killed_at_each_step_of_a_create_makes_no_second_bill() {
    for position in
        [Position::BeforeJoin, Position::BeforeEntry, Position::AfterEntry, Position::Waiting]
    {
        let lab = Lab::start().await;
        kill_at(position, &lab).await;
        let _worker = worker(&lab);
        one_invoice(&lab, &lab.gateway().await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_killed_after_its_answer_makes_no_second_bill() {
    let lab = Lab::start().await;
    let _worker = worker(&lab);
    let mut gateway = lab.gateway().await;
    let first = lab.insist(&gateway, &bill("INV-1")).await;
    gateway.process.kill().unwrap();
    let again = lab.gateway().await;
    one_invoice(&lab, &again).await;
    assert_eq!(lab.insist(&again, &bill("INV-1")).await.text, first.text);
    assert_eq!(lab.accepted().await, (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_around_its_request_makes_no_second_bill() {
    // Before the request has an effect, and after it.
    for act in [Act::Delay { ms: 2_000 }, Act::DelayAnswer { ms: 2_000 }] {
        let lab = Lab::start().await;
        let gateway = lab.gateway().await;
        let mut victim = worker(&lab);
        lab.harness.creates_fail(act, 1);
        let caller = caller(&lab, &gateway);
        lab.harness
            .until("the request is there", async |lab| {
                let arrivals = lab.xendit.ledger().arrivals();
                arrivals.iter().any(|arrival| arrival.kind == RequestKind::Create)
            })
            .await;
        victim.kill().unwrap();
        let _worker = worker(&lab);
        one_invoice(&lab, &gateway).await;
        caller.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_killed_while_callers_wait_and_after_their_answer_makes_no_second_bill() {
    let redis = RedisServer::builder().append_only(AppendFsync::Always).start().await.unwrap();
    let options = Options { limits: Limits(Vec::new()), ..Options::default() };
    let mut lab = Lab::over(Harness::start_on(redis, &steady_settings(), options).await);
    let gateway = lab.gateway().await;
    let request = lab.create(&gateway, &bill("INV-1").to_string()).header("prefer", "wait=60");
    let waiting = tokio::spawn(async move { crate::lab::got(request.send().await.unwrap()).await });
    // Its reader of ends is the only client that blocks, and begins once the entry's id is known.
    lab.harness
        .until("it is held", async |lab| {
            let mut connection = lab.redis.connect().await.unwrap();
            let info = redis::cmd("INFO").arg("clients").query_async(&mut connection).await;
            info.is_ok_and(|info: String| info.contains("blocked_clients:1"))
        })
        .await;
    lab.harness.redis.kill().unwrap();
    lab.harness.redis.restart().await.unwrap();
    let mut one = worker(&lab);
    // The wait outlives it.
    let answer = tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap();
    answer.invoice();
    lab.harness.redis.kill().unwrap();
    let started = tokio::time::Instant::now();
    let away = lab.post(&gateway, &bill("INV-1")).await;
    assert_eq!((away.status, away.code()), (503, "ANTRE_UNAVAILABLE".to_owned()));
    assert!(started.elapsed() < Duration::from_secs(10), "a caller is told, and not left waiting");
    lab.harness.redis.restart().await.unwrap();
    one_invoice(&lab, &gateway).await;
    assert_eq!(lab.harness.payable("INV-1")[0].id.to_string(), answer.invoice());
    one.kill().unwrap();
}
