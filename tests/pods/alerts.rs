//! The alerts: their expressions are valid, speak of metrics that there are, and go off when they should.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kustomize::{built, find, items_at, text_at};
use antre_tests::machine::{outcome, text};

/// Returns the rules as Prometheus reads them.
pub(crate) fn rules() -> Value {
    find(&built("overlays/monitoring"), "PrometheusRule", "antre")["spec"].clone()
}

/// Returns what promtool says of files; JSON is YAML, too.
fn promtool(command: &[&str], files: &[(&str, &Value)]) -> Result<String, String> {
    let place = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(place.path().join(name), content.to_string()).unwrap();
    }
    let asked = place.path().join(files.last().unwrap().0).display().to_string();
    let output = outcome("promtool", &[command, &[&asked]].concat());
    if output.status.success() { Ok(text(&output)) } else { Err(text(&output)) }
}

#[test]
fn every_expression_is_valid() {
    promtool(&["check", "rules"], &[("rules.yaml", &rules())]).unwrap();
    let broken = rules().to_string().replacen("min(", "min((", 1);
    let broken: Value = serde_json::from_str(&broken).unwrap();
    promtool(&["check", "rules"], &[("rules.yaml", &broken)]).unwrap_err();
}

/// One series for an hour: its value each minute.
fn series(name: &str, values: &str) -> Value {
    json!({"series": name, "values": values})
}

/// An alert that must go off at a time, given these series beside sound ones; without them it must not.
struct Case {
    alert: &'static str,
    at: &'static str,
    series: Vec<Value>,
}

fn case(alert: &'static str, at: &'static str, series: Vec<Value>) -> Case {
    Case { alert, at, series }
}

const FLAT: &str = "0x120";

/// What a sound queue shows.
fn sound() -> Vec<Value> {
    let account = |name: &str| format!("{name}{{account=\"default\"}}");
    let mut sound = vec![
        series("antre_redis_up", "1x120"),
        series(&account("antre_served"), "1x120"),
        series(&account("antre_estimated_wait_seconds"), "30x120"),
        series("antre_jobs{account=\"default\",state=\"waiting\"}", "5x120"),
        series("antre_jobs{account=\"default\",state=\"running\"}", "1x120"),
        series("antre_jobs{account=\"default\",state=\"dead\"}", "3x120"),
        series("antre_events_total{account=\"default\",event=\"dead\"}", "3x120"),
    ];
    let quiet = [
        "antre_inbox",
        "antre_paused",
        "antre_breaker_open",
        "antre_strangers",
        "antre_workers_closed",
        "antre_unused_grants",
        "antre_watchdog_total",
    ];
    sound.extend(quiet.map(|name| series(&account(name), FLAT)));
    sound
}

fn cases() -> Vec<Case> {
    let of = |name: &str, values: &str| series(&format!("{name}{{account=\"default\"}}"), values);
    vec![
        // A value that is never there: `_`.
        case("AntreUnseen", "5m", vec![of("antre_served", "_x120")]),
        case("AntreRedisDown", "5m", vec![series("antre_redis_up", FLAT)]),
        case("AntreNoWorker", "5m", vec![of("antre_served", FLAT)]),
        case("AntrePausedLong", "70m", vec![of("antre_paused", "1x120")]),
        case("AntreBreakerOpen", "10m", vec![of("antre_breaker_open", "1x120")]),
        case("AntreStranger", "5m", vec![of("antre_strangers", "1x120")]),
        case("AntreWorkerClosed", "10m", vec![of("antre_workers_closed", "1x120")]),
        case("AntreNothingSent", "5m", vec![of("antre_unused_grants", "1x120")]),
        case("AntreNothingSent", "10m", vec![of("antre_watchdog_total", "0+1x120")]),
        case("AntreWaitLong", "20m", vec![of("antre_estimated_wait_seconds", "4000x120")]),
        case(
            "AntreDeadJobs",
            "10m",
            vec![series("antre_events_total{account=\"default\",event=\"dead\"}", "3+1x120")],
        ),
        case(
            "AntreManyDead",
            "20m",
            vec![series("antre_jobs{account=\"default\",state=\"dead\"}", "51x120")],
        ),
    ]
}

/// Expects of these alerts, each at its time, that none goes off with these series; returns what promtool says if one does.
fn silent(rules: &Value, alerts: &[(&str, &str)], series: &[Value]) -> Result<(), String> {
    let expected: Vec<Value> = alerts
        .iter()
        .map(|(alert, at)| json!({"eval_time": at, "alertname": alert, "exp_alerts": []}))
        .collect();
    let test = json!({
        "rule_files": ["rules.yaml"], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": expected}],
    });
    promtool(&["test", "rules"], &[("rules.yaml", rules), ("test.yaml", &test)]).map(drop)
}

#[test]
fn each_alert_goes_off_for_its_reason_and_not_otherwise() {
    let rules = rules();
    let all: Vec<(&str, &str)> = cases().iter().map(|case| (case.alert, case.at)).collect();
    silent(&rules, &all, &sound()).unwrap();
    for Case { alert, at, series } in cases() {
        let names: Vec<&Value> = series.iter().map(|one| &one["series"]).collect();
        let others = sound().into_iter().filter(|one| !names.contains(&&one["series"]));
        let troubled: Vec<Value> = others.chain(series.iter().cloned()).collect();
        // It names the alert and what it got instead of nothing.
        let said = silent(&rules, &[(alert, at)], &troubled).unwrap_err();
        assert!(said.contains(alert) && said.contains("got:"), "{alert}: {said}");
    }
}

#[test]
fn each_alert_has_a_case() {
    let rules = rules();
    let named = items_at(&rules, "/groups/0/rules").iter().map(|rule| text_at(rule, "/alert"));
    let tried: Vec<&str> = cases().iter().map(|case| case.alert).collect();
    for alert in named {
        assert!(tried.contains(&alert), "{alert} was never seen to go off");
    }
}

/// Returns the names of metrics in the expressions.
pub(crate) fn metrics() -> Vec<String> {
    let rules = rules();
    let expressions = items_at(&rules, "/groups/0/rules").iter().map(|rule| text_at(rule, "/expr"));
    let words =
        expressions.flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.filter(|word| word.starts_with("antre_")).map(str::to_owned).collect()
}
