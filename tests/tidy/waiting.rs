//! Tests await events: they do not sleep for them, and none is switched off.

use crate::workspace::{self, SourceFile, has_word};

/// Where a test may let time pass, with the reason: time itself is the event there.
#[rustfmt::skip]
const MAY_SLEEP: [(&str, &str); 15] = [
    ("crates/antre-testkit/src/eventually.rs", "the one place that polls"),
    ("crates/antre-testkit/src/fault_proxy/relay.rs", "a delayed network is its purpose"),
    ("crates/antre-testkit/src/queue.rs", "waits as long as a claim said, as a worker does"),
    ("crates/xendit-sim/tests/http/support.rs", "its own `eventually`: the simulator uses no crate of Antre"),
    ("tests/src/chaos/moment.rs", "how long a fault lasts is its point"),
    ("tests/src/bin/table_backlog.rs", "measures, and polls its progress"),
    ("tests/integration/idle_lines.rs", "a proxy that closes silent connections is its point"),
    ("tests/src/billing/trouble.rs", "how long an outage lasts, and the hour after a run, are its point"),
    ("tests/src/bin/table_distance.rs", "measures, and polls its progress"),
    ("tests/src/bin/table_gateway.rs", "measures an idle queue"),
    ("tests/src/bin/table_idle.rs", "measures how little happens in a time"),
    ("tests/src/bin/table_peers.rs", "measures, and polls its progress"),
    ("tests/src/bin/table_scale.rs", "measures what happens in a time"),
    ("tests/src/sentinels.rs", "its producer submits at a pace"),
    ("crates/antre-store/tests/scripts/claiming.rs", "the wait that a claim named must be long enough, and no test may wait longer"),
];

fn faults(file: &SourceFile) -> Vec<String> {
    if !file.has_extension("rs") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let is_watched = file.is_test_code() || file.path.starts_with("crates/antre-testkit/");
    let may_sleep = MAY_SLEEP.iter().any(|(path, _)| *path == file.path);
    let mut is_paused = false;
    for (number, line) in file.numbered_lines() {
        if line.trim_start().starts_with(concat!("#[", "ignore")) {
            faults.push(file.fault(number, "a test that is switched off"));
        }
        if line.contains("#[test]") || line.contains("::test") {
            // Under paused time a sleep takes none.
            is_paused = line.contains("start_paused = true");
        }
        if is_watched && !may_sleep && !is_paused && sleeps(line) {
            faults.push(file.fault(number, "await the event, or poll with `eventually`"));
        }
    }
    faults
}

fn sleeps(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    [concat!("sl", "eep"), concat!("sl", "eep_until")]
        .iter()
        .any(|name| has_word(code, name) && code.contains(&format!("{name}(")))
}

#[test]
fn no_test_sleeps_or_is_switched_off() {
    let files = workspace::files().unwrap();
    workspace::assert_none(&files.iter().flat_map(faults).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_still_needed() {
    let files = workspace::files().unwrap();
    for (path, _) in MAY_SLEEP {
        let file = workspace::required(&files, path).unwrap();
        assert!(file.text.lines().any(sleeps), "{path} no longer sleeps");
    }
}

#[test]
fn a_sleep_in_test_code_is_a_fault() {
    let call = concat!("tokio::time::sl", "eep(LIMIT).await;");
    for path in ["crates/antre-store/src/job/tests.rs", "tests/fault/main.rs"] {
        assert_eq!(faults(&SourceFile::new(path, call)).len(), 1, "{path}");
    }
    assert_eq!(faults(&SourceFile::new("crates/antre-worker/src/wake.rs", call)), [""; 0]);
}

#[test]
fn paused_time_lasts_until_the_next_test() {
    let call = concat!("sl", "eep(LIMIT).await;");
    let text = format!(
        "#[tokio::test(start_paused = true)]\nasync fn one() {{ {call} }}\n#[tokio::test]\n{call}\n"
    );
    let found = faults(&SourceFile::new("crates/antre-worker/src/wake/tests.rs", &text));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains(":4:"), "{found:?}");
}

#[test]
fn a_switched_off_test_is_a_fault() {
    for form in ["#[", "    #["] {
        let text = format!("#[test]\n{form}{}", concat!("ign", "ore = \"slow\"]"));
        assert_eq!(faults(&SourceFile::new("tests/e2e/main.rs", &text)).len(), 1);
    }
}
