//! What signals do to a worker: stop once or twice, and read the configuration again.

use antre_testkit::{ChildProcess, eventually};
use xendit_sim::{Act, Fault, RequestKind, account_of};

use crate::fixture::{FOREIGN_KEY, Fixture, KEY, PATIENCE, SECOND_KEY};

const STAYS: &str = "the old configuration stays in force";

/// A worker whose key stands in a file, and whose other options stand in `antre.toml`.
async fn worker_with_files(fixture: &Fixture, toml: &str) -> ChildProcess {
    fixture.write("key", KEY);
    fixture.write("antre.toml", toml);
    let mut command = fixture.command(&["worker"]);
    command.env_remove("XENDIT_SECRET_KEY").env_remove("ANTRE_LIMITS");
    command.env("ANTRE_SECRET_KEY_FILE", "key");
    let worker = ChildProcess::start(command).unwrap();
    fixture.await_worker().await;
    worker
}

/// Waits until one create of this bill is at Xendit, unanswered.
async fn until_created(fixture: &Fixture, external_id: &str) {
    fixture.submit(external_id).await;
    let is_there = async || !fixture.xendit.invoices(external_id).is_empty();
    eventually(PATIENCE, "the create is at Xendit", is_there).await.unwrap();
}

#[tokio::test]
async fn two_signals_at_once_are_one_order_and_the_running_request_is_finished() {
    let fixture = Fixture::start().await;
    let mut worker = fixture.worker().await;
    fixture
        .xendit
        .add_fault(Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 1_000 }))
        .unwrap();
    until_created(&fixture, "INV-1").await;
    worker.terminate().unwrap();
    worker.interrupt().unwrap();
    worker.terminate().unwrap();
    let status = worker.wait(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", worker.output());
    let status = fixture.queue().status().await.unwrap();
    assert_eq!((status.done, status.workers.len()), (1, 0));
}

#[tokio::test]
async fn a_later_signal_ends_a_worker_at_once() {
    let fixture = Fixture::start().await;
    let mut worker = fixture.worker().await;
    fixture.xendit.add_fault(Fault::on(RequestKind::Create, Act::Hang { max_ms: 60_000 })).unwrap();
    fixture.submit("INV-1").await;
    let begins = |totals: &xendit_sim::Totals| totals.requests == 2;
    assert!(fixture.xendit.ledger().wait_until(PATIENCE, begins).await);
    worker.terminate().unwrap();
    let ends = async || {
        worker.interrupt().ok();
        worker.is_running().is_ok_and(|is_running| !is_running)
    };
    eventually(PATIENCE, "the worker ends", ends).await.unwrap();
    let status = worker.wait(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(1), "{}", worker.output());
    assert_eq!(fixture.queue().status().await.unwrap().running, 1, "{}", worker.output());
}

#[tokio::test]
async fn a_hang_up_reads_keys_and_limits_again_and_loses_no_running_request() {
    let fixture = Fixture::start().await;
    let mut worker = worker_with_files(&fixture, "limits = [\"50/1s\"]\n").await;
    fixture
        .xendit
        .add_fault(Fault::on(RequestKind::Create, Act::DelayAnswer { ms: 1_000 }))
        .unwrap();
    until_created(&fixture, "INV-1").await;
    fixture.write("key", SECOND_KEY);
    fixture.write("antre.toml", "limits = [\"40/1s\", \"600/1m\"]\n");
    worker.hang_up().unwrap();
    let line = worker.wait_for_line("reloaded", PATIENCE).await.unwrap();
    assert!(line.contains("has_new_key=true") && line.contains("limits=40/1s,600/1m"), "{line}");
    fixture
        .until("the old worker is gone", |status| status.workers.len() == 1 && status.done == 1)
        .await;
    let in_force = fixture.queue().status().await.unwrap().in_force.unwrap().limits;
    assert_eq!(in_force, Some("40/1s,600/1m".parse().unwrap()));
    fixture.bill("INV-2").await.expect(0);
    let last = fixture.xendit.ledger().arrivals().pop().unwrap();
    assert_eq!(last.key.as_deref(), Some(account_of(SECOND_KEY).as_str()));
    let creates = fixture.xendit.ledger().arrivals();
    let creates = creates.iter().filter(|one| one.kind == RequestKind::Create).count();
    assert_eq!(creates, 2, "each bill was sent once");
    worker.terminate().unwrap();
    assert!(worker.wait(PATIENCE).await.unwrap().success(), "{}", worker.output());
}

#[tokio::test]
async fn a_fault_at_a_hang_up_keeps_the_old_configuration_and_is_told() {
    let fixture = Fixture::start().await;
    let mut worker = worker_with_files(&fixture, "limits = [\"50/1s\"]\n").await;
    for (file, text, told) in [
        ("antre.toml", "limits = [\"fast\"]\n", "antre.toml:1: limits"),
        ("antre.toml", "limit = [\"2/1s\"]\n", "did you mean limits?"),
        ("antre.toml", "limits = [\"50/1s\"", "is not TOML"),
        ("key", "", "\"key\" is empty"),
    ] {
        fixture.write("antre.toml", "limits = [\"50/1s\"]\n");
        fixture.write(file, text);
        worker.hang_up().unwrap();
        let line = worker.wait_for_line(told, PATIENCE).await.unwrap();
        assert!(line.contains(STAYS), "{line}");
    }
    fixture.bill("INV-1").await.expect(0);
    worker.terminate().unwrap();
    assert!(worker.wait(PATIENCE).await.unwrap().success(), "{}", worker.output());
}

#[tokio::test]
async fn a_key_of_another_account_at_a_hang_up_is_not_taken() {
    let fixture = Fixture::start().await;
    let mut worker = worker_with_files(&fixture, "limits = [\"50/1s\"]\n").await;
    fixture.bill("INV-1").await.expect(0);
    fixture.write("key", FOREIGN_KEY);
    worker.hang_up().unwrap();
    let line = worker.wait_for_line(STAYS, PATIENCE).await.unwrap();
    assert!(line.contains("key"), "{line}");
    fixture.bill("INV-2").await.expect(0);
    let last = fixture.xendit.ledger().arrivals().pop().unwrap();
    assert_eq!(last.key.as_deref(), Some(account_of(KEY).as_str()));
}

#[tokio::test]
async fn what_a_hang_up_cannot_change_is_told() {
    let fixture = Fixture::start().await;
    let toml = "durability = \"local\"\n";
    let mut worker = worker_with_files(&fixture, toml).await;
    fixture.write("antre.toml", &format!("{toml}log_format = \"json\"\n"));
    worker.hang_up().unwrap();
    let line = worker.wait_for_line("SIGHUP does not change", PATIENCE).await.unwrap();
    assert!(line.contains("log_format: restart the process"), "{line}");
}
