use super::{decode, of_silence};
use crate::{decode::Fields, status::Status};

const NOW_MS: u64 = 1_700_000_000_000;

fn records(list: &[(&str, String)]) -> Fields {
    list.iter().map(|(code, record)| ((*code).to_owned(), record.clone())).collect()
}

#[test]
fn what_happened_within_ten_minutes_is_told_and_what_cannot_be_read_is_not() {
    let found = decode(
        &records(&[
            ("mixed_answers", format!("{} {} 3 proxied worker", NOW_MS - 1_000, NOW_MS - 5_000)),
            ("server_changed", format!("{} {} 1 abc", NOW_MS - 600_000, NOW_MS - 600_000)),
            ("leases_lost", format!("{NOW_MS} {NOW_MS} x")),
            ("clock_stepped_back", format!("{} {} 1 2500", NOW_MS + 9_000, NOW_MS + 9_000)),
        ]),
        NOW_MS,
    );
    let codes: Vec<&str> = found.iter().map(|notice| notice.code.as_str()).collect();
    assert_eq!(codes, ["clock_stepped_back", "mixed_answers"]);
    assert!(found[0].text.contains("2500 ms") && !found[0].is_trouble, "{found:?}");
    assert!(found[1].text.contains("proxied worker") && found[1].is_trouble, "{found:?}");
    assert_eq!((found[1].since_ms, found[1].times), (NOW_MS - 5_000, 3));
}

#[test]
fn a_worker_that_waits_long_for_an_answer_is_named() {
    let heartbeat = |awaited_ms: u64, ago_ms: u64| {
        format!(r#"{{"seen_ms":{},"answer_awaited_ms":{awaited_ms}}}"#, NOW_MS - ago_ms)
    };
    let status = |list: &[(&str, String)]| Status {
        now_ms: NOW_MS,
        workers: records(list),
        ..Status::default()
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
