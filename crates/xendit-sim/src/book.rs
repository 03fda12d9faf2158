//! The invoices of all accounts.
//!
//! Nothing is O(n) per request: invoices are found by id and by account and external id. They are
//! kept until the simulator stops.

mod draft;
mod form;
mod invoice;
mod payment;
mod query;
mod shape;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rand::Rng;
use serde::{Deserialize, Serialize};

pub(crate) use self::draft::Draft;
pub use self::invoice::{Invoice, Status};
pub(crate) use self::query::ListQuery;
use crate::account::Account;
use crate::clock::{Moment, micros};

/// How many external ids with several payable invoices a summary names.
const OFFENDERS_MAX: usize = 20;

/// The invoice is paid or expired already, or there is none with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no pending invoice has this id")]
pub struct NotPending;

/// Payable (pending, paid or settled) invoices per account and external id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payable {
    /// External ids all of whose invoices have expired.
    pub external_ids_with_none: u64,
    /// External ids with exactly one.
    pub external_ids_with_one: u64,
    /// External ids with more than one.
    pub external_ids_with_several: u64,
    /// The first 20 of those with more than one, in order of their first invoice.
    pub offenders: Vec<Offender>,
}

/// An external id with several payable invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    /// The account ([`account_of`](crate::account_of)).
    pub account: Arc<str>,
    /// The external id.
    pub external_id: Arc<str>,
    /// How many of its invoices are payable.
    pub payable: u64,
}

#[derive(Debug)]
pub(crate) struct Book {
    invoices: Vec<Invoice>,
    by_id: HashMap<Arc<str>, usize>,
    shelves: HashMap<Account, Shelf>,
    /// Five bytes of every id, as in a Mongo `ObjectId`.
    process: u64,
}

/// The invoices of one account, as places in `Book::invoices`, oldest first.
#[derive(Debug, Default)]
struct Shelf {
    all: Vec<usize>,
    by_external_id: HashMap<Arc<str>, Vec<usize>>,
}

impl Book {
    pub(crate) fn new(random: &mut impl Rng) -> Self {
        Self {
            invoices: Vec::new(),
            by_id: HashMap::new(),
            shelves: HashMap::new(),
            process: random.random_range(0..1 << 40),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.invoices.len()).unwrap_or(u64::MAX)
    }

    /// Makes an invoice. The external id may be in use: it is not unique at Xendit.
    pub(crate) fn create(&mut self, account: &Account, draft: Draft, now: Moment) -> &Invoice {
        let place = self.invoices.len();
        let id: Arc<str> =
            format!("{:08x}{:010x}{:06x}", now.wall.timestamp(), self.process, place & 0xff_ffff)
                .into();
        let shelf = self.shelves.entry(Account::clone(account)).or_default();
        shelf.all.push(place);
        shelf.by_external_id.entry(Arc::clone(&draft.external_id)).or_default().push(place);
        self.by_id.insert(Arc::clone(&id), place);
        self.invoices.push(Invoice::new(id, Account::clone(account), draft, now));
        &self.invoices[place]
    }

    /// Finds an invoice of this account by id.
    pub(crate) fn find(&self, account: &str, id: &str) -> Option<&Invoice> {
        let invoice = self.invoices.get(*self.by_id.get(id)?)?;
        (*invoice.account == *account).then_some(invoice)
    }

