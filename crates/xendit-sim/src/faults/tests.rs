use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::*;

fn target(kind: RequestKind, external_id: Option<&str>) -> Target<'_> {
    Target { kind, external_id, account: "a", key: "k", listener: 1 }
}

fn strike(script: &Script, kind: RequestKind, external_id: &str) -> Plan {
    script.strike(target(kind, Some(external_id)), &mut StdRng::seed_from_u64(1))
}

fn fault(json: &Value) -> Fault {
    serde_json::from_value(json.clone()).unwrap()
}

#[test]
fn a_fault_strikes_only_the_requests_it_names() {
    let script = Script::default();
    script
        .add(fault(&json!({ "on": "create", "external_id": "INV-7", "act": { "type": "reset" } })))
        .unwrap();
    assert_eq!(strike(&script, RequestKind::Create, "INV-7").act, Some(Act::Reset));
    assert_eq!(strike(&script, RequestKind::Create, "INV-70").act, None);
    assert_eq!(strike(&script, RequestKind::List, "INV-7").act, None);
    let nameless = target(RequestKind::Create, None);
    assert_eq!(script.strike(nameless, &mut StdRng::seed_from_u64(1)).act, None);
}

#[test]
fn a_prefix_and_an_account_narrow_a_fault() {
    let script = Script::default();
    script
        .add(fault(&json!({ "external_id_prefix": "INV-", "act": { "type": "close" } })))
        .unwrap();
    script.add(Fault::always(Act::Reset).for_account("b")).unwrap();
    assert_eq!(strike(&script, RequestKind::Create, "INV-7").act, Some(Act::Close));
    assert_eq!(strike(&script, RequestKind::Create, "OTHER").act, None);
}

#[test]
fn a_key_and_a_listener_narrow_a_fault() {
    let one = |fault: Fault| {
        let script = Script::default();
        script.add(fault).unwrap();
        strike(&script, RequestKind::Create, "a").act.is_some()
    };
    let fault = |key: &str| Fault { key: Some(key.to_owned()), ..Fault::always(Act::Reset) };
    assert!(one(fault("k")));
    assert!(!one(fault("l")));
    assert!(one(Fault::always(Act::Reset).at_listener(1)));
    assert!(!one(Fault::always(Act::Reset).at_listener(2)));
}

#[test]
fn a_fault_is_gone_after_its_times() {
    let script = Script::default();
    script.add(Fault::always(Act::status(503)).times(2)).unwrap();
    assert!(strike(&script, RequestKind::Create, "a").act.is_some());
    assert_eq!(script.list()[0].fault.times, Some(1));
    assert!(strike(&script, RequestKind::Create, "a").act.is_some());
    assert_eq!(strike(&script, RequestKind::Create, "a"), Plan::default());
    assert!(script.list().is_empty());
}

#[test]
fn delays_add_up_and_of_the_other_acts_the_first_strikes() {
    let script = Script::default();
    for act in [Act::Delay { ms: 5 }, Act::DelayAnswer { ms: 7 }, Act::Delay { ms: 6 }] {
        script.add(Fault::always(act)).unwrap();
    }
    script.add(Fault::always(Act::Garbage).times(1).after_creation()).unwrap();
    script.add(Fault::always(Act::Reset).times(1)).unwrap();
    let plan = strike(&script, RequestKind::Create, "a");
    assert_eq!(plan.before_effect, Duration::from_millis(11));
    assert_eq!(plan.after_effect, Duration::from_millis(7));
    assert_eq!((plan.act, plan.is_after_creation), (Some(Act::Garbage), true));
    assert_eq!(plan.name, Some("garbage"));
    assert_eq!(strike(&script, RequestKind::Create, "a").act, Some(Act::Reset));
    assert_eq!(strike(&script, RequestKind::Create, "a").name, Some("delay"));
}

