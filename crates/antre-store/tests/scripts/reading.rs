//! Reads of programs: their share of the requests, and how they end.

use std::time::Duration;

use antre_core::{
    Quota,
    job_outcome::{ExpiredInvoice, Limited, Outcome, ReadOutcome},
    read::{ReadAnswer, ReadKind, ReadRequest},
    state::NextRequest,
};
use antre_store::{
    claim::{Grant, GrantKind, Unused},
    finish::Finished,
    reads::{ReadEnd, SubmittedRead},
    settings::Settings,
};
use antre_testkit::queue::{QueueFixture, ambiguous, created, quick_settings};

const NO_QUOTA: Quota = Quota { remaining: None, limit: None, reset: None };
const WAIT: Duration = Duration::from_secs(20);
/// A stopped clock that is ahead of the real one, so that it does not step back.
const LATER_US: u64 = 2_000_000_000_000_000;

fn get(id: &str) -> ReadRequest {
    ReadRequest { kind: ReadKind::Get, target: id.to_owned() }
}

async fn submit(fixture: &QueueFixture, id: &str) {
    let submitted = fixture.queue.submit_read(id, &get(id), WAIT).await.unwrap();
    assert_eq!(submitted, SubmittedRead::Submitted);
}

fn answer(body: &str) -> ReadAnswer {
    let headers = vec![("rate-limit-remaining".to_owned(), "3".to_owned())];
    ReadAnswer { status: 200, headers, body: body.to_owned() }
}

fn answered(body: &str) -> Outcome {
    Outcome::Read(ReadOutcome::Answered { answer: answer(body), expired: None })
}

async fn finish(fixture: &QueueFixture, grant: &Grant, outcome: &Outcome) {
    let finished = fixture.queue.finish(grant, outcome, NO_QUOTA).await.unwrap();
    assert_eq!(finished, Finished::Done);
}

/// Claims and finishes `count` requests; tells which were reads.
async fn kinds(fixture: &QueueFixture, count: usize) -> String {
    let mut kinds = String::new();
    for place in 0..count {
        let grant = fixture.claim().await;
        let is_read = grant.kind == GrantKind::Read;
        kinds.push(if is_read { 'r' } else { 'j' });
        let outcome = if is_read { answered("{}") } else { created(&format!("i{place}")) };
        finish(fixture, &grant, &outcome).await;
    }
    kinds
}

#[tokio::test]
async fn a_read_is_granted_once_and_its_answer_goes_back_as_it_came() {
    let fixture = QueueFixture::start().await;
    let query = "statuses=PAID&statuses=EXPIRED&limit=2".to_owned();
    let read = ReadRequest { kind: ReadKind::List, target: query };
    fixture.queue.submit_read("r1", &read, WAIT).await.unwrap();
    assert_eq!(fixture.queue.read_end("r1").await.unwrap(), None);
    let grant = fixture.claim().await;
    assert_eq!((grant.kind, grant.id.as_str()), (GrantKind::Read, "r1"));
    assert_eq!(grant.read, Some(read));
    assert!(fixture.try_claim().await.is_none(), "it is granted once");
    let body = "[{\"id\":\"ï\u{1f600}\\/\"}]\n";
    finish(&fixture, &grant, &answered(body)).await;
    let end = fixture.queue.read_end("r1").await.unwrap();
    assert_eq!(end, Some(ReadEnd::Answer(answer(body))));
}

