//! What a caller gets: Xendit's own words, or the right one of ours.

use std::time::Duration;

use serde_json::json;
use xendit_sim::{Act, Fault, RequestKind};

use crate::lab::{KEY, Lab, bill, got};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_gets_xendits_own_text_on_each_path_of_the_sdks() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    for (number, path) in ["/v2/invoices", "/v2/invoices/", "//v2/invoices"].iter().enumerate() {
        let name = format!("INV-{number}");
        let request = lab.client.post(gateway.url(path)).basic_auth(KEY, Some(""));
        let answer = got(request.body(bill(&name).to_string()).send().await.unwrap()).await;
        let invoice = answer.invoice();
        let job = answer.job.clone().unwrap();
        let result =
            lab.harness.queue.results(std::slice::from_ref(&job)).await.unwrap().remove(0).unwrap();
        assert!(result.contains(&answer.text), "{result}\n{}", answer.text);
        assert_eq!(lab.harness.payable(&name)[0].id.to_string(), invoice);
        assert!(!answer.replayed);
        assert_eq!(lab.harness.field(&job, "priority").await, "high");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_xendits_and_six_tries_are_one_request() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let bill = json!({ "external_id": "INV-1", "amount": 350_000, "currency": "XXX" });
    let creates = |lab: &Lab| {
        let arrivals = lab.harness.xendit.ledger().arrivals().into_iter();
        arrivals.filter(|arrival| arrival.kind == RequestKind::Create).count()
    };
    let first = lab.post(&gateway, &bill).await;
    assert_eq!(creates(&lab), 1);
    let direct = lab
        .client
        .post(format!("{}/v2/invoices", lab.harness.xendit.base_url()))
        .basic_auth("xnd_development_bystander", Some(""))
        .header("content-type", "application/json")
        .body(json!({ "external_id": "INV-2", "amount": 350_000, "currency": "XXX" }).to_string());
    let direct = got(direct.send().await.unwrap()).await;
    assert_eq!((first.status, &first.text), (direct.status, &direct.text));
    for _ in 1..6 {
        let again = lab.post(&gateway, &bill).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert!(again.replayed);
    }
    assert_eq!(
        (creates(&lab), lab.accepted().await),
        (2, (1, 0)),
        "one of them was the direct one"
    );
    // Corrected, it is another try of the same bill.
    let mended = lab.post(&gateway, &crate::lab::bill("INV-1")).await;
    mended.invoice();
    assert_eq!(lab.harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_is_a_conflict_at_once_and_becomes_no_job() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    lab.post(&gateway, &bill("INV-1")).await.invoice();
    let other = lab.post(&gateway, &json!({ "external_id": "INV-1", "amount": 1 })).await;
    assert_eq!((other.status, other.code().as_str()), (409, "ANTRE_CONFLICT"), "{other:?}");
    assert_eq!(lab.accepted().await, (1, 0));
    // The people who run it hear of it, too.
    lab.harness
        .until("it is counted", async |lab| {
            let counts = lab.queue.status().await.unwrap().callers;
            counts.get("shop").is_some_and(|shop| (shop.creates, shop.misnamed) == (2, 1))
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_was_expired_in_the_dashboard_is_replaced() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let first = lab.post(&gateway, &bill("INV-1")).await;
    lab.harness.xendit.expire_by_hand(&first.invoice()).unwrap();
    // A repeat of the same second is the answer that was lost.
    assert_eq!(lab.post(&gateway, &bill("INV-1")).await.text, first.text);
    lab.age(&first.job.clone().unwrap(), Duration::from_secs(61)).await;
    let second = lab.post(&gateway, &bill("INV-1")).await;
    assert_ne!(second.invoice(), first.invoice());
    assert_eq!(second.json()["status"], "PENDING");
    assert_eq!(lab.harness.payable("INV-1").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payable_invoice_of_an_hour_ago_is_looked_at_and_told_again() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let first = lab.post(&gateway, &bill("INV-1")).await;
    lab.age(&first.job.clone().unwrap(), Duration::from_hours(1)).await;
    let again = lab.post(&gateway, &bill("INV-1")).await;
    assert_eq!(again.invoice(), first.invoice());
    assert_eq!(lab.harness.steps("INV-1"), "CL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_was_paid_last_month_is_refused_loudly_and_one_that_was_paid_just_now_is_told()
{
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let first = lab.post(&gateway, &bill("CUSTOMER-7")).await;
    lab.harness.xendit.pay(&first.invoice()).unwrap();
    let old = Duration::from_hours(30 * 24);
    lab.age(&first.job.clone().unwrap(), old).await;
    let lately = lab.post(&gateway, &bill("CUSTOMER-7")).await;
    assert_eq!(lately.json()["status"], "PAID", "{lately:?}");

    let fields = [("paid_at".to_owned(), Some(json!("2026-01-01T00:00:00.000Z")))];
    lab.harness.fault(Fault::on(RequestKind::List, Act::Alter { fields: fields.into() }).times(9));
    lab.age(&lab.job_of("CUSTOMER-7").await, old).await;
    let next_month = lab.post(&gateway, &bill("CUSTOMER-7")).await;
    let found = (next_month.status, next_month.code());
    assert_eq!(found, (409, "ANTRE_ALREADY_PAID".to_owned()), "{next_month:?}");
    assert_eq!(lab.harness.xendit.invoices("CUSTOMER-7").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_decides_who_gets_the_money_is_dropped_and_strangers_get_nothing() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let body = bill("INV-1").to_string();
    for name in ["for-user-id", "with-fee-rule", "with-split-rule", "api-version", "x-api-version"]
    {
        let refused =
            got(lab.create(&gateway, &body).header(name, "x").send().await.unwrap()).await;
        let found = (refused.status, refused.code());
        assert_eq!(found, (400, "ANTRE_UNSUPPORTED_HEADER".to_owned()), "{name}");
    }
    for key in ["", "xnd_development_other", KEY.trim_start_matches('a')] {
        let request = lab.client.post(gateway.url("/v2/invoices")).basic_auth(key, Some(""));
        let refused = got(request.body(body.clone()).send().await.unwrap()).await;
        assert_eq!((refused.status, refused.code()), (401, "INVALID_API_KEY".to_owned()), "{key}");
    }
    assert_eq!(lab.accepted().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_idempotency_key_is_for_one_body() {
    let lab = Lab::start().await;
    let _worker = lab.harness.worker("worker");
    let gateway = lab.gateway().await;
    let post = async |key, name| {
        let request = lab.create(&gateway, &bill(name).to_string()).header("idempotency-key", key);
        got(request.send().await.unwrap()).await
    };
    let first = post("one", "INV-1").await;
    assert_eq!(post("one", "INV-1").await.text, first.text);
    let reused = post("one", "INV-2").await;
    assert_eq!((reused.status, reused.code()), (422, "ANTRE_KEY_REUSED".to_owned()));
    post("two", "INV-2").await.invoice();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_in_time_says_so_with_the_reason() {
    let lab = Lab::start().await;
    let gateway = lab.gateway().await;
    lab.harness.queue.pause("tester", "the month is closed", None).await.unwrap();
    let waited = lab.post(&gateway, &bill("INV-1")).await;
    assert_eq!((waited.status, waited.code()), (503, "ANTRE_STILL_QUEUED".to_owned()));
    let reason = waited.json()["antre"]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("the month is closed"), "{reason}");
    assert_eq!(waited.retry_after.as_deref(), Some("2"));

    let request = lab.create(&gateway, &bill("INV-2").to_string());
    let accepted = got(request.header("prefer", "respond-async").send().await.unwrap()).await;
    assert_eq!(accepted.status, 202);
    assert_eq!(accepted.json()["antre"]["job"], format!("default/{}", accepted.job.unwrap()));
}
