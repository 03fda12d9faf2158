//! `antre check` tries each key: one request within the limit, told as it is.

use antre_testkit::ChildProcess;
use xendit_sim::{Act, Fault, RequestKind, Rights};

use crate::stage::{Ended, FOREIGN_KEY, KEY, LIVE_KEY, PATIENCE, SECOND_KEY, Stage, run};

async fn check_with(stage: &Stage, key: &str) -> Ended {
    let mut command = stage.command(&["check"]);
    command.env("XENDIT_SECRET_KEY", key);
    run(command).await
}

/// A stage with a worker of the account whose first bill is done, so that it is known whose it is.
async fn known() -> (Stage, ChildProcess) {
    let stage = Stage::start().await;
    let worker = stage.worker().await;
    stage.bill("INV-1").await.expect(0);
    (stage, worker)
}

#[tokio::test]
async fn a_key_is_tried_before_the_first_worker_by_one_request() {
    let stage = Stage::start().await;
    let page = stage.antre(&["check"]).await.expect(0).stdout;
    let tried = "ok     key            default: the key works (test mode); it is the first key of this account";
    assert!(page.contains(tried), "{page}");
    let arrivals = stage.xendit.ledger().arrivals();
    assert_eq!(arrivals.iter().map(|it| it.kind).collect::<Vec<_>>(), [RequestKind::List]);
    assert!(!stage.queue().status().await.unwrap().is_known());
}

#[tokio::test]
async fn a_known_key_and_a_new_one_of_the_same_account_are_fine() {
    let (stage, _worker) = known().await;
    let page = check_with(&stage, KEY).await.expect(0).stdout;
    assert!(page.contains("default: the key works (test mode, "), "{page}");
    assert!(page.contains(" at Xendit, test mode, 1 known key\n"), "{page}");
    let page = check_with(&stage, SECOND_KEY).await.expect(0).stdout;
    assert!(page.contains("it is new, and workers that have it are let in"), "{page}");
    assert!(!page.contains(SECOND_KEY), "{page}");
    // Trying a key out changes nothing.
    assert_eq!(stage.queue().status().await.unwrap().owner.keys.len(), 1);
}

#[tokio::test]
async fn a_key_of_another_account_or_another_mode_is_a_fault() {
    let (stage, _worker) = known().await;
    let page = check_with(&stage, FOREIGN_KEY).await.expect(1).stdout;
    assert!(
        page.contains("FAULT  key            default: the key's account has no invoices"),
        "{page}"
    );
    stage.write("antre.toml", "accept_volatile_redis = true\n");
    let page = check_with(&stage, LIVE_KEY).await.expect(1).stdout;
    assert!(page.contains("FAULT  key            default: the key is of another mode"), "{page}");
    assert!(stage.queue().status().await.unwrap().strangers.is_empty());
}

#[tokio::test]
async fn a_key_that_is_refused_or_may_not_read_is_a_fault() {
    let (stage, _worker) = known().await;
    stage.xendit.set_rights(KEY, Rights::Revoked);
    let page = check_with(&stage, KEY).await.expect(1).stdout;
    assert!(page.contains("FAULT  key            default: Xendit refuses the key (401 "), "{page}");
    stage.xendit.set_rights(SECOND_KEY, Rights::WriteOnly);
    let page = check_with(&stage, SECOND_KEY).await.expect(1).stdout;
    assert!(page.contains("run antre account accept-key"), "{page}");
    stage.xendit.set_rights(KEY, Rights::WriteOnly);
    let page = check_with(&stage, KEY).await.expect(0).stdout;
    assert!(
        page.contains("note   key            default: the key may not read invoices (403 "),
        "{page}"
    );
}

#[tokio::test]
async fn a_xendit_out_of_reach_or_out_of_order_is_a_fault() {
    let (stage, _worker) = known().await;
    let fault = stage.xendit.add_fault(Fault::always(Act::status(502))).unwrap();
    let page = check_with(&stage, KEY).await.expect(1).stdout;
    assert!(page.contains(" (http_502): is that Xendit?"), "{page}");
    stage.xendit.remove_fault(fault);
    stage.xendit.go_down().await;
    let page = check_with(&stage, KEY).await.expect(1).stdout;
    assert!(
        page.contains("FAULT  key            default: Xendit cannot be reached at http://"),
        "{page}"
    );
}

#[tokio::test]
async fn while_the_account_is_paused_nothing_is_sent() {
    let (stage, mut worker) = known().await;
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    stage.antre(&["pause"]).await.expect(0);
    let before = stage.xendit.ledger().totals().requests;
    let page = stage.antre(&["check"]).await.expect(0).stdout;
    assert!(
        page.contains("note   key            default: not tried, because the account is paused"),
        "{page}"
    );
    assert_eq!(stage.xendit.ledger().totals().requests, before);
}

#[tokio::test]
async fn the_request_of_check_keeps_to_the_limit_of_the_account() {
    let stage = Stage::start().await;
    let check = || {
        let mut command = stage.command(&["check"]);
        command.env("ANTRE_LIMITS", "1/3s");
        run(command)
    };
    for ended in [check().await, check().await] {
        ended.expect(0);
    }
    let arrivals = stage.xendit.ledger().arrivals();
    let [first, second] = arrivals.as_slice() else { panic!("{arrivals:?}") };
    assert!(second.arrived_us - first.arrived_us >= 3_000_000, "{arrivals:?}");
}
