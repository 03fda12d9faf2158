//! What an inbox entry becomes.

use std::time::Duration;

use antre_core::Quota;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Outcome;
use antre_core::state::State;
use antre_store::intake::Submission;
use antre_testkit::queue::{QueueFixture, created, delivered, invoice, rejected};

#[tokio::test]
async fn a_new_bill_becomes_a_waiting_job() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.state(&id).await, "waiting");
    assert_eq!(fixture.field(&id, "request").await, "create");
    assert_eq!(fixture.queue.inbox_length().await.unwrap(), 0);
    let status = fixture.queue.status().await.unwrap();
    assert_eq!((status.waiting, status.totals.accepted), ([0, 1, 0], 1));
}

#[tokio::test]
async fn an_entry_is_accepted_once_however_often_it_is_parsed() {
    let fixture = QueueFixture::start().await;
    let id = fixture.accept("INV-1", |_| {}).await;
    let again = Submission {
        id: id.clone(),
        external_id: "INV-1".to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        ..Submission::default()
    };
    assert_eq!(fixture.queue.accept(&[again]).await.unwrap().taken, 0);
    assert_eq!(fixture.queue.status().await.unwrap().totals.accepted, 1);
}

#[tokio::test]
async fn a_second_job_for_a_living_bill_waits_for_the_first_and_lifts_it() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let second = fixture
        .accept("INV-1", |job| {
            job.priority = "high".to_owned();
            job.reference = "row 2".to_owned();
        })
        .await;
    assert_eq!(fixture.field(&second, "duplicate_of").await, first);
    assert_eq!(fixture.queue.status().await.unwrap().waiting, [1, 0, 0]);

    let grant = fixture.claim().await;
    assert_eq!(grant.id, first);
    fixture.queue.finish(&grant, &created("i1"), Quota::default()).await.unwrap();
    assert_eq!(fixture.state(&second).await, "done");
    let results = fixture.queue.results(&[first, second.clone()]).await.unwrap();
    let result: serde_json::Value = serde_json::from_str(results[1].as_deref().unwrap()).unwrap();
    assert_eq!(result["job"], second.as_str());
    assert_eq!(result["reference"], "row 2");
    assert_eq!(result["invoice_id"], "i1");
    assert_eq!(result["duplicate_of"], fixture.field(&second, "duplicate_of").await);
    assert!(result["response"].is_null(), "the answer is kept once");

    let third = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.state(&third).await, "done");
    assert_eq!(fixture.field(&third, "invoice_id").await, "i1");
    assert!(fixture.try_claim().await.is_none(), "a duplicate costs no request");
}

#[tokio::test]
async fn another_amount_currency_or_payer_for_a_living_bill_is_a_conflict() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |job| job.payer_email = "aa".to_owned()).await;
    let changes: [fn(&mut Submission); 3] = [
        |job| job.amount = "1".to_owned(),
        |job| job.currency = "PHP".to_owned(),
        |job| job.payer_email = "bb".to_owned(),
    ];
    for change in changes {
        let id = fixture.accept("INV-1", change).await;
        assert_eq!(fixture.state(&id).await, "dead");
        assert_eq!(fixture.field(&id, "error_code").await, "conflict");
        assert!(fixture.field(&id, "error_message").await.contains(&first));
        assert_eq!(fixture.field(&id, "invoice_id").await, "");
    }
    assert_eq!(fixture.state(&first).await, "waiting");
}

#[tokio::test]
async fn payers_agree_when_one_of_the_addresses_that_both_carry_is_equal() {
    let fixture = QueueFixture::start().await;
    fixture
        .accept("INV-1", |job| {
            job.payer_email = "aa".to_owned();
            job.payer_mobile = "11".to_owned();
        })
        .await;
    let same = fixture
        .accept("INV-1", |job| {
            job.payer_email = "bb".to_owned();
            job.payer_mobile = "11".to_owned();
        })
        .await;
    assert_eq!(fixture.state(&same).await, "waiting");
}

#[tokio::test]
async fn the_hundred_and_first_waiting_duplicate_is_dead() {
    let fixture = QueueFixture::start().await;
    for _ in 0..=100 {
        fixture.accept("INV-1", |_| {}).await;
    }
    let id = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.field(&id, "error_code").await, "too_many_duplicates");
}

