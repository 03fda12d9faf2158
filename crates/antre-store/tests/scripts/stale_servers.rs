//! A server that missed the last seconds, minutes or hours takes over: what may have been sent is looked up first.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use antre_core::Quota;
use antre_core::state::NextRequest;
use antre_store::claim::Grant;
use antre_store::finish::Finished;
use antre_store::settings::Settings;
use antre_testkit::RedisServer;
use antre_testkit::queue::{QueueFixture, adopted, delivered, invoice, quick_settings};

/// Requests that the limit allows in the gap.
const PER_GAP: usize = 30;
const KNOWN: usize = 40;
/// Bills that are submitted in the gap.
const NEW: usize = 5;
const SECOND_US: u64 = 1_000_000;
const MINUTE_US: u64 = 60 * SECOND_US;

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap()
}

async fn finish(fixture: &QueueFixture, grant: &Grant) {
    let found = invoice(&format!("invoice-{}", grant.external_id()));
    let outcome =
        if grant.request == NextRequest::LookUp { adopted(found, &[]) } else { delivered(found) };
    let finished = fixture.queue.finish(grant, &outcome, Quota::default()).await;
    assert_eq!(finished.unwrap(), Finished::Done);
}

/// Two servers that agreed at `at_us`; only the first one heard what came then.
struct Split {
    truth: QueueFixture,
    stale: QueueFixture,
    at_us: u64,
}

impl Split {
    async fn start(settings: &Settings) -> Self {
        let server = RedisServer::builder().tcp().start().await.unwrap();
        let address = server.tcp_address().unwrap();
        let truth = QueueFixture::start_on(server, settings).await;
        let mut now_us = truth.queue.redis().time_us().await.unwrap();
        truth.accept_at(now_us, "FIRST", |_| {}).await;
        for number in 0..KNOWN {
            truth.accept_at(now_us, &format!("KNOWN-{number}"), |_| {}).await;
        }
        // Older than any clock of a test.
        now_us += 5 * MINUTE_US;
        let first = truth.claim_at(&mut now_us, Duration::from_hours(2)).await.unwrap();
        finish(&truth, &first).await;
        let replica = RedisServer::builder().replica_of(address);
        let mut replica = replica.start().await.unwrap();
        replica.promote().await.unwrap();
        Self { truth, stale: QueueFixture::found_on(replica), at_us: now_us }
    }

    /// The truth sends what it may for as long as the gap lasts, new bills first. Returns what was sent.
    async fn send_in_the_gap(&self, gap: Duration) -> HashSet<String> {
        let mut now_us = self.at_us;
        for number in 0..NEW {
            let high =
                |job: &mut antre_store::intake::Submission| "high".clone_into(&mut job.priority);
            self.truth.accept_at(now_us, &format!("NEW-{number}"), high).await;
        }
        let end_us = now_us + us(gap);
        let mut sent = HashSet::new();
        while now_us < end_us {
            let left = Duration::from_micros(end_us - now_us);
            let Some(grant) = self.truth.claim_at(&mut now_us, left).await else { break };
            assert_eq!(grant.request, NextRequest::Create, "{}", grant.external_id());
            finish(&self.truth, &grant).await;
            sent.insert(grant.external_id().to_owned());
        }
        assert!(sent.len() >= PER_GAP / 2, "{}", sent.len());
        sent
    }

    /// The stale server is in charge from `now_us` on. Returns how each job that it has begins.
    async fn first_steps(&self, now_us: &mut u64) -> HashMap<String, NextRequest> {
        let mut steps = HashMap::new();
        while let Some(grant) = self.stale.claim_at(now_us, Duration::from_hours(3)).await {
            steps.entry(grant.external_id().to_owned()).or_insert(grant.request);
            finish(&self.stale, &grant).await;
        }
        steps
    }
}

fn settings(gap: Duration) -> Settings {
    let limits = format!("{PER_GAP}/{}s", gap.as_secs());
    Settings { limits: limits.parse().unwrap(), ..quick_settings() }
}

