use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;

fn gated() -> (GatedStream<DuplexStream>, Gate, DuplexStream) {
    let (ours, theirs) = duplex(64);
    let gate = Gate::new();
    (GatedStream::new(ours, gate.clone()), gate, theirs)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

fn just_over() -> Instant {
    Instant::now() - Duration::from_nanos(1)
}

#[tokio::test]
async fn a_first_write_after_the_deadline_writes_nothing_and_neither_does_any_later_one() {
    let (mut stream, gate, mut peer) = gated();
    gate.arm(just_over(), SleepWatch::begin());
    assert!(stream.write(b"late").await.is_err());
    assert!(stream.write(b"later").await.is_err());
    assert_eq!(gate.shut(), Passage::TooLate);
    drop(stream);
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).await.expect("the end");
    assert_eq!(seen, b"");
}

#[test]
fn the_deadline_looks_at_the_first_write_only_and_includes_its_last_instant() {
    let gate = Gate::new();
    let latest = soon();
    gate.arm(latest, SleepWatch::begin());
    gate.admit(latest).expect("just in time");
    gate.note_written(latest);
    gate.admit(latest + Duration::from_secs(1)).expect("the rest may follow");
    assert_eq!(gate.shut(), Passage::Written { first_byte_at: latest });

    gate.arm(latest, SleepWatch::begin());
    assert!(gate.admit(latest + Duration::from_nanos(1)).is_err());
    assert!(gate.admit(latest).is_err(), "too late stays too late");
    assert_eq!(gate.shut(), Passage::TooLate);
}

#[tokio::test]
async fn a_suspend_since_the_watch_began_makes_the_first_write_late() {
    let (mut stream, gate, mut peer) = gated();
    let asleep = SleepWatch::before_a_suspend_of(Duration::from_secs(10));
    gate.arm(Instant::now() + Duration::from_secs(5), asleep);
    assert!(stream.write(b"late").await.is_err());
    assert_eq!(gate.shut(), Passage::TooLate);

    gate.arm(soon(), asleep);
    stream.write_all(b"in time").await.expect("an hour is longer than the suspend");
    drop(stream);
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).await.expect("the end");
    assert_eq!(seen, b"in time");
}

#[tokio::test]
async fn nothing_can_be_written_between_requests() {
    let (mut stream, gate, _peer) = gated();
    stream.write_all(b"hello").await.expect("setting up");
    assert_eq!(gate.shut(), Passage::Nothing);
    assert!(stream.write(b"unasked").await.is_err());
    gate.arm(soon(), SleepWatch::begin());
    stream.write_all(b"asked").await.expect("in time");
}

#[tokio::test]
async fn a_write_that_the_stream_refuses_has_written_nothing() {
    let (mut stream, gate, peer) = gated();
    drop(peer);
    gate.arm(soon(), SleepWatch::begin());
    assert!(stream.write(b"request").await.is_err());
    assert_eq!(gate.shut(), Passage::Nothing);
}
