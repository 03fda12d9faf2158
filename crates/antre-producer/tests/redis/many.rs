//! Many jobs.

use std::time::Duration;

use antre_producer::{CheckedJob, Error, JobId, Options, Producer, Progress, files};
use antre_testkit::{Direction, FaultProxy, Flow};

use crate::support::{Fixture, job};

fn jobs(count: usize) -> Vec<String> {
    (0..count).map(|number| job(&format!("INV-{number}"))).collect()
}

fn options(inbox_max: u64, patience: Duration) -> Options {
    let mut options = Options::default();
    options.inbox_max = inbox_max;
    options.patience = patience;
    options
}

#[tokio::test]
async fn many_jobs_go_in_portions_and_in_order() {
    let fixture = Fixture::start().await;
    let mut portions = Vec::new();
    let ids = fixture
        .producer
        .enqueue_many(&jobs(1201), |progress| {
            if let Progress::Sent { ids, total } = progress {
                portions.push((ids.len(), total));
            }
        })
        .await
        .unwrap();
    assert_eq!(portions, [(500, 500), (500, 1000), (201, 1201)]);
    assert!(ids.is_sorted());
    let entries = fixture.queue.read_inbox(2000, 1000, "tester").await.unwrap();
    let found: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(found, ids.iter().map(JobId::as_str).collect::<Vec<_>>());
    assert_eq!(entries[1200].fields[0].1, job("INV-1200").into_bytes());
}

#[tokio::test]
async fn portions_are_bounded_in_bytes_too() {
    let fixture = Fixture::start().await;
    let text = "x".repeat(200 * 1024);
    let large: Vec<String> = (0..12)
        .map(|number| {
            format!(
                r#"{{"invoice":{{"external_id":"{number}","amount":1,"description":"{text}"}}}}"#
            )
        })
        .collect();
    let mut portions = Vec::new();
    let count = |progress: Progress<'_>| {
        if let Progress::Sent { ids, .. } = progress {
            portions.push(ids.len());
        }
    };
    fixture.producer.enqueue_many(&large, count).await.unwrap();
    assert_eq!(portions, [5, 5, 2]);
}

#[tokio::test]
async fn nothing_is_sent_when_one_of_many_would_be_refused() {
    let fixture = Fixture::start().await;
    let mut all = jobs(700);
    all[650] = r#"{"invoice":{"external_id":"INV-650","amount":"5.000"}}"#.to_owned();
    let error = fixture.producer.enqueue_many(&all, |_| {}).await.unwrap_err();
    let Error::InvalidJobs(invalid) = &error else { panic!("{error}") };
    assert_eq!((invalid.count, invalid.first[0].0), (1, 650));
    assert!(error.to_string().contains("job 651: invoice.amount has three digits"), "{error}");
    assert_eq!(fixture.queue.inbox_length().await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_inbox_makes_it_wait_until_workers_accept() {
    let fixture = Fixture::start().await;
    let producer = fixture.producer.clone().with_options(options(100, Duration::from_mins(1)));
    let (is_full, mut full) = tokio::sync::watch::channel(0);
    let all = jobs(700);
    let sending = producer.enqueue_many(&all, |progress| {
        if let Progress::Full { inbox } = progress {
            is_full.send_replace(inbox);
        }
    });
    let accepting = async {
        full.changed().await.unwrap();
        assert_eq!(*full.borrow(), 500);
        fixture.accept_all().await;
    };
    let (ids, ()) = tokio::join!(sending, accepting);
    assert_eq!(ids.unwrap().len(), 700);
    assert!(fixture.queue.inbox_length().await.unwrap() <= 200);
}

#[tokio::test]
async fn a_portion_whose_answer_was_lost_is_sent_again_and_bills_once() {
    let fixture = Fixture::start().await;
    let proxy = FaultProxy::start(fixture.server.socket_path()).await.unwrap();
    let producer = Producer::connect(&proxy.redis_url(), "default".parse().unwrap()).await.unwrap();
    proxy.set_flow(Direction::ToClient, Flow::Stalled);
    let jobs = [job("INV-1")];
    let sending = producer.enqueue_many(&jobs, |progress| {
        if matches!(progress, Progress::Retrying { .. }) {
            proxy.set_flow(Direction::ToClient, Flow::Open);
        }
    });
    let ids = sending.await.unwrap();
    assert_eq!(ids.len(), 1);
    fixture.deliver().await;
    fixture.accept_all().await;
    let result = producer.wait(&ids[0], crate::support::LIMIT).await.unwrap();
    assert_eq!(result.invoice_id.as_deref(), Some("invoice-of-INV-1"));
    assert_eq!(fixture.queue.status().await.unwrap().totals.done, 1);
}

#[tokio::test]
async fn an_interruption_says_which_jobs_were_sent() {
    let mut fixture = Fixture::start().await;
    let producer = fixture.producer.clone().with_options(options(50_000, Duration::from_millis(1)));
    let all = jobs(1201);
    let mut told = Vec::new();
    let server = &mut fixture.server;
    let error = producer
        .enqueue_many(&all, |progress| {
            if let Progress::Sent { ids, total } = progress {
                told.extend_from_slice(ids);
                if total == 1000 {
                    server.kill().unwrap();
                }
            }
        })
        .await
        .unwrap_err();
    let Error::Interrupted(interrupted) = &error else { panic!("{error}") };
    assert_eq!(interrupted.sent.len(), 1000);
    assert_eq!(interrupted.sent, told);
    assert_eq!(interrupted.uncertain, 0, "the look at the inbox failed before anything left");
    assert!(
        error.to_string().starts_with("stopped after 1000 jobs: redis is unavailable"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redis_without_memory_is_said_to_be_full() {
    let fixture = Fixture::start().await;
    let _: () = fixture.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let producer = fixture.producer.clone().with_options(options(50_000, Duration::from_millis(1)));
    let error = producer.enqueue_many(&jobs(2), |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("memory"), "{error}");
}

#[tokio::test]
async fn an_account_that_nobody_serves_takes_nothing() {
    let fixture = Fixture::start().await;
    let url = fixture.server.url();
    let other = Producer::connect(&url, "other".parse().unwrap()).await.unwrap();
    let error = other.enqueue_many(&jobs(600), |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::NotServed { .. }), "{error}");
}

#[tokio::test]
async fn a_file_is_sent_as_it_is_read_and_stops_at_its_first_fault() {
    let fixture = Fixture::start().await;
    let good = "external_id,amount\nINV-1,1\nINV-2,2\n";
    let ids =
        fixture.producer.enqueue_each(files::jobs(good.as_bytes(), None), |_| {}).await.unwrap();
    assert_eq!(ids.len(), 2);

    let rows: Vec<String> = (0..600).map(|number| format!("INV-{number},1")).collect();
    let bad = format!("external_id,amount\n{}\nINV-600,0\n", rows.join("\n"));
    let error = fixture.producer.enqueue_each(files::jobs(bad.as_bytes(), None), |_| {}).await;
    let Err(Error::Interrupted(interrupted)) = error else { panic!("{error:?}") };
    assert_eq!((interrupted.sent.len(), interrupted.uncertain), (500, 0));
    assert!(interrupted.cause.to_string().contains("line 602"), "{}", interrupted.cause);
}

#[tokio::test]
async fn no_jobs_are_no_work() {
    let fixture = Fixture::start().await;
    let none: [CheckedJob; 0] = [];
    assert!(fixture.producer.enqueue_many(&none, |_| {}).await.unwrap().is_empty());
}
