use std::{collections::BTreeMap, sync::Arc, time::Duration};

use antre_core::job_outcome::Adoption;
use antre_core::job_outcome::Cause;
use antre_core::job_outcome::DeadEnd;
use antre_core::job_outcome::Delivery;
use antre_core::job_outcome::Findings;
use antre_core::job_outcome::FollowUpOutcome;
use antre_core::job_outcome::Invoice;
use antre_core::job_outcome::JobOutcome;
use antre_core::job_outcome::Limited;
use antre_core::job_outcome::ProbeOutcome;
use antre_core::mode::Mode;
use antre_core::read::{ReadKind, ReadRequest};
use antre_core::state::NextRequest;
use antre_core::warning::Warning;
use antre_testkit::RedisServer;
use serde_json::{Value, json};

use super::*;
use crate::{
    Redis,
    claim::{Claim, ClaimedBill, ClaimedJob, WorkerIdentity},
    intake::Submission,
    script::FINISH,
    settings::{Configurator, Settings},
};

/// A grant as no Redis has given it.
fn grant(kind: GrantKind) -> Grant {
    Grant {
        kind,
        id: "1-0".to_owned(),
        claim_token: "claim_token".to_owned(),
        worker: Arc::new(WorkerIdentity::new("tester", "key", Mode::Live)),
        request_timeout: Duration::from_secs(15),
        send_within: Duration::from_millis(5),
        request: NextRequest::Create,
        invoice_id: None,
        data: Vec::new(),
        job: ClaimedJob { external_id: "INV-1".to_owned(), ..ClaimedJob::default() },
        bill: ClaimedBill::default(),
        read: None,
    }
}

fn answer(kind: GrantKind, outcome: &Outcome) -> Value {
    serde_json::from_str(&written::of(&grant(kind), outcome).unwrap().answer).unwrap()
}

fn of_job(outcome: JobOutcome) -> Value {
    answer(GrantKind::Job, &Outcome::Job(outcome))
}

fn invoice() -> Invoice {
    Invoice {
        id: "i1".to_owned(),
        url: Some("https://checkout.example/i1".to_owned()),
        expires_at_ms: Some(1_000),
        is_paid: true,
        response: "{}".to_owned(),
        ..Invoice::default()
    }
}

fn limited() -> Limited {
    Limited { code: "SLOW".to_owned(), wait: Duration::from_millis(1_250) }
}

