use super::*;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

fn clocks(awake_s: u64, boot_s: u64) -> Clocks {
    Clocks { awake: Duration::from_secs(awake_s), boot: Duration::from_secs(boot_s) }
}

/// The machine has been suspended for 400 s before.
fn watch() -> SleepWatch {
    SleepWatch(clocks(100, 500))
}

#[test]
fn a_machine_that_stayed_awake_is_late_by_its_own_clock_only() {
    let now = Instant::now();
    let awake = clocks(103, 503);
    assert_eq!(watch().slept(awake), Duration::ZERO);
    assert!(!watch().is_late_by(awake, now, now + SECOND));
    assert!(!watch().is_late_by(awake, now, now), "the last instant is in time");
    assert!(watch().is_late_by(awake, now, now - Duration::from_nanos(1)));
}

#[test]
fn after_a_suspend_what_was_granted_before_is_late() {
    let now = Instant::now();
    let after_an_hour = clocks(101, 501 + 3600);
    assert_eq!(watch().slept(after_an_hour), HOUR);
    assert!(watch().is_late_by(after_an_hour, now, now + SECOND));
    assert!(watch().is_late_by(after_an_hour, now, now + HOUR - SECOND));
    assert!(!watch().is_late_by(after_an_hour, now, now + HOUR), "the last instant is in time");
}

#[test]
fn clocks_that_contradict_each_other_are_no_suspend() {
    for strange in [clocks(110, 505), clocks(90, 490), clocks(110, 0), clocks(0, 0)] {
        assert_eq!(watch().slept(strange), Duration::ZERO, "{strange:?}");
    }
    assert_eq!(SleepWatch(Clocks::default()).slept(Clocks::default()), Duration::ZERO);
}

#[test]
fn a_pause_between_two_readings_is_no_suspend() {
    // The beginning read the second clock late, the end read the first one late.
    let began = SleepWatch(clocks(100, 503));
    assert_eq!(began.slept(clocks(110, 507)), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn paused_time_in_a_test_makes_no_difference() {
    let watch = SleepWatch::begin();
    tokio::time::advance(HOUR).await;
    let now = Instant::now();
    assert!(!watch.is_late(now, now));
    assert_eq!(watch.slept_so_far(), Duration::ZERO);
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn both_clocks_of_the_system_are_read() {
    let began = Clocks::at_the_beginning();
    assert!(began.awake > Duration::ZERO && began.boot >= began.awake);
    let later = Clocks::at_the_end();
    assert!(later.awake >= began.awake && later.boot >= began.boot);
}

impl SleepWatch {
    /// Returns a watch that began before the machine was suspended for so long.
    pub(crate) fn before_a_suspend_of(length: Duration) -> Self {
        let mut clocks = Clocks::at_the_beginning();
        clocks.boot = clocks.boot.saturating_sub(length);
        Self(clocks)
    }
}
