use antre_store::status::{Heartbeat, RecordedEvent, Status, WorkerSeen};

use super::{notices, of_killed, of_silence};

const NOW_MS: u64 = 1_700_000_000_000;

fn event(code: &str, ago_ms: u64, times: u64, detail: &str) -> RecordedEvent {
    let (code, detail, at_ms) = (code.to_owned(), detail.to_owned(), NOW_MS - ago_ms);
    RecordedEvent { code, at_ms, since_ms: at_ms - 4_000, times, detail }
}

#[test]
fn what_happened_within_ten_minutes_is_told_with_what_it_means() {
    let ahead =
        RecordedEvent { at_ms: NOW_MS + 9_000, ..event("clock_stepped_back", 0, 1, "2500") };
    let recorded = vec![
        ahead,
        event("mixed_answers", 1_000, 3, "proxied worker"),
        event("server_changed", 600_000, 1, "abc"),
    ];
    let found = notices(&Status { now_ms: NOW_MS, recorded, ..Status::default() });
    let codes: Vec<&str> = found.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(codes, ["clock_stepped_back", "mixed_answers"]);
    assert!(found[0].text.contains("2500 ms") && !found[0].is_trouble, "{found:?}");
    assert!(found[1].text.contains("proxied worker") && found[1].is_trouble, "{found:?}");
    assert_eq!((found[1].since_ms, found[1].times), (NOW_MS - 5_000, 3));
}

#[test]
fn a_worker_that_waits_long_for_an_answer_is_named() {
    let heartbeat = |answer_awaited_ms: u64, ago_ms: u64| {
        let said = Heartbeat { answer_awaited_ms, ..Heartbeat::default() };
        WorkerSeen { seen_ms: NOW_MS - ago_ms, said }
    };
    let status = |list: &[(&str, WorkerSeen)]| {
        let workers = list.iter().map(|(name, seen)| ((*name).to_owned(), seen.clone()));
        Status { now_ms: NOW_MS, workers: workers.collect(), ..Status::default() }
    };
    assert!(of_silence(&status(&[("quick", heartbeat(1_999, 0))])).is_none());
    assert!(of_silence(&status(&[("gone", heartbeat(60_000, 20_000))])).is_none());
    let found = of_silence(&status(&[
        ("quick", heartbeat(0, 0)),
        ("slow", heartbeat(7_000, 100)),
        ("slower", heartbeat(9_000, 100)),
    ]));
    let found = found.unwrap();
    assert!(found.text.starts_with("worker slower has waited 9 s"), "{found:?}");
    assert_eq!(found.times, 2);
}

#[test]
fn a_worker_whose_signs_of_life_stop_is_named_until_it_is_forgotten() {
    let status = |list: &[(&str, u64)]| {
        let seen = |ago_ms| WorkerSeen { seen_ms: NOW_MS - ago_ms, said: Heartbeat::default() };
        let workers = list.iter().map(|(name, ago_ms)| ((*name).to_owned(), seen(ago_ms)));
        Status { now_ms: NOW_MS, workers: workers.collect(), ..Status::default() }
    };
    assert!(of_killed(&status(&[("lives", 4_999), ("forgotten", 600_000)])).is_none());
    let found = of_killed(&status(&[("lives", 0), ("one", 5_000), ("two", 9_000)])).unwrap();
    assert!(found.text.starts_with("worker one has given no sign of life for 5 s"), "{found:?}");
    assert_eq!((found.times, found.since_ms, found.is_trouble), (2, NOW_MS - 5_000, false));
    assert!(of_killed(&status(&[("only", 16_000)])).is_none());
}