#[test]
fn an_invoice_is_written_as_texts_with_its_bill() {
    let delivery = Delivery {
        invoice: invoice(),
        warnings: vec![Warning::about_field("left_out", "email", "m")],
    };
    let created = of_job(JobOutcome::Created(delivery.clone()));
    assert_eq!(
        created,
        json!({ "outcome": "created", "external_id": "INV-1", "invoice_id": "i1",
            "invoice_url": "https://checkout.example/i1", "expiry_date": "", "expires_at": "1000", "user_id": "",
            "warnings": r#"[{"code":"left_out","field":"email","message":"m"}]"#, "is_paid": "1" })
    );
    let apart = Outcome::Job(JobOutcome::Created(delivery.clone()));
    assert_eq!(written::of(&grant(GrantKind::Job), &apart).unwrap().response, "{}");
    let surplus = vec!["i2".to_owned(), "i3".to_owned()];
    let adoption = Adoption { delivery, is_already_paid: true, surplus };
    let adopted = of_job(JobOutcome::Adopted(Box::new(adoption)));
    assert_eq!(adopted["outcome"], "adopted");
    assert_eq!((&adopted["surplus"], &adopted["already_paid"]), (&json!("i2 i3"), &json!("1")));
}

#[test]
fn a_refusal_and_an_open_end_are_written_with_their_cause() {
    let cause =
        || Cause { status: Some(400), response: Some("{}".to_owned()), ..Cause::new("C", "m") };
    let rejected = of_job(JobOutcome::Rejected(cause()));
    assert_eq!((&rejected["error_code"], &rejected["error_status"]), (&json!("C"), &json!("400")));
    assert_eq!(rejected["warnings"], "");
    let found = DeadEnd {
        cause: Cause::new("conflict", "m"),
        invoice_id: Some("i1".to_owned()),
        closed_invoices: vec!["i0".to_owned()],
        ..DeadEnd::default()
    };
    let found = of_job(JobOutcome::FoundDead(Box::new(found)));
    assert_eq!((&found["outcome"], &found["error_status"]), (&json!("found"), &json!("")));
    assert_eq!((&found["invoice_id"], &found["closed_invoices"]), (&json!("i1"), &json!("i0")));
    for (is_answered, text) in [(true, "1"), (false, "")] {
        let unclear = of_job(JobOutcome::Ambiguous { is_answered, cause: cause() });
        assert_eq!((&unclear["is_answered"], &unclear["code"]), (&json!(text), &json!("C")));
    }
}

#[test]
fn only_a_look_up_that_found_nothing_to_adopt_changes_what_was_remarked() {
    let remarks = of_job(JobOutcome::Absent { remarks: Vec::new() });
    assert_eq!(remarks["warnings"], "[]", "it remarks that there is nothing");
    assert_eq!(of_job(JobOutcome::Expired)["warnings"], "", "it keeps what was remarked");
    let first = JobOutcome::ExpireFirst { invoice_id: "i1".to_owned(), remarks: Vec::new() };
    assert_eq!(of_job(first)["invoice_id"], "i1");
}

#[test]
fn a_wait_is_written_in_microseconds_for_jobs_follow_ups_and_probes() {
    let (job, follow_up) = (JobOutcome::Limited(limited()), FollowUpOutcome::Limited(limited()));
    let probe = ProbeOutcome::Limited(limited());
    for written in [
        of_job(job),
        answer(GrantKind::FollowUp, &Outcome::FollowUp(follow_up)),
        answer(GrantKind::Probe, &Outcome::Probe(probe)),
    ] {
        assert_eq!((&written["wait_us"], &written["code"]), (&json!("1250000"), &json!("SLOW")));
    }
}

#[test]
fn a_follow_up_is_written_with_what_it_leaves_behind_and_a_probe_with_its_workers_mode() {
    let found =
        |findings| answer(GrantKind::FollowUp, &Outcome::FollowUp(FollowUpOutcome::Done(findings)));
    let relinked = found(Findings { relinked: Some(Box::new(invoice())), ..Findings::default() });
    assert_eq!((&relinked["relink"], &relinked["invoice_id"]), (&json!("1"), &json!("i1")));
    let audit = found(Findings { is_to_be_audited: true, ..Findings::default() });
    assert_eq!((&audit["audit"], &audit["relink"]), (&json!("1"), &json!("")));
    let seen = ProbeOutcome::Seen { account_id: Some("u-1".to_owned()) };
    let seen = answer(GrantKind::Probe, &Outcome::Probe(seen));
    assert_eq!((&seen["user_id"], &seen["mode"]), (&json!("u-1"), &json!("live")));
}

/// A queue with one worker whose key is known.
async fn start() -> (RedisServer, Queue, Arc<WorkerIdentity>) {
    let server = RedisServer::start().await.unwrap();
    let queue = Redis::open(&server.url()).unwrap().queue("default".parse().unwrap());
    let worker = Arc::new(WorkerIdentity::new("tester", "key", Mode::Test));
    let ms = Duration::from_millis;
    let settings = Settings {
        limits: "10000/100ms".parse().unwrap(),
        mode: Mode::Test,
        jitter_allowance: ms(0),
        send_within: ms(5),
        lease: ms(9_000),
        request_timeout: ms(1_000),
        trust_absence_answered: ms(0),
        trust_absence_unanswered: ms(0),
        retry_delays: "1ms".parse().unwrap(),
        head_start_high: ms(0),
        head_start_normal: ms(0),
        breaker_probe: ms(20),
        retention_done: ms(1_000_000),
        retention_dead: ms(1_000_000),
        read_share: 4,
    };
    let by = Configurator { worker: &worker, has_lost_data: false };
    queue.configure(&settings, by).await.unwrap();
    (server, queue, worker)
}

async fn claim(queue: &Queue, worker: &Arc<WorkerIdentity>) -> Grant {
    let what = "a grant";
    antre_testkit::eventually(Duration::from_secs(30), what, async || {
        match queue.claim_next("claim_token", worker, 0).await {
            Ok(Claim::Granted(grant)) => Some(*grant),
            Ok(_) | Err(_) => None,
        }
    })
    .await
    .unwrap()
}

async fn submit(queue: &Queue) {
    let submission = Submission {
        id: queue.submit(&["{}"]).await.unwrap().remove(0).unwrap(),
        external_id: "INV-1".to_owned(),
        amount: "350000".to_owned(),
        priority: "normal".to_owned(),
        max_attempts: "4".to_owned(),
        data: b"{}".to_vec(),
        ..Submission::default()
    };
    queue.accept(&[submission]).await.unwrap();
}

/// Returns every key with its whole content.
async fn keyspace(server: &RedisServer) -> BTreeMap<String, Vec<u8>> {
    let mut connection = server.connect().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    let mut all = BTreeMap::new();
    for key in keys {
        let dump = redis::cmd("DUMP").arg(&key).query_async(&mut connection).await.unwrap();
        all.insert(key, dump);
    }
    all
}

/// Calls a finish with an outcome that none knows, and finds the keyspace as it was.
async fn is_refused_unwritten(server: &RedisServer, queue: &Queue, finish: &str, grant: &Grant) {
    let subject = match grant.kind {
        GrantKind::Job | GrantKind::FollowUp | GrantKind::Read => &grant.id,
        GrantKind::Probe => &grant.worker.fingerprint,
    };
    let unknown = json!({ "outcome": "mistaken", "code": "C", "external_id": "INV-1", "invoice_id": "i1",
        "wait_us": "1000000", "mode": "test" });
    let (token, unknown) = (&*grant.claim_token, unknown.to_string());
    let arguments = [finish, "tester", subject, token, "1", "2", "1000000", &unknown, ""];
    let before = keyspace(server).await;
    let mut replies: Vec<Vec<redis::Value>> = queue.run(&FINISH, &arguments).await.unwrap();
    let reply = decode_finished(replies.remove(0));
    assert!(matches!(reply, Err(StoreError::Command(_))), "{reply:?}");
    assert_eq!(keyspace(server).await, before);
}

#[tokio::test]
async fn an_outcome_that_a_script_does_not_know_is_refused_before_anything_is_written() {
    let (server, queue, worker) = start().await;
    submit(&queue).await;
    let probe = claim(&queue, &worker).await;
    assert_eq!(probe.kind, GrantKind::Probe);
    // As a stranger's, and then as one of the account's own.
    is_refused_unwritten(&server, &queue, "probe", &probe).await;
    let seen = Outcome::Probe(ProbeOutcome::Empty);
    assert_eq!(queue.finish(&probe, &seen, Quota::default()).await.unwrap(), Finished::Ours);
    is_refused_unwritten(&server, &queue, "probe", &probe).await;
    let job = claim(&queue, &worker).await;
    assert_eq!(job.kind, GrantKind::Job);
    for finish in ["done", "dead", "retry"] {
        is_refused_unwritten(&server, &queue, finish, &job).await;
    }
    let adoption = Adoption {
        delivery: Delivery { invoice: invoice(), ..Delivery::default() },
        surplus: vec!["i2".to_owned()],
        ..Adoption::default()
    };
    let adopted = Outcome::Job(JobOutcome::Adopted(Box::new(adoption)));
    assert_eq!(queue.finish(&job, &adopted, Quota::default()).await.unwrap(), Finished::Done);
    let follow_up = claim(&queue, &worker).await;
    assert_eq!(
        (follow_up.kind, follow_up.invoice_id.as_deref()),
        (GrantKind::FollowUp, Some("i2"))
    );
    is_refused_unwritten(&server, &queue, "follow_up", &follow_up).await;
    let asked = ReadRequest { kind: ReadKind::Get, target: "i1".to_owned() };
    queue.submit_read("r1", &asked, Duration::from_secs(20)).await.unwrap();
    let read = claim(&queue, &worker).await;
    assert_eq!(read.kind, GrantKind::Read);
    is_refused_unwritten(&server, &queue, "read", &read).await;
}

#[tokio::test]
async fn an_outcome_of_another_kind_than_its_grant_is_refused() {
    let redis = Redis::open("redis://127.0.0.1:1").unwrap();
    let queue = redis.queue("default".parse().unwrap());
    let outcome = Outcome::FollowUp(FollowUpOutcome::Done(Findings::default()));
    let refused = queue.finish(&grant(GrantKind::Job), &outcome, Quota::default()).await;
    assert!(matches!(refused, Err(StoreError::Misplaced { granted: "job", word: "done" })));
}
