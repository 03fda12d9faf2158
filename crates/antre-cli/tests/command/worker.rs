use antre_testkit::{ChildProcess, eventually};
use serde_json::Value;
use xendit_sim::{Act, Fault, RequestKind};

use crate::fixture::{Fixture, PATIENCE, bill, run, run_with_input};

#[tokio::test]
async fn a_terminated_worker_finishes_its_request_and_ends_with_0() {
    let fixture = Fixture::start().await;
    let mut worker = fixture.worker().await;
    fixture.xendit.add_fault(Fault::always(Act::DelayAnswer { ms: 1_000 })).unwrap();
    run_with_input(fixture.command(&["enqueue"]), &bill("INV-1")).await.expect(0);
    assert!(fixture.xendit.ledger().wait_until(PATIENCE, |totals| totals.requests == 2).await);
    worker.terminate().unwrap();
    let status = worker.wait(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", worker.output());
    let status = fixture.queue().status().await.unwrap();
    assert_eq!((status.done, status.workers.len()), (1, 0));
}

#[tokio::test]
async fn a_worker_waits_for_a_redis_that_is_not_there_yet() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let mut worker = ChildProcess::start(fixture.command(&["worker"])).unwrap();
    worker.wait_for_line("nobody listens at its address", PATIENCE).await.unwrap();
    fixture.server.restart().await.unwrap();
    fixture.await_worker().await;
    fixture.bill("INV-1").await.expect(0);
    worker.terminate().unwrap();
    assert!(worker.wait(PATIENCE).await.unwrap().success(), "{}", worker.output());
}

#[tokio::test]
async fn a_worker_without_redis_can_be_stopped() {
    let mut fixture = Fixture::start().await;
    fixture.server.stop().await.unwrap();
    let mut worker = ChildProcess::start(fixture.command(&["worker"])).unwrap();
    worker.wait_for_line("nobody listens at its address", PATIENCE).await.unwrap();
    worker.terminate().unwrap();
    assert!(worker.wait(PATIENCE).await.unwrap().success(), "{}", worker.output());
}

#[tokio::test]
async fn the_log_is_json_when_asked_and_never_personal() {
    let fixture = Fixture::start().await;
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_LOG_FORMAT", "json").env("ANTRE_LOG", "trace");
    let mut worker = ChildProcess::start(command).unwrap();
    fixture.await_worker().await;
    fixture.bill("INV-1").await.expect(0);
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    let log = worker.stderr();
    // The kept log begins in the middle of a line when there is much of it.
    for line in log.lines().skip(1) {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let log = log.to_lowercase();
    for personal in ["hush", "xnd_development_test", "eg5kx2rldmvsb3btzw50x3rlc3q6"] {
        let line = log.lines().find(|line| line.contains(personal));
        assert_eq!(line, None, "{personal} is in the log");
    }
}

#[tokio::test]
async fn the_log_has_of_each_request_what_xendits_support_asks_for() {
    let fixture = Fixture::start().await;
    let headers = [("request-id".to_owned(), Some("req-77".to_owned()))].into();
    let refuse = Act::Status { status: 400, body: None, headers };
    fixture.xendit.add_fault(Fault::on(RequestKind::Create, refuse)).unwrap();
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_LOG_FORMAT", "json");
    let mut worker = ChildProcess::start(command).unwrap();
    fixture.await_worker().await;
    fixture.bill("INV-1").await.expect(1);
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    let log = worker.stderr();
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line = lines.find(|line| line["message"] == "request" && line["request"] == "create");
    let line = line.unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        (&line["request_id"], &line["status"], &line["outcome"]),
        (&"req-77".into(), &400.into(), &"rejected".into())
    );
}

#[tokio::test]
async fn one_of_several_accounts_can_be_served_alone() {
    let fixture = Fixture::start().await;
    fixture
        .write("antre.toml", "[accounts.default]\n[accounts.brand]\nsecret_key_env = \"KEY_B\"\n");
    let mut command = fixture.command(&["worker", "-a", "brand"]);
    command.env("KEY_B", "xnd_development_brand");
    let _worker = ChildProcess::start(command).unwrap();
    let redis = antre_store::Redis::open(&fixture.server.url()).unwrap();
    let serves = async || redis.accounts().await.is_ok_and(|accounts| accounts == ["brand"]);
    eventually(PATIENCE, "brand is served", serves).await.unwrap();
    let mut command = fixture.command(&["worker", "-a", "other"]);
    command.env("KEY_B", "xnd_development_brand");
    let ended = run(command).await.expect(64);
    assert!(ended.stderr.contains("account other is not configured"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_worker_says_at_its_start_what_is_unwise() {
    let fixture = Fixture::start().await;
    let mut command = fixture.command(&["worker"]);
    command.env("ANTRE_RETENTION_DONE", "10m");
    let mut worker = ChildProcess::start(command).unwrap();
    let remark = "account default: retention_done 10m is shorter than 30m";
    worker.wait_for_line(remark, PATIENCE).await.unwrap();
}
