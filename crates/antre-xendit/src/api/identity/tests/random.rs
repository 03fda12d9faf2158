//! What holds for every bill and every list.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::listing::is_ours;
use super::*;

fn any_bill() -> impl Strategy<Value = ExpectedBill> {
    let ids = vec!["a", "b", "c", "d", "e"];
    let one = prop::option::of(select(ids.clone()));
    let some = subsequence(ids, 0..=5);
    let closed_before_ms = prop::option::of(FIRST_SENT_MS..FIRST_SENT_MS + 6);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (one, some, closed_before_ms, flags).prop_map(|(recorded, past, closed_before_ms, flags)| {
        let (was_sent, check_first, is_recheck) = flags;
        ExpectedBill {
            recorded: recorded.map(str::to_owned),
            closed_invoices: past.into_iter().map(str::to_owned).collect(),
            first_sent_ms: was_sent.then_some(FIRST_SENT_MS + 1),
            closed_before_ms,
            check_first,
            is_recheck,
            ..bill()
        }
    })
}

fn any_list() -> impl Strategy<Value = Vec<InvoiceView>> {
    let whose = select(vec!["ours", "ours", "theirs", "bare"]);
    let status = select(vec!["PENDING", "PENDING", "PAID", "SETTLED", "EXPIRED", "NEW"]);
    let amount = select(vec!["", " other"]);
    let described = prop::collection::vec((whose, status, amount), 0..=5);
    let list = described.prop_map(|described| {
        let lines = "abcde".chars().zip(described);
        lines
            .map(|(id, (whose, status, amount))| invoice(&format!("{id} {whose} {status}{amount}")))
            .collect::<Vec<_>>()
    });
    list.prop_shuffle()
}

proptest! {
    #[test]
    fn the_order_of_the_list_does_not_matter_nor_do_repetitions(
        bill in any_bill(), list in any_list(), is_complete in any::<bool>(),
    ) {
        let mut sorted = list.clone();
        sorted.sort_by(|one, other| one.id.cmp(&other.id));
        let repeated: Vec<InvoiceView> = list.iter().chain(&sorted).cloned().collect();
        let verdict = identify(&bill, &list, is_complete);
        prop_assert_eq!(&verdict, &identify(&bill, &sorted, is_complete));
        prop_assert_eq!(&verdict, &identify(&bill, &repeated, is_complete));
    }

    #[test]
    fn nothing_but_payable_invoices_of_ours_is_ever_expired(bill in any_bill(), list in any_list()) {
        let verdict = identify(&bill, &list, true);
        let mut expired = verdict.surplus.clone();
        if let Decision::ExpireFirst { invoice_id } = &verdict.decision {
            expired.push(invoice_id.clone());
        }
        let shows_metadata = list.iter().any(|invoice| invoice.metadata != Metadata::Absent);
        for id in &expired {
            let invoice = list.iter().find(|invoice| invoice.id == *id).expect("a listed one");
            prop_assert!(is_ours(&bill, invoice, shows_metadata));
            prop_assert_eq!(&invoice.status, &InvoiceStatus::Pending);
        }
        if let Decision::Adopt(kept) = &verdict.decision {
            prop_assert!(!expired.contains(&kept.id));
        }
    }

    #[test]
    fn at_most_one_invoice_of_ours_stays_payable(bill in any_bill(), list in any_list()) {
        let verdict = identify(&bill, &list, true);
        let is_marked = |one: &&InvoiceView| matches!(one.metadata, Metadata::Marker(_));
        let payable = list.iter().filter(is_marked).filter(|one| one.status == InvoiceStatus::Pending);
        let left = payable.filter(|invoice| !verdict.surplus.contains(&invoice.id)).count();
        match &verdict.decision {
            Decision::Adopt(kept) => {
                let is_kept = kept.status == InvoiceStatus::Pending && is_marked(&kept);
                prop_assert_eq!(left, usize::from(is_kept));
            }
            Decision::ExpireFirst { invoice_id } => {
                let is_it = |one: &InvoiceView| one.id == *invoice_id;
                prop_assert!(list.iter().any(|one| is_it(one) && one.status == InvoiceStatus::Pending));
            }
            // What stands may have been delivered.
            Decision::Dead { reason: DeadReason::Conflict, .. } => prop_assert!(bill.is_recheck),
            Decision::Absent | Decision::Dead { .. } => prop_assert_eq!(left, 0),
        }
    }

    #[test]
    fn nothing_is_created_beside_an_invoice_of_ours_that_is_alive(
        bill in any_bill(), list in any_list(),
    ) {
        let verdict = identify(&bill, &list, true);
        let is_ours_alive = |one: &InvoiceView| {
            matches!(one.metadata, Metadata::Marker(_)) && one.status != InvoiceStatus::Expired
        };
        if list.iter().any(is_ours_alive) {
            prop_assert_ne!(verdict.decision, Decision::Absent);
        } else if let Decision::Adopt(kept) = verdict.decision {
            let is_bare = kept.metadata == Metadata::Absent && bill.first_sent_ms.is_some();
            let is_recorded = bill.recorded.as_ref() == Some(&kept.id);
            prop_assert!(bill.check_first || is_recorded || is_bare);
        }
    }

    #[test]
    fn a_recheck_never_expires_the_recorded_invoice_unless_the_bill_was_paid_otherwise(
        bill in any_bill(), list in any_list(),
    ) {
        let bill = ExpectedBill { is_recheck: true, ..bill };
        let verdict = identify(&bill, &list, true);
        let mut expired = verdict.surplus.clone();
        if let Decision::ExpireFirst { invoice_id } = &verdict.decision {
            expired.push(invoice_id.clone());
        }
        let touches_recorded = bill.recorded.iter().any(|id| expired.contains(id));
        let is_paid = list.iter().any(|invoice| invoice.status.is_paid());
        prop_assert!(is_paid || !touches_recorded, "{:?}", verdict.decision);
    }

    #[test]
    fn a_recheck_creates_nothing_beside_a_recorded_invoice_that_has_not_expired(
        bill in any_bill(), list in any_list(),
    ) {
        let bill = ExpectedBill { is_recheck: true, ..bill };
        let is_standing = |one: &InvoiceView| {
            bill.recorded.as_ref() == Some(&one.id) && one.status != InvoiceStatus::Expired
        };
        if list.iter().any(is_standing) {
            prop_assert_ne!(identify(&bill, &list, true).decision, Decision::Absent);
        }
    }

    #[test]
    fn only_an_expired_invoice_that_is_news_ends_a_job_as_expired(
        bill in any_bill(), list in any_list(),
    ) {
        let verdict = identify(&bill, &list, true);
        let Decision::Dead { reason: DeadReason::ExpiredBeforeDelivery, expired_ids, .. } =
            verdict.decision
        else {
            return Ok(());
        };
        prop_assert!(!bill.is_recheck && !expired_ids.is_empty());
        for id in &expired_ids {
            let invoice = list.iter().find(|one| one.id == *id).expect("a listed one");
            prop_assert_eq!(&invoice.status, &InvoiceStatus::Expired);
            prop_assert!(!bill.closed_invoices.contains(id) && bill.recorded.as_ref() != Some(id));
            prop_assert!(invoice.created_ms >= bill.closed_before_ms);
        }
    }
}