#[tokio::test]
async fn one_request_in_four_is_a_read_while_jobs_wait_and_none_starves() {
    let fixture = QueueFixture::start().await;
    for place in 0..20 {
        fixture.accept(&format!("INV-{place}"), |job| job.priority = "high".to_owned()).await;
    }
    for place in 0..10 {
        submit(&fixture, &format!("r{place}")).await;
    }
    assert_eq!(kinds(&fixture, 20).await, "rjjjrjjjrjjjrjjjrjjj");
    assert_eq!(kinds(&fixture, 10).await, "rjjjrjjrrr", "the rest of both");
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn reads_that_come_one_by_one_have_no_larger_share() {
    let fixture = QueueFixture::start().await;
    for place in 0..12 {
        fixture.accept(&format!("INV-{place}"), |_| {}).await;
    }
    let mut seen = String::new();
    for place in 0..12 {
        if fixture.queue.status().await.unwrap().waiting_total() == 0 {
            break;
        }
        submit(&fixture, &format!("r{place}")).await;
        seen += &kinds(&fixture, 1).await;
    }
    assert_eq!(seen, "rjjjrjjjrjjj");
}

#[tokio::test]
async fn the_share_is_an_option_and_one_means_that_reads_go_first() {
    for (share, seen) in [(1, "rrrrjj"), (2, "rjrjrr"), (1_000, "rjjrrr")] {
        let settings = Settings { read_share: share, ..quick_settings() };
        let fixture = QueueFixture::start_with(&settings).await;
        for place in 0..2 {
            fixture.accept(&format!("INV-{place}"), |_| {}).await;
        }
        for place in 0..4 {
            submit(&fixture, &format!("r{place}")).await;
        }
        assert_eq!(kinds(&fixture, 6).await, seen, "{share}");
    }
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let fixture = QueueFixture::start().await;
    let mut now_us = LATER_US;
    fixture.queue.set_clock(Some(now_us)).await.unwrap();
    submit(&fixture, "r1").await;
    now_us += 20_000_000;
    assert!(fixture.claim_at(&mut now_us, Duration::from_secs(1)).await.is_none());
    submit(&fixture, "r2").await;
    now_us += 18_000_000;
    assert_eq!(fixture.claim_at(&mut now_us, Duration::from_secs(1)).await.unwrap().id, "r2");
}

#[tokio::test]
async fn so_many_wait_and_no_more_and_those_that_nobody_waits_for_give_way() {
    let fixture = QueueFixture::start().await;
    fixture.queue.set_clock(Some(LATER_US)).await.unwrap();
    for place in 0..16 {
        submit(&fixture, &format!("r{place}")).await;
    }
    let full = fixture.queue.submit_read("r16", &get("r16"), WAIT).await.unwrap();
    assert_eq!(full, SubmittedRead::Full);
    fixture.queue.set_clock(Some(LATER_US + 20_000_000)).await.unwrap();
    submit(&fixture, "r16").await;
}

#[tokio::test]
async fn one_that_was_not_sent_waits_again() {
    let fixture = QueueFixture::start().await;
    submit(&fixture, "r1").await;
    let grant = fixture.claim().await;
    fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap();
    let again = fixture.claim().await;
    assert_eq!(again.id, "r1");
    fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap();
    assert!(fixture.try_claim().await.is_none(), "it is another claim's by now");
    let failed = ReadOutcome::NotSent { code: "dns".to_owned() };
    finish(&fixture, &again, &Outcome::Read(failed)).await;
    let end = fixture.queue.read_end("r1").await.unwrap();
    assert_eq!(end, Some(ReadEnd::Failed("dns".to_owned())));
    assert!(fixture.try_claim().await.is_none(), "a read is never sent again");
}

#[tokio::test]
async fn reads_that_fail_open_no_breaker_and_a_limit_holds_for_all() {
    let fixture = QueueFixture::start().await;
    for place in 0..5 {
        submit(&fixture, &format!("r{place}")).await;
        let grant = fixture.claim().await;
        let error = ReadAnswer { status: 500, ..ReadAnswer::default() };
        let code = "http_500".to_owned();
        let failed = ReadOutcome::LookUpFailed { code, answer: Some(error.clone()) };
        finish(&fixture, &grant, &Outcome::Read(failed)).await;
        let end = fixture.queue.read_end(&grant.id).await.unwrap();
        assert_eq!(end, Some(ReadEnd::Answer(error)));
    }
    assert_eq!(fixture.queue.status().await.unwrap().breaker, None);
    submit(&fixture, "r5").await;
    let grant = fixture.claim().await;
    let limited = Limited { code: "too_many".to_owned(), wait: Duration::from_mins(1) };
    let outcome = ReadOutcome::Limited { limited, answer: None };
    finish(&fixture, &grant, &Outcome::Read(outcome)).await;
    fixture.accept("INV-1", |_| {}).await;
    assert!(fixture.try_claim().await.is_none(), "the fleet waits");
}

#[tokio::test]
async fn while_xendit_does_not_answer_no_read_is_taken() {
    let fixture = QueueFixture::start().await;
    let mut grants = Vec::new();
    for place in 0..3 {
        fixture.accept(&format!("INV-{place}"), |_| {}).await;
        grants.push(fixture.claim().await);
    }
    for grant in &grants {
        fixture.queue.finish(grant, &ambiguous(false), NO_QUOTA).await.unwrap();
    }
    assert!(fixture.queue.status().await.unwrap().breaker.is_some());
    let submitted = fixture.queue.submit_read("r1", &get("r1"), WAIT).await.unwrap();
    assert_eq!(submitted, SubmittedRead::Closed);
}

#[tokio::test]
async fn an_account_that_nobody_serves_takes_no_reads() {
    let server = antre_testkit::RedisServer::start().await.unwrap();
    let fixture = QueueFixture::found_on(server);
    let submitted = fixture.queue.submit_read("r1", &get("r1"), WAIT).await.unwrap();
    assert_eq!(submitted, SubmittedRead::Unserved);
}

#[tokio::test]
async fn an_invoice_that_a_program_expired_is_not_delivered_again() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    finish(&fixture, &grant, &created("i1")).await;
    let expire = ReadRequest { kind: ReadKind::Expire, target: "i1".to_owned() };
    fixture.queue.submit_read("r1", &expire, WAIT).await.unwrap();
    let grant = fixture.claim().await;
    assert_eq!(grant.request, NextRequest::Expire);
    let expired = ExpiredInvoice { id: "i1".to_owned(), external_id: "INV-1".to_owned() };
    let outcome = ReadOutcome::Answered { answer: answer("{}"), expired: Some(expired) };
    finish(&fixture, &grant, &Outcome::Read(outcome)).await;
    let next = fixture.accept("INV-1", |job| job.amount = "1".to_owned()).await;
    let grant = fixture.claim().await;
    assert_eq!(
        (grant.id, grant.request),
        (next, NextRequest::LookUp),
        "a new bill, looked up first"
    );

    // Another bill's invoice of that id changes nothing.
    fixture.accept("INV-2", |_| {}).await;
    let grant = fixture.claim().await;
    finish(&fixture, &grant, &created("i2")).await;
    fixture.queue.submit_read("r2", &expire, WAIT).await.unwrap();
    let grant = fixture.claim().await;
    let expired = ExpiredInvoice { id: "i1".to_owned(), external_id: "INV-2".to_owned() };
    let outcome = ReadOutcome::Answered { answer: answer("{}"), expired: Some(expired) };
    finish(&fixture, &grant, &Outcome::Read(outcome)).await;
    fixture.accept("INV-2", |_| {}).await;
    assert!(fixture.try_claim().await.is_none(), "it is a duplicate of a done bill");
}
