use super::*;

fn stop(code: &'static str, text: &str) -> Stop {
    Stop { code, text: text.to_owned() }
}

#[test]
fn a_reason_is_said_at_once_and_each_minute_and_another_one_at_once() {
    let mut said = Said::default();
    let start = Instant::now();
    let mut at = |seconds, stops: &[Stop]| said.next(stops, start + Duration::from_secs(seconds));
    let paused = |ago: &str| [stop("paused", &format!("PAUSED ({ago} ago)"))];
    assert_eq!(at(0, &paused("1s")).as_deref(), Some("PAUSED (1s ago)"));
    assert_eq!(at(2, &paused("3s")), None);
    assert_eq!(at(60, &paused("1m")).as_deref(), Some("PAUSED (1m ago)"));
    let both = [stop("paused", "PAUSED"), stop("no_worker", "NO WORKER")];
    assert_eq!(at(62, &both).as_deref(), Some("PAUSED; NO WORKER"));
    assert_eq!(at(64, &[]), None);
    assert_eq!(at(66, &both).as_deref(), Some("PAUSED; NO WORKER"), "it went on in between");
}
