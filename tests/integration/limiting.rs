//! 429: the whole fleet backs off as long as Xendit says, and no job suffers for it.

use std::{collections::BTreeMap, time::Duration};

use antre_core::Quota;
use antre_store::claim::{Claim, Grant};
use antre_testkit::eventually;
use antre_tests::{
    fleet::{RunningWorker, TEST_KEY, account},
    harness::{Harness, PATIENCE, job, jobs, steady_settings},
    queue::{QueueFixture, configure, limited, quick_settings},
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

async fn claim_at(fixture: &QueueFixture, now_us: u64, claim_token: &str) -> Grant {
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    let claim = fixture.queue.claim_next(claim_token, &fixture.worker, 0).await.unwrap();
    let Claim::Granted(grant) = claim else { unreachable!("not granted: {claim:?}") };
    *grant
}

async fn limit(fixture: &QueueFixture, grant: &Grant) -> Duration {
    let limited = limited(Duration::from_secs(5));
    fixture.queue.finish(grant, &limited, Quota::default()).await.unwrap();
    fixture.queue.status().await.unwrap().interval
}

#[tokio::test]
async fn a_pause_halves_the_pace_once_and_30_s_without_one_double_it_back() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    settings.send_within = Duration::ZERO;
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..3 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let start_us = fixture.queue.redis().time_us().await.unwrap();
    let at = |ms: u64| start_us + ms * 1000;
    fixture.queue.set_clock(Some(at(0))).await.unwrap();
    let Claim::Wait { .. } = fixture.queue.claim_next("f0", &fixture.worker, 0).await.unwrap()
    else {
        unreachable!("an unknown server's short windows count as full");
    };
    let first = claim_at(&fixture, at(1_000), "f1").await;
    let second = claim_at(&fixture, at(1_500), "f2").await;
    assert_eq!(limit(&fixture, &first).await, Duration::from_secs(1));
    assert_eq!(limit(&fixture, &second).await, Duration::from_secs(1), "one pause, one halving");
    assert_eq!(fixture.queue.status().await.unwrap().totals.limited, 1);

    let third = claim_at(&fixture, at(6_500), "f3").await;
    assert_eq!(limit(&fixture, &third).await, Duration::from_secs(2), "another pause");
    for (later_ms, interval_ms) in [(29_999, 2_000), (30_000, 1_000), (60_000, 500), (90_000, 500)]
    {
        fixture.queue.set_clock(Some(at(6_500 + later_ms))).await.unwrap();
        let interval = fixture.queue.status().await.unwrap().interval;
        assert_eq!(interval, Duration::from_millis(interval_ms), "after {later_ms} ms");
    }
}

#[tokio::test]
async fn a_429_at_full_pace_allows_for_more_uneven_delivery_and_status_shows_it() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    settings.jitter_allowance = Duration::from_millis(5);
    settings.send_within = Duration::from_millis(5);
    settings.lease = Duration::from_mins(10);
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..3 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let mut now_us = 1_800_000_000_000_000;
    let mut last = None;
    for _ in 0..3 {
        last = fixture.claim_at(&mut now_us, Duration::from_secs(3)).await;
    }
    limit(&fixture, &last.unwrap()).await;
    let status = fixture.queue.status().await.unwrap();
    assert_eq!(status.jitter_learned, Duration::from_millis(5));
    assert_eq!(status.jitter_allowance, Duration::from_millis(10));
    fixture.queue.set_clock(Some(now_us + 3_600_000_000)).await.unwrap();
    let later = fixture.queue.status().await.unwrap();
    assert_eq!(later.jitter_learned, Duration::from_micros(2_500));
    assert_eq!(later.interval, Duration::from_micros((1_000_000 + 5_000 + 7_500) / 2));
}
