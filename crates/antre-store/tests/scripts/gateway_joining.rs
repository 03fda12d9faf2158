//! What a create of the gateway would be for its bill: the rule of intake, asked before anything is submitted.

use std::time::Duration;

use antre_core::{Priority, Quota, state::State};
use antre_store::{
    gateway::{AskedBill, Counted, Joined},
    status::CallerCounts,
};
use antre_testkit::queue::{QueueFixture, created, rejected};

/// The text of every job of these tests, up to the end of its invoice.
const HEAD: &[u8] = br#"{"invoice":{"external_id":"INV-1"}"#;
const JOB: &[u8] = br#"{"invoice":{"external_id":"INV-1"},"priority":"high"}"#;

fn bill() -> AskedBill {
    AskedBill {
        external_id: "INV-1".to_owned(),
        amount: "350000".to_owned(),
        ..AskedBill::default()
    }
}

async fn joined(fixture: &QueueFixture) -> Joined {
    fixture.queue.join(&bill(), HEAD, None).await.unwrap()
}

async fn accepted(fixture: &QueueFixture) -> String {
    fixture.accept("INV-1", |job| job.data = JOB.to_vec()).await
}

/// Everything that the account has, but for what a look may change: nothing.
async fn dump(fixture: &QueueFixture) -> Vec<(String, Vec<u8>)> {
    let mut connection = fixture.server.connect().await.unwrap();
    let mut names: Vec<String> =
        redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    names.sort();
    let mut all = Vec::new();
    for name in names {
        let value = redis::cmd("DUMP").arg(&name).query_async(&mut connection).await.unwrap();
        all.push((name, value));
    }
    all
}

#[tokio::test]
async fn a_bill_that_nobody_knows_is_new_and_an_account_that_nobody_serves_is_told() {
    let fixture = QueueFixture::start().await;
    assert_eq!(joined(&fixture).await, Joined::New);
    let other = fixture.queue.redis().queue("other".parse().unwrap());
    assert_eq!(other.join(&bill(), HEAD, None).await.unwrap(), Joined::Unserved);
}

#[tokio::test]
async fn the_same_bill_joins_its_job_until_that_ends_and_nothing_is_changed() {
    let fixture = QueueFixture::start().await;
    let job = accepted(&fixture).await;
    let before = dump(&fixture).await;
    let (priority, state) = (Some(Priority::Normal), Some(State::Waiting));
    assert_eq!(joined(&fixture).await, Joined::Join { job: job.clone(), priority, state });
    assert_eq!(dump(&fixture).await, before);

    let grant = fixture.claim().await;
    let state = Some(State::Running);
    assert_eq!(joined(&fixture).await, Joined::Join { job: job.clone(), priority, state });
    fixture.queue.finish(&grant, &created("i1"), Quota::default()).await.unwrap();
    let Joined::Done { job: done, invoice_id, age: Some(age) } = joined(&fixture).await else {
        unreachable!("it is done")
    };
    assert_eq!((done, invoice_id.as_str()), (job, "i1"));
    assert!(age < Duration::from_mins(1), "{age:?}");
}

#[tokio::test]
async fn an_entry_that_nobody_took_in_yet_is_joined_by_who_added_it() {
    let fixture = QueueFixture::start().await;
    let entry = fixture.queue.submit(&[JOB]).await.unwrap().remove(0).unwrap();
    let join = async |submitted| fixture.queue.join(&bill(), HEAD, submitted).await.unwrap();
    assert_eq!(join(None).await, Joined::New);
    assert_eq!(join(Some("1-1")).await, Joined::New);
    let submitted = Joined::Join { job: entry.clone(), priority: None, state: None };
    assert_eq!(join(Some(&entry)).await, submitted);
}

#[tokio::test]
async fn another_amount_currency_or_payer_is_a_conflict_while_the_bill_can_be_paid() {
    let fixture = QueueFixture::start().await;
    let job = fixture.accept("INV-1", |job| job.payer_email = "a".to_owned()).await;
    let other_amount = AskedBill { amount: "1".to_owned(), ..bill() };
    let other_currency = AskedBill { currency: "PHP".to_owned(), ..bill() };
    let other_payer = AskedBill { payer_email: "b".to_owned(), ..bill() };
    for other in [other_amount, other_currency, other_payer] {
        let joined = fixture.queue.join(&other, HEAD, None).await.unwrap();
        assert_eq!(joined, Joined::Conflict { job: job.clone() });
    }
}

