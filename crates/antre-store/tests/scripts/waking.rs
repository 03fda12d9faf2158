//! Who is woken, and who asks when.

use std::sync::Arc;
use std::time::Duration;

use antre_store::claim::{Claim, Wish, WorkerIdentity};
use antre_store::intake::Submission;
use antre_store::settings::Settings;
use antre_store::wake::{Wake, WakeListener};
use antre_testkit::queue::{QueueFixture, claim_token, quick_settings};
use futures_util::StreamExt as _;

/// Generous: it ends a test that would hang, and is never reached otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
const NOW_US: u64 = 1_800_000_000_000_000;

async fn listen(fixture: &QueueFixture) -> WakeListener {
    let account = [fixture.queue.account().clone()];
    WakeListener::subscribe(fixture.queue.redis(), &account).await.unwrap()
}

/// Returns who is woken next: a name, or all.
async fn heard(wakes: &mut WakeListener) -> Option<String> {
    let Wake { account, worker } =
        tokio::time::timeout(PATIENCE, wakes.next()).await.unwrap().unwrap();
    assert_eq!(account, 0);
    worker
}

/// Submits jobs, and takes them in by `worker`.
async fn accept_as(fixture: &QueueFixture, worker: &str, external_ids: &[&str]) {
    let mut submissions = Vec::new();
    for external_id in external_ids {
        submissions.push(Submission {
            id: fixture.queue.submit(&["{}"]).await.unwrap().remove(0).unwrap(),
            external_id: (*external_id).to_owned(),
            amount: "350000".to_owned(),
            priority: "normal".to_owned(),
            max_attempts: "4".to_owned(),
            data: b"{}".to_vec(),
            ..Submission::default()
        });
    }
    fixture.queue.accept_as(worker, &submissions).await.unwrap();
}

/// Two workers that found nothing to do, one after the other.
async fn asleep(fixture: &QueueFixture) {
    for name in ["first", "second"] {
        assert!(fixture.try_claim_as(&fixture.worker_called(name)).await.is_none());
    }
}

#[tokio::test]
async fn work_wakes_one_after_the_other_and_an_order_wakes_all() {
    let fixture = QueueFixture::start().await;
    asleep(&fixture).await;
    let mut wakes = listen(&fixture).await;
    for (number, sleeper) in ["second", "first"].iter().enumerate() {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
        assert_eq!(heard(&mut wakes).await.as_deref(), Some(*sleeper));
    }
    // Nobody sleeps any more, so nobody is woken by this.
    fixture.accept("INV-2", |_| {}).await;
    fixture.queue.pause("tester", "to be heard", None).await.unwrap();
    assert_eq!(heard(&mut wakes).await, None);
}

#[tokio::test]
async fn whoever_takes_an_entry_in_looks_for_it_and_wakes_nobody() {
    let fixture = QueueFixture::start().await;
    asleep(&fixture).await;
    let mut wakes = listen(&fixture).await;
    accept_as(&fixture, "first", &["INV-1"]).await;
    // It is awake now: the next entry that it takes in is for the other one.
    accept_as(&fixture, "first", &["INV-2"]).await;
    assert_eq!(heard(&mut wakes).await.as_deref(), Some("second"));
}

#[tokio::test]
async fn a_worker_that_got_all_that_it_asked_for_wakes_the_next_if_there_is_more() {
    let fixture = QueueFixture::start().await;
    asleep(&fixture).await;
    let mut wakes = listen(&fixture).await;
    accept_as(&fixture, "second", &["INV-1", "INV-2"]).await;
    let second = fixture.worker_called("second");
    fixture.try_claim_as(&second).await.unwrap();
    assert_eq!(heard(&mut wakes).await.as_deref(), Some("first"));
    assert!(fixture.try_claim_as(&fixture.worker_called("third")).await.is_some());
    // There is no more.
    fixture.queue.pause("tester", "to be heard", None).await.unwrap();
    assert_eq!(heard(&mut wakes).await, None);
}

async fn wait(fixture: &QueueFixture, worker: &Arc<WorkerIdentity>) -> Duration {
    let claim = fixture.queue.claim_next("unused", worker, 0).await.unwrap();
    let Claim::Wait { wait, .. } = claim else { unreachable!("{claim:?}") };
    wait
}

/// At 2/1s, with the tests' allowances.
const INTERVAL: Duration = Duration::from_micros(502_500);
/// Between two turns.
const SPACING: Duration = Duration::from_micros(502_500 + 502_500 / 300);

/// Returns a queue at 2/1s with jobs that has just granted a request, and its clock.
async fn just_granted() -> (QueueFixture, u64) {
    let settings = Settings { limits: "2/1s".parse().unwrap(), ..quick_settings() };
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..5 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let mut now_us = NOW_US;
    fixture.claim_at(&mut now_us, Duration::from_secs(3)).await.unwrap();
    (fixture, now_us)
}

