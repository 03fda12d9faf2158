//! Reads and expiries at Xendit, which the account's workers send at the account's pace.
//!
//! The queue has no lane for them yet, so each is told that it is still queued.

use antre_store::Queue;

use crate::answer::{Answer, Trouble};

/// What is asked of Xendit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ReadKind {
    /// One invoice.
    Get { id: String },
    /// Invoices that a query chooses, byte for byte as it came.
    List { query: String },
    /// The end of one invoice.
    Expire { id: String },
}

/// The reads of an account.
#[derive(Debug)]
pub(crate) struct Reads {
    #[expect(dead_code, reason = "the lane's queue, once there is one")]
    queue: Queue,
}

impl Reads {
    pub(crate) fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Returns Xendit's answer to a read.
    pub(crate) async fn ask(&self, _kind: ReadKind) -> Answer {
        let reason = "this version sends no reads to Xendit yet".to_owned();
        Trouble::StillQueued { reason, estimated_wait_s: None }.into()
    }
}
