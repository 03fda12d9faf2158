use super::*;

#[test]
fn a_signal_within_two_seconds_repeats_the_order_and_a_later_one_ends_at_once() {
    let begin = Instant::now();
    let at = |ms| begin + Duration::from_millis(ms);
    let mut stops = Stops::default();
    assert_eq!(stops.order(at(0)), Some(Order::Stop));
    for ms in [0, 1, 100, 1_999, 2_000] {
        assert_eq!(stops.order(at(ms)), None, "{ms} ms");
    }
    for ms in [2_001, 10_000] {
        assert_eq!(stops.order(at(ms)), Some(Order::StopNow), "{ms} ms");
    }
}
