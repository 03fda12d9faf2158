//! The ledger: every request that reached the simulator, with the instant of its first byte.
//!
//! Bounded: beyond its capacity the oldest arrivals are forgotten; the totals keep counting them.

mod summary;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Notify;

pub use self::summary::{AccountSummary, Summary, most_in_any_window};
use crate::api::RequestKind;
use crate::locked::locked;

/// One request that reached the simulator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// Counts from 1, in the order in which request heads were read.
    pub sequence: u64,
    /// When the first byte of the request was read, in microseconds since the simulator started.
    pub arrived_us: u64,
    /// The same instant on the wall clock.
    pub arrived_at: DateTime<Utc>,
    /// The account of the key ([`Running::account_of`](crate::Running::account_of)); none if the key
    /// was refused.
    pub account: Option<Arc<str>>,
    /// The name of the key ([`account_of`](crate::account_of)); none if the key was refused.
    #[serde(default)]
    pub key: Option<Arc<str>>,
    /// The number of the listener that it came by ([`Listener`](crate::Listener)).
    #[serde(default)]
    pub listener: u32,
    /// The HTTP method; empty if the head was unreadable.
    pub method: String,
    /// What was asked for.
    pub kind: RequestKind,
    /// The external id: of the body, of the list's filter, or of the invoice named by its id.
    pub external_id: Option<Arc<str>>,
    /// The invoice that was made, read or expired, even if the answer never said so.
    pub invoice_id: Option<Arc<str>>,
    /// The metadata of a create request.
    pub metadata: Option<Arc<Map<String, Value>>>,
    /// The status answered; none while unanswered, or if there never was an answer.
    pub status: Option<u16>,
    /// The act of the scripted fault that struck.
    pub fault: Option<Cow<'static, str>>,
    /// Whether the connection ended before the answer began, perhaps in the middle of the request,
    /// and not by a fault.
    pub is_client_gone: bool,
    /// When the answer (or, under a fault, the silence) began.
    pub finished_us: Option<u64>,
}

impl Arrival {
    pub(crate) fn new(kind: RequestKind, arrived_us: u64, arrived_at: DateTime<Utc>) -> Self {
        Self {
            sequence: 0,
            arrived_us,
            arrived_at,
            account: None,
            key: None,
            listener: 1,
            method: String::new(),
            kind,
            external_id: None,
            invoice_id: None,
            metadata: None,
            status: None,
            fault: None,
            is_client_gone: false,
            finished_us: None,
        }
    }
}

/// What was counted since the start, whatever the ledger has forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// All requests, even unreadable ones.
    pub requests: u64,
    /// Requests by what they asked for.
    pub by_kind: BTreeMap<RequestKind, u64>,
    /// Requests whose answer, or lack of one, has begun.
    pub finished: u64,
    /// Answers with status 429, by the limit or by a fault.
    pub count_429: u64,
    /// The first arrival.
    pub first_us: Option<u64>,
    /// The last arrival.
    pub last_us: Option<u64>,
}

/// A stretch of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Arrivals, ascending by sequence.
    pub arrivals: Vec<Arrival>,
    /// Whether the ledger has forgotten arrivals.
    pub truncated: bool,
}

/// A handle to the ledger; clones show the same one, also after the simulator has stopped.
#[derive(Debug, Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    book: Mutex<Entries>,
    changed: Notify,
}

#[derive(Debug)]
struct Entries {
    arrivals: VecDeque<Arrival>,
    capacity: usize,
    totals: Totals,
}

impl Ledger {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let entries = Entries {
            arrivals: VecDeque::new(),
            capacity: capacity.max(1),
            totals: Totals::default(),
        };
        Self { shared: Arc::new(Shared { book: Mutex::new(entries), changed: Notify::new() }) }
    }

    /// Enters an arrival and returns its sequence.
    pub(crate) fn enter(&self, mut arrival: Arrival) -> u64 {
        let sequence = {
            let mut book = locked(&self.shared.book);
            let totals = &mut book.totals;
            totals.requests += 1;
            *totals.by_kind.entry(arrival.kind).or_default() += 1;
            let at = arrival.arrived_us;
            totals.first_us = Some(totals.first_us.map_or(at, |first| first.min(at)));
            totals.last_us = Some(totals.last_us.map_or(at, |last| last.max(at)));
            arrival.sequence = totals.requests;
            if book.arrivals.len() >= book.capacity {
                book.arrivals.pop_front();
            }
            book.arrivals.push_back(arrival);
            book.totals.requests
        };
        self.shared.changed.notify_waiters();
        sequence
    }

    /// Adds what became known of an arrival, unless it is forgotten already.
    pub(crate) fn amend(&self, sequence: u64, amend: impl FnOnce(&mut Arrival)) {
        if let Some(arrival) = locked(&self.shared.book).find(sequence) {
            amend(arrival);
        }
    }

    /// Notes that the answer began, or with no status that the silence did.
    pub(crate) fn finish(&self, sequence: u64, status: Option<u16>, at_us: u64) {
        {
            let mut book = locked(&self.shared.book);
            book.totals.finished += 1;
            book.totals.count_429 += u64::from(status == Some(429));
            if let Some(arrival) = book.find(sequence) {
                arrival.status = status;
                arrival.finished_us = Some(at_us);
            }
        }
        self.shared.changed.notify_waiters();
    }

    /// Returns the arrivals after a sequence, at most `limit` of them.
    pub fn page(&self, after: u64, limit: usize) -> Page {
        let book = locked(&self.shared.book);
        let skipped = after.saturating_sub(book.forgotten());
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let arrivals = book.arrivals.iter().skip(skipped).take(limit).cloned().collect();
        Page { arrivals, truncated: book.forgotten() > 0 }
    }

    /// Returns all arrivals that the ledger still holds.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.page(0, usize::MAX).arrivals
    }

    /// Returns what was counted since the start.
    pub fn totals(&self) -> Totals {
        locked(&self.shared.book).totals.clone()
    }

    /// Waits until the totals satisfy a condition. Returns whether they did within the limit.
    pub async fn wait_until(&self, limit: Duration, condition: impl Fn(&Totals) -> bool) -> bool {
        let satisfied = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                // Listen before looking, or a change between the two would go unnoticed.
                changed.as_mut().enable();
                if condition(&locked(&self.shared.book).totals) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(limit, satisfied).await.is_ok()
    }

    /// Returns when and for which account each arrival came, in the order of their heads.
    fn instants(&self) -> Instants {
        let book = locked(&self.shared.book);
        let instants = |arrival: &Arrival| Instant {
            arrived_us: arrival.arrived_us,
            account: arrival.account.clone(),
            is_429: arrival.status == Some(429),
        };
        Instants {
            of_arrivals: book.arrivals.iter().map(instants).collect(),
            totals: book.totals.clone(),
            truncated: book.forgotten() > 0,
        }
    }
}

/// What a summary needs of the ledger, copied so that it is not held meanwhile.
struct Instants {
    of_arrivals: Vec<Instant>,
    totals: Totals,
    truncated: bool,
}

struct Instant {
    arrived_us: u64,
    account: Option<Arc<str>>,
    is_429: bool,
}

impl Entries {
    fn forgotten(&self) -> u64 {
        self.totals.requests - u64::try_from(self.arrivals.len()).unwrap_or(u64::MAX)
    }

    fn find(&mut self, sequence: u64) -> Option<&mut Arrival> {
        let place = sequence.checked_sub(self.forgotten() + 1)?;
        self.arrivals.get_mut(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests;