async fn looks_first_after(gap: Duration) {
    let split = Split::start(&settings(gap)).await;
    let sent = split.send_in_the_gap(gap).await;
    let promoted_us = split.at_us + us(gap);
    let mut now_us = promoted_us;
    // Submitted again by those who never heard of a link.
    for number in 0..NEW {
        split.stale.accept_at(now_us + SECOND_US, &format!("NEW-{number}"), |_| {}).await;
    }
    let steps = split.first_steps(&mut now_us).await;
    let unseen: Vec<&String> =
        sent.iter().filter(|id| steps.get(*id) != Some(&NextRequest::LookUp)).collect();
    assert!(unseen.is_empty(), "created without a look: {unseen:?}");
    assert!(sent.contains("NEW-0"), "the new bills are among them");

    let recorded = split.stale.queue.status().await.unwrap().recorded;
    assert!(recorded.iter().any(|it| it.code == "server_changed"), "{recorded:?}");

    // Ten minutes on, more come that the truth may have sent.
    now_us = now_us.max(promoted_us + 9 * MINUTE_US);
    split.stale.queue.set_clock(Some(now_us)).await.unwrap();
    split.stale.accept_at(promoted_us + 9 * MINUTE_US, "LATE", |_| {}).await;
    assert_eq!(split.first_steps(&mut now_us).await["LATE"], NextRequest::LookUp);
    // What comes later still was never sent before.
    now_us = now_us.max(promoted_us + us(gap) + 11 * MINUTE_US);
    split.stale.queue.set_clock(Some(now_us)).await.unwrap();
    split.stale.accept_at(now_us, "FRESH", |_| {}).await;
    assert_eq!(split.first_steps(&mut now_us).await["FRESH"], NextRequest::Create);
}

#[tokio::test]
async fn after_a_gap_of_five_seconds_all_that_was_sent_in_it_is_looked_up_first() {
    looks_first_after(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn after_a_gap_of_a_minute_all_that_was_sent_in_it_is_looked_up_first() {
    looks_first_after(Duration::from_mins(1)).await;
}

#[tokio::test]
async fn after_a_gap_of_an_hour_all_that_was_sent_in_it_is_looked_up_first() {
    looks_first_after(Duration::from_hours(1)).await;
}

#[tokio::test]
async fn a_server_whose_clock_is_behind_looks_up_everything() {
    let gap = Duration::from_mins(1);
    let split = Split::start(&settings(gap)).await;
    split.send_in_the_gap(gap).await;
    let mut now_us = split.at_us - 30 * SECOND_US;
    let steps = split.first_steps(&mut now_us).await;
    assert_eq!(steps.len(), KNOWN);
    assert!(steps.values().all(|step| *step == NextRequest::LookUp), "{steps:?}");
}

#[tokio::test]
async fn a_person_who_restored_a_backup_lets_everything_be_looked_up() {
    let day = Duration::from_hours(24);
    let split = Split::start(&settings(Duration::from_secs(5))).await;
    let mut now_us = split.at_us + SECOND_US;
    split.stale.queue.set_clock(Some(now_us)).await.unwrap();
    let waiting = split.stale.queue.recheck(day, "budi").await.unwrap();
    assert_eq!(waiting, u64::try_from(KNOWN).unwrap());
    let steps = split.first_steps(&mut now_us).await;
    assert_eq!(steps.len(), KNOWN);
    assert!(steps.values().all(|step| *step == NextRequest::LookUp), "{steps:?}");
    for (hours, step) in
        [(1, NextRequest::LookUp), (23, NextRequest::LookUp), (25, NextRequest::Create)]
    {
        let name = format!("AFTER-{hours}");
        now_us = now_us.max(split.at_us + us(Duration::from_hours(hours)));
        split.stale.queue.set_clock(Some(now_us)).await.unwrap();
        split.stale.accept_at(now_us, &name, |_| {}).await;
        assert_eq!(split.first_steps(&mut now_us).await[&name], step, "{name}");
    }
}
