use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn the_three_forms_are_read_and_written_back() {
    for (text, latency, written) in [
        ("50ms", Latency::Constant(ms(50)), "50ms"),
        ("20-300ms", Latency::Uniform { least: ms(20), most: ms(300) }, "20ms-300ms"),
        ("20ms-1s", Latency::Uniform { least: ms(20), most: ms(1_000) }, "20ms-1s"),
        ("tail:80ms:2s", Latency::LongTail { median: ms(80), p99: ms(2_000) }, "tail:80ms:2s"),
    ] {
        assert_eq!(text.parse::<Latency>().unwrap(), latency);
        assert_eq!(latency.to_string(), written);
        assert_eq!(written.parse::<Latency>().unwrap(), latency);
    }
}

#[test]
fn what_is_no_latency_is_refused_by_its_reason() {
    assert!(matches!("fast".parse::<Latency>(), Err(LatencyError::Span { .. })));
    assert!(matches!("300-20ms".parse::<Latency>(), Err(LatencyError::Order(_))));
    assert!(matches!("tail:80ms".parse::<Latency>(), Err(LatencyError::Tail(_))));
    assert!(matches!("tail:0ms:1s".parse::<Latency>(), Err(LatencyError::Order(_))));
}

#[test]
fn a_uniform_latency_stays_within_its_bounds() {
    let mut random = StdRng::seed_from_u64(1);
    let latency = Latency::Uniform { least: ms(20), most: ms(300) };
    for _ in 0..1_000 {
        let drawn = latency.draw(&mut random);
        assert!((ms(20)..=ms(300)).contains(&drawn), "{drawn:?}");
    }
}

#[test]
fn a_long_tail_keeps_its_median_and_its_99th_percentile() {
    let mut random = StdRng::seed_from_u64(2);
    let latency = Latency::LongTail { median: ms(80), p99: ms(2_000) };
    let drawn: Vec<Duration> = (0..20_000).map(|_| latency.draw(&mut random)).collect();
    let over = |bound| drawn.iter().filter(|latency| **latency > bound).count();
    assert!((9_500..10_500).contains(&over(ms(80))), "{}", over(ms(80)));
    assert!((140..260).contains(&over(ms(2_000))), "{}", over(ms(2_000)));
}

#[test]
fn the_same_seed_draws_the_same_latencies() {
    let latency = Latency::Uniform { least: ms(0), most: ms(1_000) };
    let draw = |seed| {
        let mut random = StdRng::seed_from_u64(seed);
        (0..10).map(|_| latency.draw(&mut random)).collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}
