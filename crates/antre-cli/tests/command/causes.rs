//! One cause, one text: `antre status`, `antre check`, `/readyz` and the health route agree on what is wrong.

use std::sync::Arc;

use antre_core::Mode;
use antre_operating::{UNUSED_AFTER, explain_stranger, unused_for_long};
use antre_store::claim::{Claim, Unused, WorkerIdentity};
use antre_testkit::{ChildProcess, eventually};
use serde_json::Value;
use xendit_sim::Rights;

use crate::fixture::{FOREIGN_KEY, Fixture, PATIENCE, SECOND_KEY};
use crate::http::Served;

/// A fixture with a worker whose first bill is done.
async fn known() -> (Fixture, ChildProcess) {
    let fixture = Fixture::start().await;
    let worker = fixture.worker().await;
    fixture.bill("INV-1").await.expect(0);
    (fixture, worker)
}

impl Served {
    /// Returns the text of the health route's reason with this code.
    async fn reason(&self, code: &str) -> Option<String> {
        let health: Value = serde_json::from_str(&self.text("/rate-limiter/health").await).ok()?;
        let reasons = health["queue_health"]["reasons"].as_array()?;
        let found = reasons.iter().find(|reason| reason["code"] == code)?;
        assert_eq!(health["status"], "degraded", "{health}");
        Some(found["text"].as_str()?.to_owned())
    }

    async fn metric(&self, name: &str) -> Option<String> {
        let line = format!("{name}{{account=\"default\"}} ");
        let text = self.text("/metrics").await;
        text.lines().find_map(|found| found.strip_prefix(&line).map(str::to_owned))
    }
}

#[tokio::test]
async fn a_stranger_is_told_in_one_text_everywhere() {
    let (fixture, _worker) = known().await;
    let served = Served::start(fixture, &[("XENDIT_SECRET_KEY", FOREIGN_KEY)]).await;
    served.await_unready(&explain_stranger("no_invoices")).await;
    let text = served.reason("stranger").await.unwrap();
    assert!(text.ends_with(&explain_stranger("no_invoices")), "{text}");
    let page = served.fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(page.contains(&format!("  STRANGER: {text}\n")), "{page}");
    let page = served.fixture.antre(&["check"]).await.expect(0).stdout;
    assert!(page.contains(&format!("note   account        default: {text}\n")), "{page}");
    let json = served.fixture.antre(&["status", "--json"]).await.expect(0).json();
    let stranger = &json["accounts"][0]["strangers"][0];
    assert_eq!((&stranger["reason"], &stranger["mode"]), (&"no_invoices".into(), &"test".into()));
    assert_eq!(served.metric("antre_strangers").await.as_deref(), Some("1"));
    let log = served.worker.output();
    assert!(log.contains("was not shown to be the account's"), "{log}");
    assert!(!log.contains(FOREIGN_KEY) && !page.contains(FOREIGN_KEY));
}

#[tokio::test]
async fn a_worker_that_alone_has_trouble_is_told_in_one_text_everywhere() {
    let (fixture, _worker) = known().await;
    let served = Served::start(fixture, &[("XENDIT_SECRET_KEY", SECOND_KEY)]).await;
    served.await_ready().await;
    served.fixture.until("its key is known", |status| status.owner.keys.len() == 2).await;
    served.fixture.xendit.set_rights(SECOND_KEY, Rights::Revoked);
    let mut number = 1;
    while served.fixture.queue().status().await.unwrap().closed_workers.is_empty() {
        number += 1;
        served.fixture.bill(&format!("INV-{number}")).await.expect(0);
    }
    served.await_unready(" has trouble (INVALID_API_KEY): look at its key").await;
    let text = served.reason("worker_closed").await.unwrap();
    assert_eq!(served.reason("breaker_open").await, None);
    assert!(text.contains("has trouble (INVALID_API_KEY): look at its key"), "{text}");
    let page = served.fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(page.contains(&format!("  WORKER CLOSED: {text}\n")), "{page}");
    let page = served.fixture.antre(&["check"]).await.expect(0).stdout;
    assert!(page.contains(&format!("note   account        default: {text}\n")), "{page}");
    let json = served.fixture.antre(&["status", "--json"]).await.expect(0).json();
    let workers = json["accounts"][0]["workers"].as_array().unwrap();
    let mut closed: Vec<&Value> = workers.iter().map(|worker| &worker["closed"]).collect();
    closed.sort_by_key(|reason| reason.is_null());
    assert_eq!(closed, [&Value::from("INVALID_API_KEY"), &Value::Null]);
    assert_eq!(served.metric("antre_workers_closed").await.as_deref(), Some("1"));
    // The other worker goes on.
    served.fixture.bill("INV-last").await.expect(0);
}

