//! Results: a list per job that keeps its one result as long as its record, and the stream of all ends.

use std::time::Duration;

use antre_core::job_result::EndState;
use antre_core::job_result::JobError;
use antre_core::state::State;
use redis::{Cmd, FromRedisValue, Value, aio::MultiplexedConnection};
use serde_json::json;

use crate::{
    Queue, StoreError,
    decode::{Fields, pairs, text},
    inspect::BillRecord,
};

/// A stream's name, and its entries with fields and values one after the other.
type Stream = (Value, Vec<(String, Value)>);

/// One entry of the stream of all ends, as far as it is not read from the result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The entry's id, after which to read on.
    pub entry: String,
    /// The job.
    pub job: String,
    /// How it ended.
    pub state: Option<EndState>,
    /// Its bill.
    pub external_id: Option<String>,
    /// The invoice's id.
    pub invoice_id: Option<String>,
    /// The page where the customer pays.
    pub invoice_url: Option<String>,
    /// Why it has no invoice.
    pub error: Option<JobError>,
}

impl Ended {
    fn decode(entry: String, fields: &Fields) -> Self {
        let state = text(fields, "state").map(serde_json::Value::from);
        Self {
            entry,
            job: text(fields, "job").unwrap_or_default(),
            state: state.and_then(|word| serde_json::from_value(word).ok()),
            external_id: text(fields, "external_id"),
            invoice_id: text(fields, "invoice_id"),
            invoice_url: text(fields, "invoice_url"),
            error: text(fields, "error").and_then(|json| serde_json::from_str(&json).ok()),
        }
    }
}

/// Waits for results on a connection of its own.
pub struct ResultWaiter {
    /// With the number of the shared connection when it was opened; none after an error.
    connection: Option<(MultiplexedConnection, u64)>,
    queue: Queue,
    block: Duration,
}

impl std::fmt::Debug for ResultWaiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultWaiter").field("block", &self.block).finish_non_exhaustive()
    }
}

impl ResultWaiter {
    /// Waits for job `id`'s result and leaves it there for others. `None` when it has not ended within `block`.
    ///
    /// # Errors
    /// Any [`StoreError`]; the next call opens another connection.
    pub async fn wait(&mut self, id: &str) -> Result<Option<String>, StoreError> {
        let list = self.queue.keys().result(id);
        let mut command = redis::cmd("BLMOVE");
        command.arg(&list).arg(&list).arg("LEFT").arg("LEFT").arg(self.block.as_secs_f64());
        self.ask(&command).await
    }

    /// Reads up to `count` ends after `after` (`0` from the oldest, `$` from now), waiting up to `block` for the first.
    ///
    /// # Errors
    /// Any [`StoreError`]; the next call opens another connection.
    pub async fn ends(&mut self, after: &str, count: usize) -> Result<Vec<Ended>, StoreError> {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(count).arg("BLOCK").arg(self.block.as_millis().to_string());
        command.arg("STREAMS").arg(self.queue.keys().named("ended")).arg(after);
        let reply: Option<Vec<Stream>> = self.ask(&command).await?;
        let entries = reply.into_iter().flatten().flat_map(|(_stream, entries)| entries);
        entries
            .map(|(entry, fields)| {
                let fields = pairs(fields)
                    .ok_or_else(|| StoreError::reply("XREAD", "an entry has no fields"))?;
                Ok(Ended::decode(entry, &fields))
            })
            .collect()
    }

    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, StoreError> {
        let generation = self.queue.redis().generation();
        let open = self.connection.take().filter(|(_, opened)| *opened == generation);
        let mut connection = match open {
            Some((connection, _)) => connection,
            None => self.queue.redis().blocking(self.block).await?,
        };
        let reply = command.query_async(&mut connection).await;
        let reply = reply.map_err(|error| self.queue.redis().met(error.into()))?;
        self.connection = Some((connection, generation));
        Ok(reply)
    }
}

impl Queue {
    /// Opens a connection for waiting; each wait lasts up to `block`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached.
    pub async fn result_waiter(&self, block: Duration) -> Result<ResultWaiter, StoreError> {
        let generation = self.redis().generation();
        let connection = Some((self.redis().blocking(block).await?, generation));
        Ok(ResultWaiter { connection, queue: self.clone(), block })
    }

    /// Returns the results of `ids` that have ended, without waiting; one round trip.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn results(&self, ids: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().calls();
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.cmd("LINDEX").arg(self.keys().result(id)).arg(0);
        }
        Ok(pipeline.query_async(&mut connection).await?)
    }

    /// Returns the results of `ids` that have ended, also of those whose list somebody has emptied: what is left of them
    /// stands in the record and with the bill, all but the answer.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn kept_results(&self, ids: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().calls();
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.cmd("LINDEX").arg(self.keys().result(id)).arg(0);
            pipeline.cmd("HGET").arg(self.keys().meta(id)).arg("state");
        }
        let texts: Vec<Option<String>> = pipeline.query_async(&mut connection).await?;
        let mut results = Vec::with_capacity(ids.len());
        for (id, pair) in ids.iter().zip(texts.chunks(2)) {
            let (listed, state) = (pair.first().cloned().flatten(), pair.get(1).cloned().flatten());
            let has_ended = state.and_then(|state| state.parse().ok()).is_some_and(State::is_ended);
            results.push(match listed {
                None if has_ended => self.recorded_result(id).await?,
                listed => listed,
            });
        }
        Ok(results)
    }

    /// Returns the result as far as the record and the bill have it.
    async fn recorded_result(&self, id: &str) -> Result<Option<String>, StoreError> {
        let Some(record) = self.job(id).await? else { return Ok(None) };
        let bill = match &record.external_id {
            Some(external_id) => self.bill(external_id).await?.unwrap_or_default(),
            None => BillRecord::default(),
        };
        let is_bills = bill.invoice.id == record.invoice.id;
        let invoice = if is_bills { bill.invoice } else { record.invoice };
        let is_of_bill = bill.job == record.duplicate_of.clone().or_else(|| Some(id.to_owned()));
        let error = record.error.code.map(|code| {
            json!({ "code": code, "message": record.error.message, "status": record.error.status })
        });
        let result = json!({
            "job": id,
            "state": record.state.map(State::as_str),
            "external_id": record.external_id,
            "reference": record.reference,
            "amount": record.amount,
            "currency": bill.currency,
            "invoice_id": invoice.id,
            "invoice_url": invoice.url,
            "expiry_date": invoice.expiry_date,
            "error": error,
            "attempts": record.attempts.unwrap_or_default(),
            "warnings": record.warnings,
            "duplicate_of": record.duplicate_of,
            "bill_job": bill.job,
            "is_bill_result": is_of_bill,
        });
        Ok(Some(result.to_string()))
    }
}
