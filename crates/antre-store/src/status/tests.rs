use super::*;

const NOW_MS: u64 = 1_795_413_600_000;

fn seen(ago_ms: u64, said: Heartbeat) -> WorkerSeen {
    WorkerSeen { seen_ms: NOW_MS - ago_ms, said }
}

fn fields(list: &[(&str, &str)]) -> HashMap<String, String> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_a_worker_says_is_what_others_read_and_redis_adds_when() {
    let said = Heartbeat {
        version: Some("0.1.0".into()),
        running: Some(2),
        concurrency: Some(5),
        uptime_s: Some(90),
        answer_awaited_ms: 3_000,
        is_connected: Some(false),
        has_http: true,
        trouble: Some("redis is full".to_owned()),
    };
    let json = serde_json::to_string(&said).unwrap();
    let stored = format!(r#"{{"seen_ms":{NOW_MS},{}"#, json.trim_start_matches('{'));
    let read =
        workers::decode(fields(&[("w", &stored), ("x", r#"{"seen_ms":7,"new":1}"#), ("y", "?")]));
    assert_eq!(read["w"], WorkerSeen { seen_ms: NOW_MS, said });
    assert_eq!(read["x"], WorkerSeen { seen_ms: 7, said: Heartbeat::default() }, "another version");
    assert_eq!(read["y"], WorkerSeen::default(), "another program");
}

#[test]
fn a_worker_is_silent_after_fifteen_seconds() {
    assert!(seen(15_000, Heartbeat::default()).is_live(NOW_MS));
    assert!(!seen(15_001, Heartbeat::default()).is_live(NOW_MS));
    assert!(!WorkerSeen::default().is_live(NOW_MS));
}

#[test]
fn counters_have_names_and_what_this_version_does_not_know_is_kept_beside_them() {
    let totals =
        Totals::decode(fields(&[("done", "7"), ("ready_us", "9"), ("dead", "x"), ("new", "1")]));
    assert_eq!((totals.done, totals.dead, totals.accepted), (7, 0, 0));
    assert_eq!(totals.others, BTreeMap::from([("new".to_owned(), 1), ("ready_us".to_owned(), 9)]));
    let named: Vec<&str> = totals.iter().map(|(name, _count)| name).collect();
    assert_eq!(named, Totals::NAMES);
}

#[test]
fn the_limits_in_force_are_those_that_a_worker_wrote() {
    assert_eq!(in_force::decode(&fields(&[]), &fields(&[])), None, "nobody ever served it");
    let seen = |limits, pacer: &[_]| {
        in_force::decode(&fields(&[("limits", limits)]), &fields(pacer)).unwrap()
    };
    let written = |limits| seen(limits, &[]);
    assert_eq!(written("2:1000000,60:60000000").limits, Some("2/1s,60/1m".parse().unwrap()));
    for unreadable in ["", "2", "0:1000000", "2:1000000,x", "2:1"] {
        assert_eq!(written(unreadable).limits, None, "{unreadable}");
    }
    assert!(!written("2:1000000").is_replicated);
    assert!(seen("2:1000000", &[("replicated", "1")]).is_replicated);
}

#[test]
fn an_account_is_read_from_its_figures_and_its_pacer() {
    let figures =
        fields(&[("now_ms", "5000"), ("wait_us", "20"), ("wait_reason", "quota"), ("high", "1")]);
    let pacer = fields(&[
        ("unused_reason", "unreplicated"),
        ("unused_at_ms", "4"),
        ("breaker", "http_502"),
    ]);
    let status = reply::account(&figures, &pacer);
    assert_eq!((status.wait_reason, status.waiting), (WaitReason::Quota, [1, 0, 0]));
    assert_eq!(status.unused, Some(UnusedGrant { at_ms: 4, is_unreplicated: true }));
    assert_eq!(status.breaker.unwrap().reason, "http_502");
    let strange = fields(&[("wait_reason", "of another version")]);
    assert_eq!(reply::account(&strange, &fields(&[])).wait_reason, WaitReason::Pause);
    let owner =
        reply::owner(&fields(&[("mode", "test"), ("key:b", "1"), ("key:a", "1"), ("sent", "")]));
    assert_eq!((owner.mode, owner.may_have_sent), (Some(Mode::Test), false));
    assert_eq!(owner.keys, ["a", "b"]);
}

#[test]
fn events_are_read_as_scripts_write_them_and_what_cannot_be_read_is_left_out() {
    let found = recorded::decode(&fields(&[
        ("mixed_answers", "9000 5000 3 proxied worker"),
        ("leases_lost", "9000 5000 x"),
        ("billed_before", "7 7 1"),
    ]));
    let event = |code: &str, at_ms, since_ms, times, detail: &str| {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        RecordedEvent { code, at_ms, since_ms, times, detail }
    };
    let mixed = event("mixed_answers", 9_000, 5_000, 3, "proxied worker");
    assert_eq!(found, [event("billed_before", 7, 7, 1, ""), mixed]);
}
