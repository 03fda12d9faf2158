//! Which job is granted, and when.

use std::time::Duration;

use antre_core::Quota;
use antre_store::claim::{Claim, GivenBack, Unused, WaitReason, Wish};
use antre_testkit::queue::{QueueFixture, ambiguous, configure, quick_settings};

#[tokio::test]
async fn high_goes_before_normal_before_low_in_order_of_acceptance() {
    let fixture = QueueFixture::start().await;
    for (number, priority) in ["low", "normal", "high", "low", "normal", "high"].iter().enumerate()
    {
        fixture.accept(&format!("INV-{number}"), |job| job.priority = (*priority).to_owned()).await;
    }
    let mut order = Vec::new();
    while let Some(grant) = fixture.try_claim().await {
        order.push(grant.external_id().to_owned());
    }
    assert_eq!(order, ["INV-2", "INV-5", "INV-1", "INV-4", "INV-0", "INV-3"]);
}

#[tokio::test]
async fn a_claim_says_what_to_wait_for() {
    let mut settings = quick_settings();
    settings.limits = "2/1s".parse().unwrap();
    let fixture = QueueFixture::start_with(&settings).await;
    assert!(matches!(
        fixture.queue.claim_next("f0", &fixture.worker, 0).await.unwrap(),
        Claim::Idle { due: None }
    ));
    fixture.accept("INV-1", |_| {}).await;
    fixture.accept("INV-2", |_| {}).await;
    // A server not seen before may have forgotten grants: the short windows count as full.
    let Claim::Wait { wait, reason } =
        fixture.queue.claim_next("f1", &fixture.worker, 0).await.unwrap()
    else {
        panic!("granted on an unknown server")
    };
    assert!(wait <= Duration::from_millis(1010) && reason == WaitReason::Pace, "{wait:?} {reason}");
    tokio::time::sleep(wait).await;
    assert!(matches!(
        fixture.queue.claim_next("f2", &fixture.worker, 0).await.unwrap(),
        Claim::Granted(_)
    ));
    let Claim::Wait { wait, .. } =
        fixture.queue.claim_next("f3", &fixture.worker, 0).await.unwrap()
    else {
        panic!("granted twice at once")
    };
    assert!(wait <= Duration::from_micros(502_500), "{wait:?}");
}

#[tokio::test]
async fn a_grant_given_back_frees_its_token_and_its_job() {
    let mut settings = quick_settings();
    settings.limits = "1/1h".parse().unwrap();
    let fixture = QueueFixture::start_with(&settings).await;
    fixture.accept("INV-1", |_| {}).await;
    let grant = fixture.claim().await;
    assert!(fixture.try_claim().await.is_none());
    assert_eq!(
        fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap(),
        GivenBack::Returned
    );
    assert_eq!(
        fixture.queue.give_back(&grant, Unused::TooLate).await.unwrap(),
        GivenBack::LeaseLost
    );
    let again = fixture.claim().await;
    assert_eq!(again.id, grant.id);
    assert_eq!(again.request.as_str(), "create", "nothing was sent");
}

#[tokio::test]
async fn a_lapsed_lease_returns_the_job_as_ambiguous() {
    let mut settings = quick_settings();
    settings.lease = Duration::from_millis(20);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    assert_eq!(fixture.claim().await.request.as_str(), "create");
    let again = fixture.claim().await;
    assert_eq!((again.id.as_str(), again.request.as_str()), (id.as_str(), "lookup"));
    assert_eq!(fixture.field(&id, "crashes").await, "1");
}

#[tokio::test]
async fn a_job_whose_worker_dies_three_times_after_the_first_is_dead() {
    let mut settings = quick_settings();
    settings.lease = Duration::from_millis(5);
    let fixture = QueueFixture::start_with(&settings).await;
    let id = fixture.accept("INV-1", |_| {}).await;
    // The first loss may be a neighbour's doing; from then on it runs alone.
    assert!(!fixture.claim().await.runs_alone());
    for _ in 0..3 {
        assert!(fixture.claim().await.runs_alone());
    }
    assert!(fixture.try_claim().await.is_none());
    assert_eq!(fixture.field(&id, "error_code").await, "crash_loop");
    assert_ne!(fixture.field(&id, "effective_until").await, "", "it stays ambiguous");
}

#[tokio::test]
async fn a_pause_holds_until_it_is_lifted() {
    let fixture = QueueFixture::start().await;
    fixture.accept("INV-1", |_| {}).await;
    fixture.queue.pause("budi", "xendit maintenance", None).await.unwrap();
    let claim = fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap();
    assert!(matches!(claim, Claim::Wait { reason, .. } if reason == WaitReason::Paused));
    let pause = fixture.queue.status().await.unwrap().pause.unwrap();
    assert_eq!((pause.by.as_str(), pause.reason.as_str()), ("budi", "xendit maintenance"));
    assert!(fixture.queue.resume("budi").await.unwrap());
    assert!(!fixture.queue.resume("budi").await.unwrap());
    fixture.claim().await;
}