#[tokio::test]
async fn what_is_no_job_is_dead_with_its_text_and_the_queue_goes_on() {
    let fixture = QueueFixture::start().await;
    let id = fixture
        .accept("", |job| {
            job.error_code = "invalid".to_owned();
            job.error_message = "invoice.amount is missing".to_owned();
            job.data = b"{\"invoice\":{}}".to_vec();
        })
        .await;
    let record = fixture.queue.job(&id).await.unwrap().unwrap();
    assert_eq!(record.state, Some(State::Dead));
    assert_eq!(record.data.as_deref(), Some(b"{\"invoice\":{}}".as_slice()));
    let results = fixture.queue.results(&[id]).await.unwrap();
    assert!(results[0].as_deref().unwrap().contains("invoice.amount is missing"));
    let recorded = fixture.queue.status().await.unwrap().recorded;
    assert_eq!(recorded.iter().map(|it| &*it.code).collect::<Vec<_>>(), ["invalid_jobs"]);
    fixture.accept("INV-2", |_| {}).await;
    assert_eq!(fixture.claim().await.external_id(), "INV-2");
}

#[tokio::test]
async fn jobs_for_a_later_time_wait_for_it() {
    let fixture = QueueFixture::start().await;
    let now_ms = fixture.queue.redis().time_us().await.unwrap() / 1000;
    let id = fixture.accept("INV-1", |job| job.run_at = (now_ms + 60_000).to_string()).await;
    assert_eq!(fixture.state(&id).await, "scheduled");
    assert!(fixture.try_claim().await.is_none());
}

#[tokio::test]
async fn a_dead_bill_is_replaced_and_keeps_its_origin() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let died = rejected("API_VALIDATION_ERROR");
    fixture.queue.finish(&grant, &died, Quota::default()).await.unwrap();
    assert_eq!(fixture.state(&first).await, "dead");
    let second = fixture.accept("INV-1", |job| job.amount = "9".to_owned()).await;
    assert_eq!(fixture.field(&second, "origin").await, first);
    assert_eq!(fixture.field(&second, "request").await, "lookup", "a refusal may be wrong");
}

#[tokio::test]
async fn an_expired_bill_is_replaced_beginning_with_a_look_up() {
    let fixture = QueueFixture::start().await;
    let first = fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    let invoice = delivered(Invoice { expires_at_ms: Some(1_000), ..invoice("i1") });
    fixture.queue.finish(&grant, &invoice, Quota::default()).await.unwrap();
    let second = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.field(&second, "origin").await, first);
    let grant = fixture.claim().await;
    assert_eq!((grant.id.as_str(), grant.request.as_str()), (second.as_str(), "lookup"));
    assert_eq!(grant.bill.closed_invoices, ["i1"]);
}

#[tokio::test]
async fn a_duplicate_of_a_bill_that_was_done_days_ago_says_when_and_which_invoice() {
    let fixture = QueueFixture::start().await;
    let warnings = async |id: &str| fixture.field(id, "warnings").await;
    fixture.accept("CUSTOMER-7", |_| {}).await;
    let grant = fixture.claim().await;
    let told = r#"[{"code":"email_left_out","field":null,"message":"m"}]"#;
    let delivered = Outcome::Job(JobOutcome::Created(Delivery {
        invoice: Invoice { expires_at_ms: Some(32_503_680_000_000), ..invoice("i1") },
        warnings: serde_json::from_str(told).unwrap(),
    }));
    fixture.queue.finish(&grant, &delivered, Quota::default()).await.unwrap();
    let soon = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert_eq!(warnings(&soon).await, told, "a repeat is no news");

    let first_done_us = fixture.field(&grant.id, "ended_at").await.parse::<u64>().unwrap() * 1000;
    let after = |time: Duration| first_done_us + u64::try_from(time.as_micros()).unwrap();
    fixture.queue.set_clock(Some(after(Duration::from_hours(24)) - 1000)).await.unwrap();
    let same_day = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert_eq!(warnings(&same_day).await, told, "nor is one of the same day");
    fixture.queue.set_clock(Some(after(Duration::from_hours(24)))).await.unwrap();
    let next_day = fixture.accept("CUSTOMER-7", |_| {}).await;
    assert!(warnings(&next_day).await.contains("done 1 day(s) ago"));

    fixture.queue.set_clock(Some(after(Duration::from_hours(24 * 30)))).await.unwrap();
    let late = fixture.accept("CUSTOMER-7", |_| {}).await;
    let remarks: Vec<antre_core::Warning> = serde_json::from_str(&warnings(&late).await).unwrap();
    let codes: Vec<&str> = remarks.iter().map(|one| &*one.code).collect();
    assert_eq!(codes, ["email_left_out", "billed_before"]);
    let recorded = fixture.queue.status().await.unwrap().recorded;
    assert!(recorded.iter().any(|it| it.code == "billed_before"), "{recorded:?}");
    assert!(remarks[1].message.contains("30 day(s) ago with invoice i1"), "{}", remarks[1].message);
}
