use proptest::prelude::*;

use super::*;
use crate::book::Payable;

fn arrival(arrived_us: u64, account: Option<&str>) -> Arrival {
    let mut arrival = Arrival::new(RequestKind::Create, arrived_us, DateTime::UNIX_EPOCH);
    arrival.account = account.map(Arc::from);
    arrival
}

#[test]
fn arrivals_are_numbered_from_one_and_paged_by_sequence() {
    let ledger = Ledger::with_capacity(100);
    for at in 0..10 {
        assert_eq!(ledger.enter(arrival(at, None)), at + 1);
    }
    let page = ledger.page(3, 4);
    let sequences: Vec<u64> = page.arrivals.iter().map(|arrival| arrival.sequence).collect();
    assert_eq!(sequences, [4, 5, 6, 7]);
    assert!(!page.truncated);
    assert!(ledger.page(10, 4).arrivals.is_empty());
}

#[test]
fn a_full_ledger_forgets_the_oldest_and_says_so() {
    let ledger = Ledger::with_capacity(3);
    for at in 0..5 {
        ledger.enter(arrival(at, None));
    }
    ledger.finish(1, Some(429), 9);
    ledger.finish(4, Some(200), 9);
    let page = ledger.page(0, 10);
    assert!(page.truncated);
    let sequences: Vec<u64> = page.arrivals.iter().map(|arrival| arrival.sequence).collect();
    assert_eq!(sequences, [3, 4, 5]);
    assert_eq!(page.arrivals[1].status, Some(200));
    let totals = ledger.totals();
    assert_eq!((totals.requests, totals.finished, totals.count_429), (5, 2, 1));
    assert_eq!((totals.first_us, totals.last_us), (Some(0), Some(4)));
}

#[test]
fn a_summary_counts_each_account_by_itself_and_all_together() {
    let ledger = Ledger::with_capacity(100);
    for (at, account) in [(0, "a"), (400_000, "b"), (600_000, "a"), (1_000_000, "a")] {
        ledger.enter(arrival(at, Some(account)));
    }
    ledger.enter(arrival(600_001, None));
    ledger.finish(2, Some(429), 0);
    let summary = ledger.summarize(Duration::from_secs(1), 3, Payable::default());
    assert_eq!(summary.most_in_any_window, 4);
    assert_eq!(summary.totals.requests, 5);
    assert_eq!(summary.totals.count_429, 1);
    let of = |requests, most_in_any_window, count_429| AccountSummary {
        requests,
        most_in_any_window,
        count_429,
    };
    assert_eq!(summary.accounts[&Arc::from("a")], of(3, 2, 0));
    assert_eq!(summary.accounts[&Arc::from("b")], of(1, 1, 1));
}

#[test]
fn arrivals_exactly_one_window_apart_share_none() {
    assert_eq!(most_in_any_window(&[], 1_000), 0);
    assert_eq!(most_in_any_window(&[5], 1_000), 1);
    assert_eq!(most_in_any_window(&[0, 500, 1_000], 1_000), 2);
    assert_eq!(most_in_any_window(&[0, 500, 999], 1_000), 3);
    assert_eq!(most_in_any_window(&[7, 7, 7], 1), 3);
}

#[tokio::test]
async fn a_waiter_sees_a_change_that_came_before_it_looked() {
    let ledger = Ledger::with_capacity(10);
    let other = ledger.clone();
    let waiter = tokio::spawn(async move {
        other.wait_until(Duration::from_secs(10), |totals| totals.finished == 1).await
    });
    let sequence = ledger.enter(arrival(0, None));
    ledger.finish(sequence, None, 1);
    assert!(waiter.await.unwrap());
    assert!(!ledger.wait_until(Duration::ZERO, |totals| totals.finished == 2).await);
}

proptest! {
    #[test]
    fn the_most_in_any_window_agrees_with_trying_every_window(
        mut arrivals_us in prop::collection::vec(0..300_u64, 0..40),
        window_us in 1..120_u64,
    ) {
        arrivals_us.sort_unstable();
        let shifted: Vec<u64> = arrivals_us.iter().map(|at| at + 200).collect();
        let expected = (0..600)
            .map(|from| shifted.iter().filter(|at| **at > from && **at <= from + window_us).count())
            .max()
            .unwrap_or_default();
        prop_assert_eq!(most_in_any_window(&shifted, window_us), u64::try_from(expected).unwrap());
    }
}
