//! The header `Idempotency-key` of creates, for those who want to know what would happen if Xendit knew it.
//!
//! Xendit's documentation has it for payouts and customers and not for invoices, so it is ignored unless
//! the simulator is told otherwise. Then it does what that documentation says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use crate::account::Account;
use crate::locked::locked;
use crate::refusal::Refusal;

/// The names in use; the second one is that of older SDKs.
const NAMES: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// Whether creates with an idempotency key are told apart. In text `off` or `on`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum IdempotencyHeader {
    /// The header is ignored: each create makes an invoice.
    #[default]
    Off,
    /// A key that comes again with the same body gets the first answer; with another body it is refused
    /// (400 `DUPLICATE_ERROR`).
    On,
}

/// A create's key, and the body it came with.
#[derive(Debug, Clone)]
pub(crate) struct IdempotencyKey {
    key: Arc<str>,
    body: Bytes,
}

impl IdempotencyKey {
    /// Returns the name that a request gives itself.
    pub(crate) fn name(headers: &HeaderMap) -> Option<Arc<str>> {
        let mut values = NAMES.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
        values.find(|value| !value.trim().is_empty()).map(|value| value.trim().into())
    }

    pub(crate) fn new(key: Arc<str>, body: Bytes) -> Self {
        Self { key, body }
    }
}

/// The creates that had a key, with their answers.
#[derive(Debug)]
pub(crate) struct Replays {
    header: IdempotencyHeader,
    answers: Mutex<Answers>,
}

/// By account and key: the body, and what was answered.
type Answers = HashMap<(Account, Arc<str>), (Bytes, Value)>;

impl Replays {
    pub(crate) fn new(header: IdempotencyHeader) -> Self {
        Self { header, answers: Mutex::default() }
    }

    /// Returns the answer that this key had before; without one, that of `create`.
    ///
    /// # Errors
    /// A refusal if the key came with another body before.
    pub(crate) fn answer(
        &self,
        account: &Account,
        key: Option<&IdempotencyKey>,
        create: impl FnOnce() -> Value,
    ) -> Result<Value, Refusal> {
        let Some(key) = key.filter(|_| self.header == IdempotencyHeader::On) else {
            return Ok(create());
        };
        let mut answers = locked(&self.answers);
        let place = (Account::clone(account), Arc::clone(&key.key));
        if let Some((body, answer)) = answers.get(&place) {
            return if *body == key.body { Ok(answer.clone()) } else { Err(Refusal::reused_key()) };
        }
        let answer = create();
        answers.insert(place, (key.body.clone(), answer.clone()));
        Ok(answer)
    }
}
