//! What the gateway keeps of one account while the process lives.

use std::sync::Arc;

use antre_store::Queue;

use crate::{outlook::Outlook, placing::Placings, reads::Reads, waits::Waits};

/// One account's queue, and those who wait for its jobs.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) queue: Queue,
    pub(crate) waits: Arc<Waits>,
    pub(crate) placings: Arc<Placings>,
    pub(crate) outlook: Outlook,
    pub(crate) reads: Arc<Reads>,
}

impl Line {
    pub(crate) fn new(queue: Queue) -> Arc<Self> {
        let waits = Waits::new(queue.clone());
        let placings = Placings::new(queue.clone(), Arc::clone(&waits));
        let (outlook, reads) = (Outlook::new(queue.clone()), Reads::new(queue.clone()));
        Arc::new(Self { queue, waits, placings, outlook, reads })
    }
}
