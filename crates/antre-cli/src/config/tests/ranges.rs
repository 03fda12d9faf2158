//! Which times are taken, with which key.

use super::super::option::{Range, Setting, Taken, Times};
use super::super::options::{ACCOUNT, PROCESS};
use super::*;

const LIVE: (&str, &str) = ("XENDIT_SECRET_KEY", "xnd_production_one");

/// Returns every option that is a time, with what is taken.
fn all_times() -> Vec<(&'static Setting, Times)> {
    let settings = PROCESS.into_iter().chain(ACCOUNT);
    let times = settings.filter_map(|setting| match setting.taken {
        Taken::Times(times) => Some((setting, times)),
        Taken::Text | Taken::Words(_) | Taken::Number(_) => None,
    });
    times.collect()
}

/// Returns the value of an option whose times are all `time`; two only where it has two.
fn written(setting: &Setting, time: Duration) -> String {
    let text = antre_core::duration_text::DurationText(time).to_string();
    if setting.name == "head_start" { format!("{text},{text}") } else { text }
}

/// Returns the faults of this option when it is read with this key.
fn faults_of(setting: &Setting, time: Duration, key: (&str, &str)) -> Vec<String> {
    let toml = format!("{} = {:?}\n", setting.name, written(setting, time));
    let case = Case::new(&toml, &[key]);
    let (_, faults) = examine(&case.sources, Purpose::Serving);
    let own = faults.0.into_iter().filter(|fault| fault.message.contains(" is not within "));
    own.map(|fault| fault.to_string()).collect()
}

/// Returns the times just beyond a range.
fn beyond(range: Range) -> Vec<Duration> {
    let shorter = range.min.checked_sub(Duration::from_millis(1));
    shorter.into_iter().chain([range.max + Duration::from_millis(1)]).collect()
}

/// Runs `body` where a Redis URL can be looked at.
fn with_runtime(body: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { body() });
}

#[test]
fn the_ends_of_a_range_are_taken_and_what_is_beyond_is_refused_with_the_range() {
    with_runtime(|| {
        for (setting, times) in all_times() {
            for (key, range) in [(KEY, times.any), (LIVE, times.live)] {
                for time in [range.min, range.max] {
                    assert_eq!(faults_of(setting, time, key), [""; 0], "{}", setting.name);
                }
                for time in beyond(range) {
                    let found = faults_of(setting, time, key);
                    // More than a day of delay is refused by the list itself.
                    if setting.name == "retry_delays" && time > range.max {
                        continue;
                    }
                    assert_eq!(found.len(), 1, "{} {time:?}", setting.name);
                    let default = format!("the default is {}", setting.default);
                    let value = antre_core::duration_text::DurationText(time).to_string();
                    for part in [setting.name, &value, &default, " to "] {
                        assert!(found[0].contains(part), "{part} {found:?}");
                    }
                }
            }
        }
    });
}

#[test]
fn a_live_range_lies_within_the_other_and_both_hold_the_default() {
    let all = all_times();
    assert_eq!(all.len(), 14);
    for (setting, Times { any, live, .. }) in all {
        assert!(any.min <= live.min && live.max <= any.max, "{}", setting.name);
        for text in setting.default.split(',') {
            let default = antre_core::duration_text::parse(text).unwrap();
            assert!((live.min..=live.max).contains(&default), "{}", setting.name);
        }
    }
}

#[test]
fn short_times_are_for_other_keys_than_live_ones() {
    let short = "lease = \"600ms\"\ntrust_absence_answered = \"0s\"\ntrust_absence_unanswered = \"400ms\"\n\
                 breaker_probe = \"200ms\"\nretry_delays = \"50ms,100ms\"\nsend_within = \"250ms\"\n\
                 request_timeout = \"700ms\"\nconnect_timeout = \"400ms\"\n";
    Case::new(short, &[("XENDIT_SECRET_KEY", "xnd_development_one")]).config();
    let simulated = format!("{short}base_url = \"http://127.0.0.1:4010\"\n");
    Case::new(&simulated, &[("XENDIT_SECRET_KEY", "any")]).config();
    let found = Case::new(short, &[LIVE]).faults();
    assert_faults(
        &found,
        &[
            "antre.toml:1: lease 600ms is not within 3s to 5m, the range with a live key: a shorter one",
            "antre.toml:7: request_timeout 700ms is not within 1s to 2m",
            "antre.toml:2: trust_absence_answered 0s is not within 1s to 1h",
            "antre.toml:3: trust_absence_unanswered 400ms is not within 10s to 1h",
            "antre.toml:5: retry_delays 50ms is not within 500ms to 1d",
            "antre.toml:4: breaker_probe 200ms is not within 1s to 10m",
        ],
    );
}

#[test]
fn unsafe_times_are_refused_with_every_key() {
    for (option, value) in [
        ("send_within", "10s"),
        ("send_within", "0s"),
        ("retention_done", "1ms"),
        ("request_timeout", "24h"),
        ("breaker_probe", "1ms"),
        ("connect_timeout", "0s"),
        ("lease", "100ms"),
        ("grace", "1d"),
        ("jitter_allowance", "1m"),
        ("retry_delays", "1ms"),
        ("head_start", "365d,24h"),
    ] {
        let found = faults(&format!("{option} = {value:?}\n"));
        let expected = format!("antre.toml:1: {option} ");
        assert_faults(&found, &[expected.as_str()]);
        assert!(found[0].contains(" is not within "), "{found:?}");
    }
}

#[test]
fn the_process_obeys_the_live_ranges_as_soon_as_one_account_is_live() {
    let toml = "grace = \"0s\"\n[accounts.a]\nsecret_key_env = \"A\"\n[accounts.b]\nsecret_key_env = \"B\"\n";
    let case = |b| Case::new(toml, &[("A", "xnd_development_a"), ("B", b)]);
    assert_eq!(case("xnd_development_b").config().grace, Duration::ZERO);
    let expected = "antre.toml:1: grace 0s is not within 1s to 10m, the range with a live key";
    assert_faults(&case("xnd_production_b").faults(), &[expected]);
}

#[test]
fn who_only_talks_to_redis_is_not_held_to_the_ranges_of_a_live_key() {
    let case = Case::new("lease = \"600ms\"\n", &[LIVE]);
    assert!(case.load(Purpose::Queue).is_ok());
    assert!(case.load(Purpose::Serving).is_err());
}

#[test]
fn a_retention_that_drops_the_second_audit_is_a_remark_or_with_a_live_key_a_fault() {
    let short = "retention_done = \"29m\"\n";
    let remarks = config(short).remarks;
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(remarks[0].contains("account default: retention_done 29m is shorter than 30m"));
    assert_eq!(config("retention_done = \"30m\"\n").remarks, [""; 0]);
    let expected = "antre.toml:1: retention_done 29m is not within 1h to 3650d";
    assert_faults(&Case::new(short, &[LIVE]).faults(), &[expected]);
}

#[test]
fn durability_has_three_words() {
    for (word, durability) in [
        ("auto", Durability::Auto),
        ("local", Durability::Local),
        ("replicated", Durability::Replicated),
    ] {
        assert_eq!(config(&format!("durability = {word:?}\n")).durability, durability, "{word}");
    }
}