#[tokio::test]
async fn a_refusal_is_told_again_to_the_same_text_alone() {
    let fixture = QueueFixture::start().await;
    let job = accepted(&fixture).await;
    let grant = fixture.claim().await;
    fixture.queue.finish(&grant, &rejected("A_REFUSAL"), Quota::default()).await.unwrap();
    let Joined::Refused { job: refused, age: Some(_) } = joined(&fixture).await else {
        unreachable!("it was refused")
    };
    assert_eq!(refused, job);
    let other = br#"{"invoice":{"external_id":"INV-1" }"#;
    assert_eq!(fixture.queue.join(&bill(), other, None).await.unwrap(), Joined::New);
}

#[tokio::test]
async fn a_cancelled_job_stays_cancelled_for_the_same_bill() {
    let fixture = QueueFixture::start().await;
    let job = accepted(&fixture).await;
    fixture.queue.cancel(&job).await.unwrap();
    assert!(
        matches!(joined(&fixture).await, Joined::Refused { job: refused, .. } if refused == job)
    );
    let other = AskedBill { amount: "1".to_owned(), ..bill() };
    assert_eq!(fixture.queue.join(&other, HEAD, None).await.unwrap(), Joined::New);
}

#[tokio::test]
async fn what_another_program_put_there_is_left_to_intake() {
    let fixture = QueueFixture::start().await;
    let mut connection = fixture.server.connect().await.unwrap();
    let key = fixture.queue.keys().bill("INV-1");
    redis::cmd("RPUSH").arg(&key).arg("x").exec_async(&mut connection).await.unwrap();
    assert_eq!(joined(&fixture).await, Joined::New);
}

#[tokio::test]
async fn an_idempotency_key_keeps_its_first_body() {
    let fixture = QueueFixture::start().await;
    let remember = async |key, body| fixture.queue.remember_caller_key(key, body).await.unwrap();
    assert_eq!(remember("k", "one").await, "one");
    assert_eq!(remember("k", "two").await, "one");
    assert_eq!(remember("k", "one").await, "one");
    assert_eq!(remember("l", "two").await, "two");
}

#[tokio::test]
async fn a_waiting_job_knows_its_place() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let second = fixture.accept("INV-2", |_| {}).await;
    assert_eq!(fixture.queue.place(&first).await.unwrap(), Some((Priority::Normal, 0)));
    assert_eq!(fixture.queue.place(&second).await.unwrap(), Some((Priority::Normal, 1)));
    assert_eq!(fixture.queue.place("1-1").await.unwrap(), None);
}

#[tokio::test]
async fn what_callers_got_is_counted_for_an_hour() {
    const COUNTED_US: u64 = 5 * 60 * 1_000_000;
    let fixture = QueueFixture::start().await;
    let (all, queued) = (Counted::Create, Counted::StillQueued);
    let before_us = fixture.queue.redis().time_us().await.unwrap();
    for counted in [vec![all], vec![all, queued], vec![all, Counted::Misnamed]] {
        fixture.queue.count_create("a shop", &counted).await.unwrap();
    }
    fixture.queue.count_create("till", &[all]).await.unwrap();
    let callers_at = async |now_us: u64| {
        fixture.queue.set_clock(Some(now_us)).await.unwrap();
        fixture.queue.status().await.unwrap().callers
    };
    let last_us = fixture.queue.redis().time_us().await.unwrap();
    let counts = callers_at(last_us).await;
    let shop = CallerCounts { creates: 3, still_queued: 1, misnamed: 1 };
    assert_eq!((&counts["a shop"], counts["till"].creates, counts.len()), (&shop, 1, 2));
    // To the end of the hour that began with the five minutes in which the first one was counted.
    let end_us = before_us / COUNTED_US * COUNTED_US + 3_600_000_000;
    assert_eq!(callers_at(end_us - 1_000).await["a shop"].misnamed, 1);
    let gone_us = last_us / COUNTED_US * COUNTED_US + 3_600_000_000;
    assert!(callers_at(gone_us).await.is_empty());
}
