use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn five_of_a_hundred_may_take_longer() {
    assert_eq!(p95(Vec::new()), None);
    assert_eq!(p95(vec![ms(7)]), Some(ms(7)));
    assert_eq!(p95((1..=100).rev().map(ms).collect()), Some(ms(95)));
    assert_eq!(p95((1..=20).map(ms).collect()), Some(ms(19)));
}

#[test]
fn it_is_written_at_the_first_answer_then_once_a_minute_while_there_are_answers() {
    let (times, start) = (RequestTimes::default(), Instant::now());
    assert_eq!(times.due(start), None);
    times.note(ms(100));
    assert_eq!(times.due(start), Some(ms(100)));
    times.note(ms(300));
    assert_eq!(times.due(start + Duration::from_secs(59)), None);
    assert_eq!(times.due(start + Duration::from_mins(1)), Some(ms(300)));
    assert_eq!(times.due(start + Duration::from_mins(10)), None);
}

#[test]
fn what_was_not_written_is_written_at_the_end_and_once() {
    let (times, start) = (RequestTimes::default(), Instant::now());
    times.note(ms(100));
    times.due(start);
    assert_eq!(times.unwritten(), None);
    times.note(ms(50));
    assert_eq!(times.unwritten(), Some(ms(100)));
    assert_eq!(times.unwritten(), None);
}

#[test]
fn only_the_latest_requests_count() {
    let times = RequestTimes::default();
    for _ in 0..LATEST {
        times.note(ms(9_000));
    }
    for _ in 0..LATEST {
        times.note(ms(10));
    }
    assert_eq!(times.unwritten(), Some(ms(10)));
}
