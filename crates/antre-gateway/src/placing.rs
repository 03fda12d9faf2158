//! Placing a create in the queue: it joins the job that the bill has, or becomes one. One at a time for each bill and
//! process.
//!
//! A placing goes on when its caller leaves, so the process knows which entry it added and adds no second one while no
//! worker has taken the first one in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antre_core::JobResult;
use antre_store::{
    Queue, StoreError,
    gateway::{AskedBill, Joined},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::{
    answer::state_word,
    ending,
    job_text::{JobText, Look},
    recent::Recent,
    waits::Waits,
};

/// The answer to a done job is told again for this long; then Xendit is asked what has become of the invoice.
const INVOICE_REPLAYED: Duration = Duration::from_mins(1);

/// What became of a create.
#[derive(Debug, Clone)]
pub(crate) enum Placed {
    /// Nobody serves the account.
    Unserved,
    /// This job is to be waited for.
    Waiting {
        job: String,
        state: &'static str,
        /// It was there before.
        is_joined: bool,
    },
    /// The job of this bill ended so, a moment ago.
    Ended { job: String, result: Arc<JobResult> },
    /// The bill has an invoice for longer than that.
    Billed { job: String, invoice_id: String },
    /// Another bill has this name.
    Conflict { job: String },
}

/// What is placed, without the body when the entry was added.
pub(crate) struct Placing {
    bill: AskedBill,
    head: String,
    json: String,
    priority: antre_core::Priority,
    look: Look,
    /// The same bill in the same words.
    key: [u8; 32],
}

impl Placing {
    /// Begins every job of a new bill with a look-up if `look` says so.
    pub(crate) fn new(text: &JobText, look: Look) -> Self {
        let json = text.json(look);
        let priority = text.treatment.priority;
        let head = text.head().to_owned();
        Self { bill: text.bill.clone(), key: text.body_digest(), head, json, priority, look }
    }

    /// Those of one flight want exactly the same.
    fn flight(&self, again: Again) -> [u8; 32] {
        let priority = self.priority.as_str();
        let digest = Sha256::new().chain_update(self.key).chain_update(priority);
        digest
            .chain_update([u8::from(self.look == Look::First), u8::from(again == Again::Yes)])
            .finalize()
            .into()
    }
}

/// Whether a done bill becomes a job again, which looks at Xendit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    Yes,
}

type Landed = Option<Result<Placed, StoreError>>;

/// The placings of an account that are under way, and what was added last.
#[derive(Debug)]
pub(crate) struct Placings {
    queue: Queue,
    waits: Arc<Waits>,
    flights: Mutex<HashMap<[u8; 32], watch::Receiver<Landed>>>,
    submitted: Mutex<Recent>,
}

impl Placings {
    pub(crate) fn new(queue: Queue, waits: Arc<Waits>) -> Arc<Self> {
        Arc::new(Self { queue, waits, flights: Mutex::default(), submitted: Mutex::default() })
    }

    /// Places a create, or waits for the same one that is being placed.
    ///
    /// # Errors
    /// Any [`StoreError`]: it may have been taken.
    pub(crate) async fn place(
        self: &Arc<Self>,
        placing: Placing,
        again: Again,
    ) -> Result<Placed, StoreError> {
        let mut landed = self.flight(placing, again);
        let seen = landed.wait_for(Option::is_some).await;
        // It cannot end without a result but by a panic.
        let lost = || StoreError::Reply { what: "placing", detail: "it was lost".to_owned() };
        seen.map_err(|_closed| lost())?.clone().ok_or_else(lost)?
    }

    fn flight(self: &Arc<Self>, placing: Placing, again: Again) -> watch::Receiver<Landed> {
        let key = placing.flight(again);
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(landed) = flights.get(&key).filter(|landed| landed.has_changed().is_ok()) {
            return landed.clone();
        }
        let (sender, landed) = watch::channel(None);
        flights.insert(key, landed.clone());
        drop(flights);
        let placings = Arc::clone(self);
        tokio::spawn(async move {
            let placed = placings.place_alone(&placing, again).await;
            placings.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
            sender.send_replace(Some(placed));
        });
        landed
    }

    async fn place_alone(&self, placing: &Placing, again: Again) -> Result<Placed, StoreError> {
        let submitted = self.submitted().get(&placing.key).map(str::to_owned);
        let head = placing.head.as_bytes();
        match self.queue.join(&placing.bill, head, submitted.as_deref()).await? {
            Joined::Unserved => Ok(Placed::Unserved),
            Joined::New => self.submit(placing).await,
            Joined::Conflict { job } => Ok(Placed::Conflict { job }),
            Joined::Join { job, priority, state } => {
                if priority.is_some_and(|priority| priority < placing.priority) {
                    // The duplicate lifts the first one, whose result has the answer.
                    self.submit(placing).await?;
                }
                Ok(Placed::Waiting { job, state: state_word(state), is_joined: true })
            }
            Joined::Done { .. } if again == Again::Yes => self.submit(placing).await,
            Joined::Done { job, invoice_id, age } => {
                if age.is_some_and(|age| age < INVOICE_REPLAYED)
                    && let Some(result) = self.waits.ended(&job).await?
                    && result.response.is_some()
                {
                    return Ok(Placed::Ended { job, result });
                }
                Ok(Placed::Billed { job, invoice_id })
            }
            Joined::Refused { job, age } => {
                if let Some(age) = age
                    && let Some(result) = self.waits.ended(&job).await?
                    && age < ending::replayed_for(&result)
                {
                    return Ok(Placed::Ended { job, result });
                }
                self.submit(placing).await
            }
        }
    }

    async fn submit(&self, placing: &Placing) -> Result<Placed, StoreError> {
        let ids = self.queue.submit(&[&placing.json]).await?;
        let Some(job) = ids.into_iter().next().flatten() else { return Ok(Placed::Unserved) };
        self.submitted().put(placing.key, job.clone());
        Ok(Placed::Waiting { job, state: state_word(None), is_joined: false })
    }

    fn submitted(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.submitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
