use antre_testkit::ChildProcess;
use xendit_sim::Rights;

use crate::stage::{Ended, FOREIGN_KEY, KEY, SECOND_KEY, Stage};

const THIRD_KEY: &str = "xnd_development_third";

/// A stage with a worker whose first bill is done.
async fn known() -> (Stage, ChildProcess) {
    let stage = Stage::start().await;
    let worker = stage.worker().await;
    stage.bill("INV-1").await.expect(0);
    (stage, worker)
}

/// Starts a worker with a key that may not read, so that it cannot show whose it is.
async fn mute(stage: &Stage, key: &str) -> ChildProcess {
    let before = stage.queue().status().await.unwrap().strangers.len();
    stage.xendit.set_rights(key, Rights::WriteOnly);
    let worker = stage.worker_with_key(key);
    stage
        .until("the key waits", |status| {
            let waits = status.strangers.iter().filter(|it| it.reason == "forbidden");
            waits.count() > before
        })
        .await;
    worker
}

async fn accept(stage: &Stage, arguments: &[&str]) -> Ended {
    stage.antre(&[&["account", "accept-key", "default"], arguments].concat()).await
}

#[tokio::test]
async fn without_a_key_that_waits_there_is_nothing_to_accept() {
    let (stage, _worker) = known().await;
    let ended = accept(&stage, &[]).await.expect(1);
    assert!(ended.stdout.contains("no such key waits; start a worker with it"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_key_that_may_not_read_works_after_a_persons_word() {
    let (stage, mut first) = known().await;
    first.kill().unwrap();
    let _second = mute(&stage, SECOND_KEY).await;
    let fingerprint = stage.queue().status().await.unwrap().strangers[0].fingerprint.clone();
    let ended = accept(&stage, &["--by", "ops"]).await.expect(0);
    assert_eq!(ended.stdout, format!("account default: key {fingerprint} is accepted\n"));
    stage.bill("INV-2").await.expect(0);
    let status = stage.queue().status().await.unwrap();
    assert!(status.strangers.is_empty() && status.owner.keys.len() == 2, "{status:?}");
}

#[tokio::test]
async fn of_several_keys_one_must_be_named() {
    let (stage, _worker) = known().await;
    let _second = mute(&stage, SECOND_KEY).await;
    let _third = mute(&stage, THIRD_KEY).await;
    let strangers = stage.queue().status().await.unwrap().strangers;
    let asked = accept(&stage, &[]).await.expect(1).stdout;
    for stranger in &strangers {
        assert!(asked.contains(&stranger.fingerprint), "{asked}");
    }
    let named: String = strangers[1].fingerprint.chars().take(8).collect();
    accept(&stage, &["--fingerprint", &named]).await.expect(0);
    let left = stage.queue().status().await.unwrap().strangers;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].fingerprint, strangers[0].fingerprint);
}

#[tokio::test]
async fn a_key_of_another_account_is_accepted_only_as_such_and_without_unfinished_jobs() {
    let (stage, mut first) = known().await;
    first.kill().unwrap();
    let _foreign = stage.worker_with_key(FOREIGN_KEY);
    stage
        .until("it is known as a stranger", |status| {
            status.strangers.iter().any(|stranger| stranger.reason == "no_invoices")
        })
        .await;
    let refused = accept(&stage, &[]).await.expect(1).stdout;
    assert!(
        refused.contains("the key's account has no invoices although this one has"),
        "{refused}"
    );
    assert!(refused.contains("add --other-account"), "{refused}");

    stage.submit("INV-2").await;
    let refused = accept(&stage, &["--other-account"]).await.expect(1).stdout;
    assert!(refused.contains("1 jobs have not ended"), "{refused}");
    let worker = stage.worker_with_key(KEY);
    stage.until("nothing is left", |status| status.done == 2).await;
    drop(worker);

    accept(&stage, &["--other-account"]).await.expect(0);
    stage.bill("INV-3").await.expect(0);
    let invoices = stage.xendit.invoices("INV-3");
    assert_eq!(*invoices[0].account, *stage.xendit.account_of(FOREIGN_KEY));
    assert_eq!(stage.xendit.invoices("INV-2").len(), 1);
}
