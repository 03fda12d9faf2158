use antre_testkit::queue::{QueueFixture, introduce};

use super::*;
use crate::tests::{NOWHERE, TEST_KEY, account};

const LEASE: Duration = Duration::from_secs(3);
const PERIOD: Duration = Duration::from_secs(1);

/// Returns when a heartbeat beats after its first one, if that draws `part`.
fn beats(part: f64, is_idle: bool) -> [Duration; 3] {
    let mut rhythm = Rhythm::default();
    let mut at = Duration::ZERO;
    [(); 3].map(|()| {
        at += rhythm.pause(LEASE, is_idle, || part);
        at
    })
}

#[test]
fn heartbeats_that_begin_together_are_spread_over_a_period_and_stay_so() {
    for number in 0..10_u32 {
        let first = PERIOD * number / 10;
        let found = beats(f64::from(number) / 10.0, false);
        assert_eq!(found, [first, first + PERIOD, first + PERIOD * 2], "{number}");
    }
}

#[test]
fn an_idle_worker_beats_two_thirds_as_often_and_is_spread_as_well() {
    assert_eq!(beats(0.5, true), [PERIOD * 3 / 4, PERIOD * 9 / 4, PERIOD * 15 / 4]);
}

#[test]
fn long_leases_are_renewed_every_two_seconds() {
    let mut rhythm = Rhythm { has_begun: true };
    let drawn = || unreachable!("only the first pause is drawn");
    assert_eq!(rhythm.pause(Duration::from_hours(1), false, drawn), PERIOD_MAX);
}

/// Returns what the fleet hears of the only worker.
async fn heard(fixture: &QueueFixture) -> Option<String> {
    let workers = fixture.queue.status().await.unwrap().workers;
    assert_eq!(workers.len(), 1, "{workers:?}");
    workers.into_values().next().unwrap().said.trouble
}

#[tokio::test]
async fn the_fleet_hears_what_keeps_a_worker_from_serving_and_that_it_is_over() {
    let fixture = QueueFixture::start().await;
    let account = account(&fixture.server.url(), NOWHERE, TEST_KEY);
    introduce(&fixture.server, &fixture.queue, &account.worker).await;
    account.redis_outage.failed("default", &"no answer");
    run_once(&account).await.unwrap();
    assert_eq!(heard(&fixture).await.as_deref(), Some("no answer"));
    account.redis_outage.works("default");
    run_once(&account).await.unwrap();
    assert_eq!(heard(&fixture).await, None);
    // Before its settings are in force, too.
    account.set_volatility(Some("it may forget".to_owned()));
    tell_trouble(&account).await;
    assert_eq!(heard(&fixture).await.as_deref(), Some("it may forget"));
}
