use proptest::prelude::*;

use super::*;
use crate::ledger::most_in_any_window;

fn limits(text: &str) -> Vec<Limit> {
    text.parse::<Limits>().unwrap().0
}

/// Judges every arrival and returns those that passed.
fn passed(limits: &[Limit], arrivals_us: &[u64]) -> Vec<u64> {
    let mut window = Window::default();
    let mut passed = Vec::new();
    for at in arrivals_us {
        if !window.judge(limits, *at).is_refused {
            window.remember(limits, *at);
            passed.push(*at);
        }
    }
    passed
}

#[test]
fn an_arrival_exactly_one_window_after_the_first_passes() {
    let limits = limits("2/1s");
    assert_eq!(passed(&limits, &[0, 0, 1_000_000]), [0, 0, 1_000_000]);
    assert_eq!(passed(&limits, &[0, 0, 999_999]), [0, 0]);
    assert_eq!(passed(&limits, &[0, 500_000, 1_000_000, 1_000_000]), [0, 500_000, 1_000_000]);
}

#[test]
fn an_arrival_judged_late_is_refused_only_if_a_window_would_overflow() {
    let limits = limits("2/1s");
    assert_eq!(passed(&limits, &[500, 1_001_000, 1_000_000]), [500, 1_001_000, 1_000_000]);
    assert_eq!(passed(&limits, &[2_000, 1_001_000, 1_000_000]), [2_000, 1_001_000]);
}

#[test]
fn the_rate_names_what_remains_and_when_the_oldest_leaves() {
    let limits = limits("2/1s");
    let mut window = Window::default();
    let rate = |remaining, reset_us| Some(Rate { limit: 2, remaining, reset_us });
    assert_eq!(window.judge(&limits, 100).rate, rate(1, 1_000_000));
    window.remember(&limits, 100);
    assert_eq!(window.judge(&limits, 400_100).rate, rate(0, 600_000));
    window.remember(&limits, 400_100);
    let refused = Verdict { is_refused: true, rate: rate(0, 500_000) };
    assert_eq!(window.judge(&limits, 500_100), refused);
}

#[test]
fn a_refusal_names_the_limit_that_lasts_longest() {
    let limits = limits("1/1s,2/1m");
    let mut window = Window::default();
    window.remember(&limits, 0);
    window.remember(&limits, 2_000_000);
    let verdict = window.judge(&limits, 2_500_000);
    assert!(verdict.is_refused);
    assert_eq!(verdict.rate, Some(Rate { limit: 2, remaining: 0, reset_us: 57_500_000 }));
}

#[test]
fn without_limits_everything_passes_and_nothing_is_remembered() {
    let mut window = Window::default();
    for at in 0..100 {
        assert_eq!(window.judge(&[], at), Verdict { is_refused: false, rate: None });
        window.remember(&[], at);
    }
    assert!(window.arrivals_us.is_empty());
}

#[test]
fn accounts_have_windows_of_their_own() {
    let gate = Gate::new("1/1s".parse().unwrap(), false, false);
    let is_refused =
        |account: &str, at| gate.judge(&account.into(), RequestKind::Create, at).is_refused;
    assert!(!is_refused("a", 0));
    assert!(!is_refused("b", 0));
    assert!(is_refused("a", 1));
}

#[test]
fn endpoints_share_the_windows_unless_told_otherwise() {
    let account: Account = "a".into();
    for (per_endpoint, is_refused) in [(false, true), (true, false)] {
        let gate = Gate::new("1/1s".parse().unwrap(), per_endpoint, false);
        assert!(!gate.judge(&account, RequestKind::Create, 0).is_refused);
        assert_eq!(gate.judge(&account, RequestKind::List, 1).is_refused, is_refused);
    }
}

#[test]
fn refused_requests_fill_the_window_only_when_told_so() {
    let account: Account = "a".into();
    for (count, is_refused) in [(false, false), (true, true)] {
        let gate = Gate::new("1/1s".parse().unwrap(), false, count);
        assert!(!gate.judge(&account, RequestKind::Create, 0).is_refused);
        assert!(gate.judge(&account, RequestKind::Create, 900_000).is_refused);
        assert_eq!(gate.judge(&account, RequestKind::Create, 1_000_000).is_refused, is_refused);
    }
}

proptest! {
    #[test]
    fn no_window_holds_more_than_its_limit_whatever_the_order(
        mut arrivals_us in prop::collection::vec(0..5_000_000_u64, 1..200),
        swaps in prop::collection::vec(0..199_usize, 0..50),
    ) {
        arrivals_us.sort_unstable();
        for at in swaps {
            if at + 1 < arrivals_us.len() {
                // Swap neighbours only as far apart as the gate's memory of disorder allows.
                let gap = arrivals_us[at + 1].saturating_sub(arrivals_us[at]);
                if gap < 10_000 {
                    arrivals_us.swap(at, at + 1);
                }
            }
        }
        let mut passed = passed(&limits("2/1s,5/2s"), &arrivals_us);
        passed.sort_unstable();
        prop_assert!(most_in_any_window(&passed, 1_000_000) <= 2);
        prop_assert!(most_in_any_window(&passed, 2_000_000) <= 5);
    }

    #[test]
    fn waiting_for_the_reset_of_a_refusal_always_suffices(
        mut arrivals_us in prop::collection::vec(0..3_000_000_u64, 1..60),
    ) {
        let limits = limits("2/1s,5/2s");
        arrivals_us.sort_unstable();
        let mut window = Window::default();
        for at in arrivals_us {
            let verdict = window.judge(&limits, at);
            if verdict.is_refused {
                let reset_us = verdict.rate.unwrap().reset_us;
                prop_assert!(reset_us > 0);
                prop_assert!(window.judge(&limits, at + reset_us - 1).is_refused);
                prop_assert!(!window.judge(&limits, at + reset_us).is_refused);
            } else {
                window.remember(&limits, at);
            }
        }
    }
}