#[tokio::test]
async fn a_backlog_due_at_one_instant_is_promoted_in_portions_and_in_order() {
    let fixture = QueueFixture::start().await;
    let now_ms = fixture.queue.redis().time_us().await.unwrap() / 1000;
    let due = (now_ms + 1500).to_string();
    for number in 0..250 {
        fixture.accept(&format!("INV-{number}"), |job| job.run_at.clone_from(&due)).await;
    }
    let mut again = 0;
    let first = loop {
        match fixture.queue.claim_next("f", &fixture.worker, 0).await.unwrap() {
            Claim::Granted(grant) => break grant,
            Claim::Again => again += 1,
            Claim::Idle { due } => tokio::time::sleep(due.unwrap()).await,
            Claim::Wait { wait, .. } => tokio::time::sleep(wait).await,
            Claim::Stranger { .. } | Claim::Unconfigured => panic!("the fixture configures"),
        }
    };
    assert!(again >= 2, "{again}");
    assert_eq!(first.external_id(), "INV-0");
    for number in 1..250 {
        assert_eq!(fixture.claim().await.external_id(), format!("INV-{number}"));
    }
}

#[tokio::test]
async fn a_claim_of_several_takes_the_best_in_their_order_and_no_more_than_the_limits_allow() {
    let fixture = QueueFixture::start().await;
    for (external_id, priority) in
        [("LOW", "low"), ("FIRST", "high"), ("SECOND", "high"), ("NORMAL", "normal")]
    {
        fixture.accept(external_id, |job| job.priority = priority.to_owned()).await;
    }
    // The first claim meets a server that it does not know.
    assert_eq!(fixture.claim().await.external_id(), "FIRST");
    let claimed = async |fixture: &QueueFixture, tokens: [&str; 4]| {
        let tokens = tokens.map(str::to_owned);
        let wish = Wish { claim_tokens: &tokens, held: 1, has_room: false };
        let claim = fixture.queue.claim(&wish, &fixture.worker).await.unwrap();
        let Claim::Granted(granted) = claim else { unreachable!("{claim:?}") };
        granted.grants
    };
    let grants = claimed(&fixture, ["one", "two", "three", "four"]).await;
    let told: Vec<(&str, &str)> =
        grants.iter().map(|it| (it.external_id(), it.claim_token.as_str())).collect();
    assert_eq!(told, [("SECOND", "one"), ("NORMAL", "two"), ("LOW", "three")]);

    let mut settings = quick_settings();
    settings.limits = "10000/100ms,6/1h".parse().unwrap();
    configure(&fixture.queue, &settings).await;
    for number in 0..4 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let grants = claimed(&fixture, ["five", "six", "seven", "eight"]).await;
    assert_eq!(grants.len(), 2, "four of six were granted in this hour");
}

/// Claims once with 30 tokens, so much later that lateness can be caught up, and returns how many requests were granted.
async fn taken_at_once(fixture: &QueueFixture, now_us: &mut u64, later_us: u64) -> usize {
    *now_us += later_us;
    fixture.queue.set_clock(Some(*now_us)).await.unwrap();
    let tokens: Vec<String> = (0..30).map(|number| format!("{now_us}-{number}")).collect();
    let wish = Wish { claim_tokens: &tokens, held: 0, has_room: false };
    let claim = fixture.queue.claim(&wish, &fixture.worker).await.unwrap();
    let Claim::Granted(granted) = claim else { unreachable!("{claim:?}") };
    granted.grants.len()
}

#[tokio::test]
async fn a_worker_takes_the_pace_of_50_ms_at_once_and_one_request_while_it_is_in_doubt() {
    let mut settings = quick_settings();
    settings.limits = "100/1s".parse().unwrap();
    settings.lease = Duration::from_mins(1);
    let fixture = QueueFixture::start_with(&settings).await;
    for number in 0..40 {
        fixture.accept(&format!("INV-{number}"), |_| {}).await;
    }
    let mut now_us = 1_800_000_000_000_000;
    let first = fixture.claim_at(&mut now_us, Duration::from_secs(3)).await.unwrap();
    assert_eq!(taken_at_once(&fixture, &mut now_us, 200_000).await, 4, "of 20 due");
    assert_eq!(taken_at_once(&fixture, &mut now_us, 10_000).await, 4);
    fixture.queue.finish(&first, &ambiguous(false), Quota::default()).await.unwrap();
    assert_eq!(taken_at_once(&fixture, &mut now_us, 10_000).await, 1);
}