#[tokio::test]
async fn when_every_worker_is_closed_the_accounts_breaker_is_told() {
    let served = Served::start(Fixture::start().await, &[]).await;
    served.await_ready().await;
    served.fixture.bill("INV-1").await.expect(0);
    served.fixture.xendit.set_rights(crate::fixture::KEY, Rights::Revoked);
    served.fixture.submit("INV-2").await;
    served.fixture.until("its breaker is open", |status| status.breaker.is_some()).await;
    let text = served.reason("breaker_open").await.unwrap();
    assert!(
        text.contains("Xendit, the network or the key does not work (INVALID_API_KEY)"),
        "{text}"
    );
    let page = served.fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(
        page.lines().any(|line| line.starts_with("  BREAKER OPEN") && line.ends_with(&text)),
        "{page}"
    );
    assert_eq!(served.metric("antre_breaker_open").await.as_deref(), Some("1"));
}

/// Leaves behind what a worker does whose claims no replica confirms: grants that come back, and nothing sent.
async fn give_back_what_is_granted(fixture: &Fixture) {
    let queue = fixture.queue();
    let fingerprint = fixture.queue().status().await.unwrap().owner.keys.remove(0);
    let worker = WorkerIdentity { name: "w".to_owned(), fingerprint, mode: Mode::Test };
    let worker = Arc::new(worker);
    let silence_us = u64::try_from(UNUSED_AFTER.as_micros()).unwrap() + 1_000_000;
    let begun_us = queue.redis().time_us().await.unwrap();
    // Beyond what the pace may wait for: a stopped clock does not get there.
    for now_us in [begun_us + 2_000_000, begun_us + 2_000_000 + silence_us] {
        queue.set_clock(Some(now_us)).await.unwrap();
        let grant = eventually(PATIENCE, "a grant", async || {
            let claim_token = format!("claim-{now_us}");
            let claim =
                queue.claim_next(&claim_token, &worker, 0).await.map_err(|it| it.to_string())?;
            if let Claim::Granted(grant) = claim {
                Ok(Some(grant))
            } else {
                Err(format!("{claim:?}"))
            }
        });
        queue.give_back(&grant.await.unwrap(), Unused::Unreplicated).await.unwrap();
    }
}

#[tokio::test]
async fn grants_that_no_replica_confirms_are_told_in_one_text() {
    let (fixture, mut worker) = known().await;
    fixture.antre(&["pause"]).await.expect(0);
    fixture.submit("INV-2").await;
    fixture.until("it waits", |status| status.waiting_total() == 1).await;
    worker.kill().unwrap();
    fixture.antre(&["resume"]).await.expect(0);
    give_back_what_is_granted(&fixture).await;
    let status = fixture.queue().status().await.unwrap();
    let text = unused_for_long(&status).unwrap().text();
    assert!(text.starts_with("no replica of redis confirms claims"), "{text}");
    let page = fixture.antre(&["status"]).await.expect(0).stdout;
    assert!(page.contains(&format!("  NOTHING IS SENT: {text}\n")), "{page}");
    let json = fixture.antre(&["status", "--json"]).await.expect(0).json();
    assert_eq!(json["accounts"][0]["unused_grants"], text);
    let mut command = fixture.command(&["check"]);
    command.env("ANTRE_DURABILITY", "replicated");
    let page = crate::fixture::run(command).await.expect(1).stdout;
    for part in [
        format!("FAULT  account        default: {text}\n"),
        "FAULT  redis          durability = \"replicated\", but no replica is connected".to_owned(),
    ] {
        assert!(page.contains(&part), "{part}\n{page}");
    }
}
