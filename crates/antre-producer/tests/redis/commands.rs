//! Cancel and retry through the inbox.

use antre_core::command;
use antre_producer::{Command, Error, Target};
use std::time::Duration;

use crate::support::{Fixture, LIMIT};

const SHORT: Duration = Duration::from_millis(20);

/// Plays a worker's intake for the one command in the inbox.
async fn take(fixture: &Fixture) {
    let entry = fixture.queue.read_inbox(1, 1_000_000, "tester").await.unwrap().remove(0);
    let (name, text) = &entry.fields[0];
    let kind = command::CommandKind::of_field(name).unwrap();
    fixture.queue.take_command(&entry.id, kind, &command::parse(kind, text)).await.unwrap();
}

#[tokio::test]
async fn a_command_is_answered_once_a_worker_has_taken_it() {
    let fixture = Fixture::start().await;
    let job = fixture.enqueue("INV-1").await;
    fixture.accept_all().await;
    let id = fixture.producer.command(&Command::cancel(Target::Job(job.clone()))).await.unwrap();
    let early = fixture.producer.command_answer(&id, SHORT).await;
    assert!(matches!(early, Err(Error::NotEnded { .. })), "{early:?}");
    take(&fixture).await;
    let answer = fixture.producer.command_answer(&id, LIMIT).await.unwrap();
    assert_eq!((answer.cancelled, answer.resolving, answer.error), (1, 0, None));
    let ended = fixture.producer.wait(&job, LIMIT).await.unwrap();
    assert_eq!(ended.state, antre_producer::EndState::Cancelled);
}

#[tokio::test]
async fn an_answer_says_how_much_is_left_when_the_time_is_over() {
    let fixture = Fixture::start().await;
    fixture.enqueue("INV-1").await;
    let _running = fixture.claim().await;
    let mut cancel = Command::cancel(Target::ExternalId("INV-1".to_owned()));
    cancel.expire = true;
    let id = fixture.producer.command(&cancel).await.unwrap();
    take(&fixture).await;
    let answer = fixture.producer.command_answer(&id, SHORT).await.unwrap();
    assert_eq!((answer.cancelled, answer.resolving), (0, 1));
}

#[tokio::test]
async fn nobody_serves_a_command_for_an_unknown_account() {
    let fixture = Fixture::start().await;
    let queue = fixture.queue.redis().queue("another".parse().unwrap());
    let producer = antre_producer::Producer::new(queue);
    let refused = producer.command(&Command::retry(Target::AllDead)).await;
    assert!(matches!(refused, Err(Error::NotServed { .. })), "{refused:?}");
}
