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
            state: Some(EndState::Done),
            invoice_url: Some("https://checkout.example/1".to_owned()),
            error_code: None,
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
    let summary = serde_json::from_value(summary).unwrap();
    Report::new(&journal(), &summary, vec![("2/1s".parse().unwrap(), 2)], false)
}

#[test]
fn a_kept_promise_has_no_fault() {
    assert_eq!(report().faults(), [""; 0]);
}

#[test]
fn each_broken_promise_is_a_fault() {
    let late = Report { links: 9, ..report() };
    let double = Report { duplicates: 1, ..report() };
    let fast = Report { windows: vec![("2/1s".parse().unwrap(), 3)], ..report() };
    let refused = Report { count_429: 1, ..report() };
    for broken in [late, double, fast, refused] {
        assert_eq!(broken.faults().len(), 1, "{broken:?}");
    }
}

#[test]
fn a_bill_without_a_link_is_counted_as_such() {
    let mut journal = journal();
    journal.ends[0].state = Some(EndState::Dead);
    journal.ends[1].invoice_url = None;
    journal.ends.pop();
    let summary = json!({
        "window_ms": 1_000, "most_in_any_window": 0, "requests": 0, "by_kind": {}, "finished": 0,
        "count_429": 0, "first_us": null, "last_us": null, "accounts": {}, "created": 0,
        "payable": {
            "external_ids_with_none": 0, "external_ids_with_one": 0,
            "external_ids_with_several": 0, "offenders": [],
        },
        "truncated": false,
    });
    let summary = serde_json::from_value(summary).unwrap();
    let report = Report::new(&journal, &summary, Vec::new(), false);
    assert_eq!((report.invoices, report.links), (10, 7));
    assert_eq!(report.span, Duration::ZERO);
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
fn the_rows_show_whom_a_vip_overtook() {
    let rows = report().rows;
    let vip = rows.iter().find(|row| row.priority == "high").unwrap();
    assert_eq!((vip.place, vip.overtook), (3, 7));
    assert_eq!(
        (vip.submitted, vip.ended),
        (Duration::from_millis(9), Duration::from_millis(1_500))
    );
    assert!(rows.iter().filter(|row| row.priority != "high").all(|row| row.overtook == 0));
}

#[test]
fn only_the_first_rows_of_ordinary_customers_are_shown() {
    assert_eq!(report().rows.len(), ROWS_MAX + 1);
}

#[test]
fn the_json_names_every_figure() {
    let json = report().to_json();
    assert_eq!(json["requests"], 10);
    assert_eq!(json["duration_ms"], 4_500);
    assert_eq!(json["links"], 10);
    assert_eq!(json["windows"][0]["limit"], "2/1s");
    assert_eq!(json["vip_delivered_after_ms"]["most"], 1_491);
}
