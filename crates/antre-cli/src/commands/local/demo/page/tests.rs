use std::time::Duration;

use super::*;

fn report() -> Report {
    let vip = Row {
        place: 3,
        external_id: "DEMO-5".to_owned(),
        customer: "Siti Rahayu".to_owned(),
        priority: "high",
        submitted: Duration::from_millis(250),
        ended: Duration::from_millis(1_500),
        overtook: 7,
        outcome: "https://checkout.example/1".to_owned(),
    };
    let first = Row { place: 1, overtook: 0, priority: "normal", ..vip.clone() };
    Report {
        invoices: 10,
        links: 10,
        requests: 11,
        windows: vec![("2/1s".parse().unwrap(), 2)],
        count_429: 0,
        duplicates: 0,
        span: Duration::from_millis(4_500),
        vip_delays_ms: vec![1_250],
        other_delays_ms: Vec::new(),
        rows: vec![first, vip],
        are_workers_stopped: false,
    }
}

#[test]
fn the_page_shows_every_figure_and_that_the_promise_was_kept() {
    let page = draw(&report());
    for line in [
        "  requests           11\n",
        "  most in any 1s     2  (limit 2/1s)\n",
        "  refused with 429   0\n",
        "  duplicates         0\n",
        "  links delivered    10 of 10\n",
        "  time               4.5s, from the first request to the last\n",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert!(
        page.contains("The promise was kept: one payable invoice per bill, never over the limit.")
    );
}

#[test]
fn a_broken_promise_is_shown_with_its_fault() {
    let page = draw(&Report { duplicates: 1, ..report() });
    assert!(page.ends_with("BROKEN:\n  1 bills have more than one payable invoice"), "{page}");
}

#[test]
fn the_table_shows_whom_a_vip_overtook_and_leaves_a_zero_out() {
    let page = draw(&report());
    let vip = page.lines().find(|line| line.contains(" high ")).unwrap();
    assert!(vip.starts_with("3 ") && vip.contains("  7  "), "{page}");
    let normal = page.lines().find(|line| line.contains(" normal ")).unwrap();
    assert!(!normal.contains(" 0 "), "{page}");
}

#[test]
fn a_demo_with_suspended_workers_says_what_that_allows() {
    let page = draw(&Report { are_workers_stopped: true, ..report() });
    assert!(page.contains("one request more than its limit"), "{page}");
    assert!(!draw(&report()).contains("suspended"));
}
