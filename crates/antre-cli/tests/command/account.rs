use antre_testkit::ChildProcess;
use xendit_sim::Rights;

use crate::fixture::{Ended, FOREIGN_KEY, Fixture, KEY, SECOND_KEY};

const THIRD_KEY: &str = "xnd_development_third";

/// A fixture with a worker whose first bill is done.
async fn known() -> (Fixture, ChildProcess) {
    let fixture = Fixture::start().await;
    let worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    (fixture, worker)
}

/// Starts a worker with a key that may not read, so that it cannot show whose it is.
async fn mute(fixture: &Fixture, key: &str) -> ChildProcess {
    let before = fixture.queue().status().await.unwrap().strangers.len();
    fixture.xendit.set_rights(key, Rights::WriteOnly);
    let worker = fixture.worker_with_key(key);
    fixture
        .until("the key waits", |status| {
            let waits = status.strangers.iter().filter(|it| it.reason == "forbidden");
            waits.count() > before
        })
        .await;
    worker
}

async fn accept(fixture: &Fixture, arguments: &[&str]) -> Ended {
    fixture.antre(&[&["account", "accept-key", "default"], arguments].concat()).await
}

#[tokio::test]
async fn without_a_key_that_waits_there_is_nothing_to_accept() {
    let (fixture, _worker) = known().await;
    let ended = accept(&fixture, &[]).await.expect(1);
    assert!(ended.stdout.contains("no such key waits; start a worker with it"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_key_that_may_not_read_works_after_a_persons_word() {
    let (fixture, mut first) = known().await;
    first.kill().unwrap();
    let _second = mute(&fixture, SECOND_KEY).await;
    let fingerprint = fixture.queue().status().await.unwrap().strangers[0].fingerprint.clone();
    let ended = accept(&fixture, &["--by", "ops"]).await.expect(0);
    assert_eq!(ended.stdout, format!("account default: key {fingerprint} is accepted\n"));
    fixture.bill("INV-2").await.expect(0);
    let status = fixture.queue().status().await.unwrap();
    assert!(status.strangers.is_empty() && status.owner.keys.len() == 2, "{status:?}");
}

#[tokio::test]
async fn of_several_keys_one_must_be_named() {
    let (fixture, _worker) = known().await;
    let _second = mute(&fixture, SECOND_KEY).await;
    let _third = mute(&fixture, THIRD_KEY).await;
    let strangers = fixture.queue().status().await.unwrap().strangers;
    let asked = accept(&fixture, &[]).await.expect(1).stdout;
    for stranger in &strangers {
        assert!(asked.contains(&stranger.fingerprint), "{asked}");
    }
    let named: String = strangers[1].fingerprint.chars().take(8).collect();
    accept(&fixture, &["--fingerprint", &named]).await.expect(0);
    let left = fixture.queue().status().await.unwrap().strangers;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].fingerprint, strangers[0].fingerprint);
}

#[tokio::test]
async fn a_key_of_another_account_is_accepted_only_as_such_and_without_unfinished_jobs() {
    let (fixture, mut first) = known().await;
    first.kill().unwrap();
    let _foreign = fixture.worker_with_key(FOREIGN_KEY);
    fixture
        .until("it is known as a stranger", |status| {
            status.strangers.iter().any(|stranger| stranger.reason == "no_invoices")
        })
        .await;
    let refused = accept(&fixture, &[]).await.expect(1).stdout;
    assert!(
        refused.contains("the key's account has no invoices although this one has"),
        "{refused}"
    );
    assert!(refused.contains("add --other-account"), "{refused}");

    fixture.submit("INV-2").await;
    let refused = accept(&fixture, &["--other-account"]).await.expect(1).stdout;
    assert!(refused.contains("1 jobs have not ended"), "{refused}");
    let worker = fixture.worker_with_key(KEY);
    fixture.until("nothing is left", |status| status.done == 2).await;
    drop(worker);

    accept(&fixture, &["--other-account"]).await.expect(0);
    fixture.bill("INV-3").await.expect(0);
    let invoices = fixture.xendit.invoices("INV-3");
    assert_eq!(*invoices[0].account, *fixture.xendit.account_of(FOREIGN_KEY));
    assert_eq!(fixture.xendit.invoices("INV-2").len(), 1);
}
