//! `antre check` tries each key: one request within the limit, told as it is.

use antre_testkit::ChildProcess;
use xendit_sim::{Act, Fault, RequestKind, Rights};

use crate::fixture::{Ended, FOREIGN_KEY, Fixture, KEY, LIVE_KEY, PATIENCE, SECOND_KEY, run};

async fn check_with(fixture: &Fixture, key: &str) -> Ended {
    let mut command = fixture.command(&["check"]);
    command.env("XENDIT_SECRET_KEY", key);
    run(command).await
}

/// A fixture with a worker of the account whose first bill is done, so that it is known whose it is.
async fn known() -> (Fixture, ChildProcess) {
    let fixture = Fixture::start().await;
    let worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    (fixture, worker)
}

#[tokio::test]
async fn a_key_is_tried_before_the_first_worker_by_one_request() {
    let fixture = Fixture::start().await;
    let page = fixture.antre(&["check"]).await.expect(0).stdout;
    let tried = "ok     key            default: the key works (test mode); it is the first key of this account";
    assert!(page.contains(tried), "{page}");
    let arrivals = fixture.xendit.ledger().arrivals();
    assert_eq!(arrivals.iter().map(|it| it.kind).collect::<Vec<_>>(), [RequestKind::List]);
    assert!(!fixture.queue().status().await.unwrap().is_known());
}

#[tokio::test]
async fn a_known_key_and_a_new_one_of_the_same_account_are_fine() {
    let (fixture, _worker) = known().await;
    let page = check_with(&fixture, KEY).await.expect(0).stdout;
    assert!(page.contains("default: the key works (test mode, "), "{page}");
    assert!(page.contains(" at Xendit, test mode, 1 known key\n"), "{page}");
    let page = check_with(&fixture, SECOND_KEY).await.expect(0).stdout;
    assert!(page.contains("it is new, and workers that have it are let in"), "{page}");
    assert!(!page.contains(SECOND_KEY), "{page}");
    // Trying a key out changes nothing.
    assert_eq!(fixture.queue().status().await.unwrap().owner.keys.len(), 1);
}

#[tokio::test]
async fn a_key_of_another_account_or_another_mode_is_a_fault() {
    let (fixture, _worker) = known().await;
    let page = check_with(&fixture, FOREIGN_KEY).await.expect(1).stdout;
    assert!(
        page.contains("FAULT  key            default: the key's account has no invoices"),
        "{page}"
    );
    fixture.write("antre.toml", "accept_volatile_redis = true\n");
    let page = check_with(&fixture, LIVE_KEY).await.expect(1).stdout;
    assert!(page.contains("FAULT  key            default: the key is of another mode"), "{page}");
    assert!(fixture.queue().status().await.unwrap().strangers.is_empty());
}

#[tokio::test]
async fn a_key_that_is_refused_or_may_not_read_is_a_fault() {
    let (fixture, _worker) = known().await;
    fixture.xendit.set_rights(KEY, Rights::Revoked);
    let page = check_with(&fixture, KEY).await.expect(1).stdout;
    assert!(page.contains("FAULT  key            default: Xendit refuses the key (401 "), "{page}");
    fixture.xendit.set_rights(SECOND_KEY, Rights::WriteOnly);
    let page = check_with(&fixture, SECOND_KEY).await.expect(1).stdout;
    assert!(page.contains("run antre account accept-key"), "{page}");
    fixture.xendit.set_rights(KEY, Rights::WriteOnly);
    let page = check_with(&fixture, KEY).await.expect(0).stdout;
    assert!(
        page.contains("note   key            default: the key may not read invoices (403 "),
        "{page}"
    );
}

#[tokio::test]
async fn a_xendit_out_of_reach_or_out_of_order_is_a_fault() {
    let (fixture, _worker) = known().await;
    let fault = fixture.xendit.add_fault(Fault::always(Act::status(502))).unwrap();
    let page = check_with(&fixture, KEY).await.expect(1).stdout;
    assert!(page.contains(" (http_502): is that Xendit?"), "{page}");
    fixture.xendit.remove_fault(fault);
    fixture.xendit.go_down().await;
    let page = check_with(&fixture, KEY).await.expect(1).stdout;
    assert!(
        page.contains("FAULT  key            default: Xendit cannot be reached at http://"),
        "{page}"
    );
}

#[tokio::test]
async fn while_the_account_is_paused_nothing_is_sent() {
    let (fixture, mut worker) = known().await;
    worker.terminate().unwrap();
    worker.wait(PATIENCE).await.unwrap();
    fixture.antre(&["pause"]).await.expect(0);
    let before = fixture.xendit.ledger().totals().requests;
    let page = fixture.antre(&["check"]).await.expect(0).stdout;
    assert!(
        page.contains("note   key            default: not tried, because the account is paused"),
        "{page}"
    );
    assert_eq!(fixture.xendit.ledger().totals().requests, before);
}

#[tokio::test]
async fn the_request_of_check_keeps_to_the_limit_of_the_account() {
    let fixture = Fixture::start().await;
    let check = || {
        let mut command = fixture.command(&["check"]);
        command.env("ANTRE_LIMITS", "1/3s");
        run(command)
    };
    for ended in [check().await, check().await] {
        ended.expect(0);
    }
    let arrivals = fixture.xendit.ledger().arrivals();
    let [first, second] = arrivals.as_slice() else { panic!("{arrivals:?}") };
    assert!(second.arrived_us - first.arrived_us >= 3_000_000, "{arrivals:?}");
}
