use super::super::samples::samples;
use super::*;

/// Ten bills that were delivered in the order of submission, except the VIP's: submitted last, delivered
/// third.
fn journal() -> Journal {
    let mut journal = Journal::default();
    let (vips, mut others): (Vec<_>, Vec<_>) = samples(10).into_iter().partition(|it| it.is_vip);
    others.extend(vips.clone());
    for (sample, submitted_ms) in others.into_iter().zip(0..) {
        journal.sent.push(Sent { sample, submitted_ms });
    }
    let mut order: Vec<String> =
        journal.sent.iter().map(|sent| sent.sample.external_id.clone()).collect();
    let vip = order.pop().unwrap();
    order.insert(2, vip);
    for (external_id, ended_ms) in order.into_iter().zip((500..).step_by(500)) {
        journal.note(End {
            external_id,
            state: "done".to_owned(),
            invoice_url: "https://checkout.example/1".to_owned(),
            error_code: String::new(),
            ended_ms,
        });
    }
    journal
}

fn report() -> Report {
    let summary = json!({
        "window_ms": 1_000, "most_in_any_window": 2, "requests": 10, "by_kind": {}, "finished": 10,
        "count_429": 0, "first_us": 1_000_000, "last_us": 5_500_000, "accounts": {}, "created": 10,
        "payable": {
            "external_ids_with_none": 0, "external_ids_with_one": 10,
            "external_ids_with_several": 0, "offenders": [],
        },
        "truncated": false,
    });
    Report {
        journal: journal(),
        summary: serde_json::from_value(summary).unwrap(),
        windows: vec![("2/1s".parse().unwrap(), 2)],
        are_workers_stopped: false,
    }
}

#[test]
fn a_kept_promise_has_no_fault() {
    let report = report();
    assert_eq!(report.faults(), [""; 0]);
    assert!(report.to_string().contains("The promise was kept"));
}

#[test]
fn each_broken_promise_is_a_fault() {
    let mut late = report();
    late.journal.ends.pop();
    let mut double = report();
    double.summary.payable.external_ids_with_several = 1;
    let mut fast = report();
    fast.windows = vec![("2/1s".parse().unwrap(), 3)];
    let mut refused = report();
    refused.summary.totals.count_429 = 1;
    for broken in [late, double, fast, refused] {
        assert_eq!(broken.faults().len(), 1, "{broken}");
        assert!(broken.to_string().contains("BROKEN"));
    }
}

#[test]
fn a_stopped_worker_may_send_one_request_late_and_no_more() {
    let stopped = |most| Report {
        windows: vec![("2/1s".parse().unwrap(), most)],
        are_workers_stopped: true,
        ..report()
    };
    assert!(stopped(3).faults().is_empty());
    assert_eq!(stopped(4).faults().len(), 1);
}

#[test]
fn the_table_shows_whom_a_vip_overtook() {
    let table = report().table().to_string();
    let vip = table.lines().find(|line| line.contains(" high ")).unwrap();
    assert!(vip.starts_with("3 "), "{table}");
    assert!(vip.contains("  7  "), "{table}");
}

#[test]
fn the_json_names_every_figure() {
    let json = report().to_json();
    assert_eq!(json["requests"], 10);
    assert_eq!(json["duration_ms"], 4_500);
    assert_eq!(json["links"], 10);
    assert_eq!(json["windows"][0]["limit"], "2/1s");
}