#[test]
fn a_probability_strikes_now_and_then() {
    let script = Script::default();
    script.add(Fault::always(Act::Reset).with_probability(0.25)).unwrap();
    let mut random = StdRng::seed_from_u64(3);
    let struck = (0..4_000)
        .filter(|_| script.strike(target(RequestKind::List, None), &mut random).act.is_some())
        .count();
    assert!((850..1_150).contains(&struck), "{struck}");
}

#[test]
fn faults_are_removed_one_by_one_or_all() {
    let script = Script::default();
    let first = script.add(Fault::always(Act::Reset)).unwrap();
    let second = script.add(Fault::always(Act::Close)).unwrap();
    assert!(script.remove(first));
    assert!(!script.remove(first));
    assert_eq!(script.list().iter().map(|scripted| scripted.id).collect::<Vec<_>>(), [second]);
    script.clear();
    assert!(script.list().is_empty());
}

#[test]
fn every_act_is_written_and_read_with_its_name() {
    for json in [
        json!({ "type": "status", "status": 429, "body": "empty",
                "headers": { "retry-after": "3", "rate-limit-reset": null } }),
        json!({ "type": "status", "status": 502, "body": { "html": "<h1>Bad Gateway</h1>" } }),
        json!({ "type": "hang", "max_ms": 1_000 }),
        json!({ "type": "reset" }),
        json!({ "type": "close" }),
        json!({ "type": "delay", "ms": 1 }),
        json!({ "type": "delay_answer", "ms": 1 }),
        json!({ "type": "truncate", "bytes": 10 }),
        json!({ "type": "garbage" }),
        json!({ "type": "no_id" }),
        json!({ "type": "unknown_status" }),
        json!({ "type": "alter", "fields": { "amount": 1, "invoice_url": null } }),
        json!({ "type": "other_invoice" }),
        json!({ "type": "other_invoice", "external_id": "INV-8" }),
        json!({ "type": "ignore_filters", "limit": 20 }),
        json!({ "type": "other_account", "account": "brand:live" }),
        json!({ "type": "pad", "bytes": 67_108_864 }),
        json!({ "type": "late_creation", "ms": 1, "status": 504 }),
        json!({ "type": "slow_body", "bytes": 1, "interval_ms": 1 }),
    ] {
        let act: Act = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(act.name(), json["type"].as_str().unwrap());
        assert_eq!(serde_json::to_value(&act).unwrap(), json);
        Fault::always(act).check().unwrap();
    }
}

#[test]
fn a_fault_that_cannot_happen_is_refused_by_its_reason() {
    let refused = |json: Value| fault(&json).check().unwrap_err();
    let status = |status: u16| json!({ "act": { "type": "status", "status": status } });
    assert_eq!(refused(status(101)), FaultError::Status(101));
    assert_eq!(refused(status(600)), FaultError::Status(600));
    assert_eq!(
        refused(json!({ "act": { "type": "status", "status": 200, "headers": { "a b": "c" } } })),
        FaultError::Header("a b".to_owned())
    );
    assert_eq!(
        refused(json!({ "probability": 1.5, "act": { "type": "reset" } })),
        FaultError::Probability
    );
    assert_eq!(
        refused(json!({ "times": 0, "act": { "type": "reset" } })),
        FaultError::Zero("times")
    );
    assert_eq!(
        refused(json!({ "act": { "type": "delay", "ms": 300_001 } })),
        FaultError::Wait(300_001)
    );
    assert_eq!(
        refused(json!({ "act": { "type": "slow_body", "bytes": 0, "interval_ms": 1 } })),
        FaultError::Zero("bytes")
    );
    assert_eq!(
        refused(json!({ "act": { "type": "ignore_filters", "limit": 0 } })),
        FaultError::Zero("limit")
    );
    assert_eq!(
        refused(json!({ "act": { "type": "pad", "bytes": 67_108_865 } })),
        FaultError::Long(67_108_865)
    );
    let unknown = json!({ "on": "create", "time": 3, "act": { "type": "reset" } });
    assert!(serde_json::from_value::<Fault>(unknown).is_err());
}