#[tokio::test]
async fn workers_that_wait_for_the_pace_ask_one_interval_apart() {
    let (fixture, mut now_us) = just_granted().await;
    let [first, second, third] =
        ["first", "second", "third"].map(|name| fixture.worker_called(name));
    assert_eq!(wait(&fixture, &first).await, INTERVAL);
    assert_eq!(wait(&fixture, &second).await, INTERVAL + SPACING);
    assert_eq!(wait(&fixture, &first).await, INTERVAL, "it keeps its turn");
    assert_eq!(wait(&fixture, &third).await, INTERVAL + SPACING * 2);
    // The first is dead: the second gets what it left, too.
    now_us += u64::try_from((INTERVAL + SPACING).as_micros()).unwrap();
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    let claim_tokens = &["one", "two", "three"].map(str::to_owned);
    let wish = Wish { claim_tokens, held: 0, has_room: false };
    let claim = fixture.queue.claim(&wish, &second).await.unwrap();
    assert!(matches!(claim, Claim::Granted(granted) if granted.grants.len() == 2));
}

#[tokio::test]
async fn a_turn_that_another_used_moves_those_behind_no_further_than_the_gap() {
    let (fixture, mut now_us) = just_granted().await;
    let workers = ["first", "second", "third", "fourth"].map(|name| fixture.worker_called(name));
    for worker in &workers {
        wait(&fixture, worker).await;
    }
    now_us += u64::try_from(INTERVAL.as_micros()).unwrap();
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    let [first, second, third, fourth] = &workers;
    assert!(fixture.try_claim_as(third).await.is_some(), "it was woken and came before the first");
    assert_eq!(wait(&fixture, first).await, INTERVAL);
    assert_eq!(wait(&fixture, second).await, INTERVAL + SPACING);
    assert_eq!(wait(&fixture, fourth).await, SPACING * 3, "the third has left room");
    assert_eq!(wait(&fixture, third).await, SPACING * 4);
}

#[tokio::test]
async fn where_enough_workers_have_turns_the_others_look_each_four_seconds() {
    let (fixture, _now_us) = just_granted().await;
    for number in 0..8 {
        let worker = fixture.worker_called(&number.to_string());
        assert_eq!(wait(&fixture, &worker).await, INTERVAL + SPACING * number);
    }
    let other = fixture.worker_called("other");
    for _ in 0..2 {
        assert_eq!(wait(&fixture, &other).await, INTERVAL + Duration::from_secs(4));
    }
    fixture.queue.leave("5").await.unwrap();
    assert_eq!(wait(&fixture, &other).await, INTERVAL + SPACING * 5);
}

/// Claims one request as a worker that may have room for another, and returns how long nothing more comes.
async fn rest(fixture: &QueueFixture, worker: &Arc<WorkerIdentity>, has_room: bool) -> Duration {
    let claim_tokens = &[claim_token()];
    let wish = Wish { claim_tokens, held: 0, has_room };
    let claim = fixture.queue.claim(&wish, worker).await.unwrap();
    let Claim::Granted(granted) = claim else { unreachable!("{claim:?}") };
    granted.rest
}

#[tokio::test]
async fn a_claim_tells_a_worker_with_room_how_long_nothing_more_comes() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    settings.lease = Duration::from_mins(1);
    let fixture = QueueFixture::start_with(&settings).await;
    let [first, second] = ["first", "second"].map(|name| fixture.worker_called(name));
    for number in 0..5 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let mut now_us = NOW_US;
    fixture.claim_at(&mut now_us, Duration::from_secs(3)).await.unwrap();
    let mut later = async || {
        now_us += 3_000_000;
        fixture.queue.set_clock(Some(now_us)).await.unwrap();
    };
    later().await;
    assert_eq!(rest(&fixture, &first, false).await, Duration::ZERO, "it asks when it has room");
    later().await;
    assert_eq!(rest(&fixture, &first, true).await, INTERVAL);
    assert_eq!(wait(&fixture, &first).await, INTERVAL, "it has that turn");
    assert!(wait(&fixture, &second).await > INTERVAL, "nobody else has it");
    later().await;
    assert_eq!(rest(&fixture, &first, true).await, INTERVAL);
    later().await;
    let until_the_first_lease_ends = Duration::from_secs(48);
    assert_eq!(rest(&fixture, &first, true).await, until_the_first_lease_ends, "nothing is left");
    let mut wakes = listen(&fixture).await;
    fixture.accept("INV-5", |_| {}).await;
    assert_eq!(heard(&mut wakes).await.as_deref(), Some("first"), "it sleeps");
}