    /// Finds the newest invoice of this account whose external id is wanted.
    pub(crate) fn newest(
        &self,
        account: &str,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Option<&Invoice> {
        let newest_first = self.shelves.get(account)?.all.iter().rev();
        newest_first
            .filter_map(|place| self.invoices.get(*place))
            .find(|invoice| is_wanted(&invoice.external_id))
    }

    /// Lists newest first what is at least `lag` old.
    pub(crate) fn list(
        &self,
        account: &str,
        query: &ListQuery,
        now: Moment,
        lag: Duration,
    ) -> Vec<&Invoice> {
        let Some(shelf) = self.shelves.get(account) else { return Vec::new() };
        let places = match &query.external_id {
            Some(id) => shelf.by_external_id.get(id.as_str()).map_or(&[][..], Vec::as_slice),
            None => &shelf.all,
        };
        let before = match &query.last_invoice {
            Some(id) => self.by_id.get(id.as_str()).copied(),
            None => Some(usize::MAX),
        };
        let Some(before) = before else { return Vec::new() };
        let end = places.partition_point(|place| *place < before);
        places
            .iter()
            .take(end)
            .rev()
            .filter_map(|place| self.invoices.get(*place))
            .filter(|invoice| invoice.created_us.saturating_add(micros(lag)) <= now.us)
            .filter(|invoice| query.wants(invoice, now.wall))
            .take(query.limit)
            .collect()
    }

    /// Expires a pending invoice of this account, as Xendit does when asked to.
    pub(crate) fn expire(
        &mut self,
        account: &str,
        id: &str,
        now: Moment,
    ) -> Result<&Invoice, NotPending> {
        self.find(account, id).ok_or(NotPending)?;
        self.expire_by_hand(id, now)
    }

    /// Expires a pending invoice of any account, as a person does who sees it.
    pub(crate) fn expire_by_hand(&mut self, id: &str, now: Moment) -> Result<&Invoice, NotPending> {
        self.close(id, now, |invoice| invoice.status = Status::Expired)
    }

    /// Pays a pending invoice of any account.
    pub(crate) fn pay(&mut self, id: &str, now: Moment) -> Result<&Invoice, NotPending> {
        self.close(id, now, |invoice| {
            invoice.status = Status::Paid;
            invoice.paid_at = Some(now.wall);
        })
    }

    /// Lets the time of a pending invoice of any account run out.
    pub(crate) fn run_out(&mut self, id: &str, now: Moment) -> Result<&Invoice, NotPending> {
        self.close(id, now, |invoice| {
            invoice.status = Status::Expired;
            invoice.expiry_date = now.wall - TimeDelta::milliseconds(1);
        })
    }

    fn close(
        &mut self,
        id: &str,
        now: Moment,
        change: impl FnOnce(&mut Invoice),
    ) -> Result<&Invoice, NotPending> {
        let place = *self.by_id.get(id).ok_or(NotPending)?;
        let invoice = self.invoices.get_mut(place).ok_or(NotPending)?;
        if invoice.status_at(now.wall) != Status::Pending {
            return Err(NotPending);
        }
        change(invoice);
        invoice.updated = now.wall;
        Ok(invoice)
    }

    /// Returns all invoices with this external id, of all accounts, oldest first. Without one, the
    /// newest 1,000 of all.
    pub(crate) fn all(&self, external_id: Option<&str>) -> Vec<Invoice> {
        let Some(external_id) = external_id else {
            let skipped = self.invoices.len().saturating_sub(1_000);
            return self.invoices.iter().skip(skipped).cloned().collect();
        };
        let mut places: Vec<usize> = self
            .shelves
            .values()
            .filter_map(|shelf| shelf.by_external_id.get(external_id))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.iter().filter_map(|place| self.invoices.get(*place)).cloned().collect()
    }

    /// Counts the payable invoices of every external id.
    pub(crate) fn payable(&self, now: Moment) -> Payable {
        let mut found = Payable::default();
        let mut offenders: Vec<(usize, Offender)> = Vec::new();
        for (account, shelf) in &self.shelves {
            for (external_id, places) in &shelf.by_external_id {
                let is_payable =
                    |place: &&usize| self.invoices[**place].status_at(now.wall).is_payable();
                match places.iter().filter(is_payable).count() {
                    0 => found.external_ids_with_none += 1,
                    1 => found.external_ids_with_one += 1,
                    several => {
                        found.external_ids_with_several += 1;
                        let offender = Offender {
                            account: Arc::clone(account),
                            external_id: Arc::clone(external_id),
                            payable: u64::try_from(several).unwrap_or(u64::MAX),
                        };
                        offenders.push((places.first().copied().unwrap_or_default(), offender));
                    }
                }
            }
        }
        offenders.sort_unstable_by_key(|(place, _)| *place);
        found.offenders =
            offenders.into_iter().map(|(_, offender)| offender).take(OFFENDERS_MAX).collect();
        found
    }
}

#[cfg(test)]
mod tests;
