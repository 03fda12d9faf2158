use std::net::Ipv4Addr;

use antre_testkit::{ChildProcess, eventually};

use crate::exposition::{Samples, faults, samples};
use crate::fixture::{Fixture, PATIENCE};
use crate::http::{client, free_port};

/// A worker that a scraper can ask.
struct Scraped {
    worker: ChildProcess,
    address: String,
}

impl Scraped {
    async fn start(fixture: &Fixture) -> Self {
        let address = format!("{}:{}", Ipv4Addr::LOCALHOST, free_port());
        let mut command = fixture.command(&["worker"]);
        command.env("ANTRE_HTTP_LISTEN", &address);
        let scraped = Self { worker: ChildProcess::start(command).unwrap(), address };
        let url = format!("http://{}/readyz", scraped.address);
        let is_ready = async || {
            let answer = client().get(&url).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        };
        eventually(PATIENCE, "it is ready", is_ready).await.unwrap();
        scraped
    }

    async fn text(&self, route: &str) -> String {
        let url = format!("http://{}{route}", self.address);
        client().get(url).send().await.unwrap().text().await.unwrap()
    }
}

/// Starts two workers that know of each other, and returns them with their fixture.
async fn two() -> (Fixture, Scraped, Scraped) {
    let fixture = Fixture::start().await;
    let (first, second) = (Scraped::start(&fixture).await, Scraped::start(&fixture).await);
    fixture.until("both are there", |status| status.live_workers().count() == 2).await;
    (fixture, first, second)
}

#[tokio::test]
async fn a_fresh_worker_s_metrics_are_in_order_and_every_counter_is_there_at_0() {
    let fixture = Fixture::start().await;
    let served = Scraped::start(&fixture).await;
    let text = served.text("/metrics").await;
    assert_eq!(faults(&text), [""; 0], "{text}");
    let samples = samples(&text);
    for name in [
        r#"antre_requests_total{account="default",request="create",outcome="created"}"#,
        r#"antre_requests_total{account="default",request="lookup",outcome="adopted"}"#,
        r#"antre_requests_total{account="default",request="expire",outcome="refused"}"#,
        r#"antre_unused_grants_total{account="default"}"#,
        r#"antre_watchdog_total{account="default"}"#,
        r#"antre_events_total{account="default",event="done"}"#,
        r#"antre_events_total{account="default",event="surplus"}"#,
    ] {
        assert_eq!(samples.get(name), Some(&0.0), "{name} in\n{text}");
    }
}

#[tokio::test]
async fn sums_over_two_workers_are_right_and_counters_grow_from_0() {
    let (fixture, first, second) = two().await;
    for external_id in ["INV-1", "INV-2", "INV-3"] {
        fixture.bill(external_id).await.expect(0);
    }
    let texts = [first.text("/metrics").await, second.text("/metrics").await];
    for text in &texts {
        assert_eq!(faults(text), [""; 0], "{text}");
    }
    let sum = |start: &str| -> f64 {
        let found = texts.iter().flat_map(|text| samples(text));
        found.filter(|(series, _)| series.starts_with(start)).map(|(_, value)| value).sum()
    };
    for (start, expected) in [
        (r#"antre_jobs{account="default",state="done"}"#, 3.0),
        (r#"antre_events_total{account="default",event="accepted"}"#, 3.0),
        (r#"antre_served{account="default"}"#, 1.0),
        (r#"antre_fleet_reporter{account="default"}"#, 1.0),
        (r#"antre_requests_total{account="default",request="create",outcome="created"}"#, 3.0),
        (r#"antre_request_duration_seconds_count{account="default",request="create"}"#, 3.0),
        ("antre_redis_up", 2.0),
    ] {
        assert!(
            (sum(start) - expected).abs() < 0.1,
            "{start}: {} in\n{}",
            sum(start),
            texts.join("\n")
        );
    }
}

#[tokio::test]
async fn the_fleet_s_figures_can_be_asked_of_any_worker() {
    let (_stage, first, second) = two().await;
    let done = |text: &str| -> Samples {
        assert_eq!(faults(text), [""; 0], "{text}");
        samples(text).into_iter().filter(|(series, _)| series.starts_with("antre_jobs")).collect()
    };
    let (one, other) = (first.text("/metrics/fleet").await, second.text("/metrics/fleet").await);
    assert_eq!(done(&one).len(), 5, "{one}");
    assert_eq!(done(&one), done(&other));
}

#[tokio::test]
async fn a_worker_without_http_never_reports_and_a_reporter_that_leaves_is_followed() {
    let fixture = Fixture::start().await;
    // By its name it may be the first.
    let _silent = fixture.worker().await;
    let (first, second) = (Scraped::start(&fixture).await, Scraped::start(&fixture).await);
    fixture.until("all are there", |status| status.live_workers().count() == 3).await;
    let reports = async |served: &Scraped| served.text("/metrics").await.contains("antre_jobs{");
    let (one, other) = (reports(&first).await, reports(&second).await);
    assert!(one ^ other, "exactly one reports: {one}, {other}");
    let (mut leaver, stays) = if one { (first, second) } else { (second, first) };
    leaver.worker.terminate().unwrap();
    let reporter = async || reports(&stays).await;
    eventually(PATIENCE, "the other one reports", reporter).await.unwrap();
}

#[tokio::test]
async fn a_worker_starts_without_a_warning_of_a_library() {
    let fixture = Fixture::start().await;
    let mut served = Scraped::start(&fixture).await;
    fixture.bill("INV-1").await.expect(0);
    served.worker.terminate().unwrap();
    served.worker.wait(PATIENCE).await.unwrap();
    let log = served.worker.stderr();
    // What Antre itself warns of concerns this machine: a Redis that keeps nothing, or too much load.
    let is_library = |line: &&str| !line.contains("WARN antre") && !line.contains("ERROR antre");
    let warned = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR"));
    let warned: Vec<_> = warned.filter(is_library).collect();
    assert_eq!(warned, [""; 0], "{log}");
}
