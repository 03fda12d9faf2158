//! 429: the whole fleet backs off as long as Xendit says, and no job suffers for it.

use std::{collections::BTreeMap, time::Duration};

use antre_testkit::{eventually, queue::configure};
use antre_tests::{
    fleet::{RunningWorker, TEST_KEY, account},
    harness::{Harness, PATIENCE, job, jobs, steady_settings},
};
use antre_xendit::Call;
use xendit_sim::{Act, Fault, Limits, Options, RequestKind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fleet_backs_off_while_another_program_uses_up_the_limit() {
    let limits: Limits = "10/1s".parse().unwrap();
    let mut settings = steady_settings();
    settings.limits = "10/1s".parse().unwrap();
    let harness = Harness::start_with(&settings, Options { limits, ..Options::default() }).await;
    let _workers = [harness.worker("worker-1"), harness.worker("worker-2")];
    harness.queue.pause("tester", "until the limit is used up", None).await.unwrap();
    let ids = harness.submit_accepted(&jobs("INV", 8)).await;
    harness
        .until("the pacer has room", async |harness| {
            let is_known = !harness.pacer("run_id").await.is_empty();
            is_known && harness.queue.status().await.unwrap().wait.is_zero()
        })
        .await;
    for number in 0..10 {
        harness.bystander(Call::LookUp { external_id: format!("THEIRS-{number}") }).await;
    }
    harness.queue.resume("tester").await.unwrap();
    for id in &ids {
        let result = harness.result(id).await;
        assert_eq!((&result["state"], &result["attempts"]), (&"done".into(), &1.into()));
    }
    let status = harness.queue.status().await.unwrap();
    assert!(status.totals.limited >= 1, "{status:?}");
    assert_eq!(status.totals.attempts, 0, "being limited uses no attempt");
    assert_eq!(harness.xendit.summary(Duration::from_secs(1)).payable.external_ids_with_one, 8);
}

/// A name, the headers of a 429 and the wait that they ask for, in milliseconds.
type Form = (&'static str, &'static [(&'static str, &'static str)], u64);

const FORMS: [Form; 10] = [
    ("none", &[], 10_000),
    ("seconds", &[("retry-after", "7")], 7_000),
    ("decimal", &[("rate-limit-reset", "1.25")], 1_250),
    ("both", &[("rate-limit-reset", "3.5"), ("retry-after", "7")], 7_000),
    ("date", &[NOW, ("retry-after", "Mon, 23 Nov 2026 06:00:42 GMT")], 42_000),
    ("past", &[NOW, ("retry-after", "Mon, 23 Nov 2026 05:59:00 GMT")], 0),
    ("far", &[NOW, ("retry-after", "Mon, 23 Nov 2026 07:00:00 GMT")], 120_000),
    ("nonsense", &[("retry-after", "soon")], 10_000),
    ("negative", &[("retry-after", "-5")], 10_000),
    ("huge", &[("rate-limit-reset", "99999")], 10_000),
];
const NOW: (&str, &str) = ("date", "Mon, 23 Nov 2026 06:00:00 GMT");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_a_429_pauses_its_account_for_as_long_as_it_asks() {
    let harness = Harness::start(&steady_settings()).await;
    let mut accounts = Vec::new();
    for (name, headers, _) in FORMS {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), Some((*value).to_owned()));
        let headers: BTreeMap<String, Option<String>> = headers.iter().map(own).collect();
        let limited =
            Fault::on(RequestKind::Create, Act::Status { status: 429, body: None, headers });
        harness.fault(limited.times(1).for_secret_key(&format!("{TEST_KEY}_{name}")));
        let queue = harness.queue_of(name);
        configure(&queue, &steady_settings()).await;
        queue.submit(&[job("INV-1")]).await.unwrap();
        accounts.push(account(name, &harness.xendit.base_url(), steady_settings()));
    }
    let _worker = RunningWorker::start(&harness.redis.url(), "worker", accounts);
    let mut connection = harness.redis.connect().await.unwrap();
    for (name, headers, wait_ms) in FORMS {
        let queue = harness.queue_of(name);
        let is_limited = async || queue.status().await.unwrap().totals.limited == 1;
        eventually(PATIENCE, &format!("{name} is limited"), is_limited).await.unwrap();
        // Both are written at the instant of the answer.
        let (until_us, at_us): (u64, u64) = redis::cmd("HMGET")
            .arg(queue.keys().named("pacer"))
            .arg(&["pause_until_us", "factor_at_us"])
            .query_async(&mut connection)
            .await
            .unwrap();
        assert_eq!(until_us - at_us, wait_ms * 1000, "{name}: {headers:?}");
    }
}
