//! Looking at single jobs, the dead and the accounts.

use std::collections::HashMap;

use antre_core::account::AccountName;
use redis::{AsyncCommands, FromRedisValue, Value};

pub use self::records::{BatchProgress, BillRecord, ErrorRecord, InvoiceRecord, JobRecord};
pub use crate::bill_text::{BILL_PLACES, bill_fields};
use crate::{
    Queue, Redis, StoreError,
    decode::Fields,
    keys::{ACCOUNTS, Keys},
};

mod records;

/// Keys that one call of a scan looks at, and calls of one scan at most.
const SCAN_KEYS: u32 = 1_000;
const SCAN_CALLS_MAX: u32 = 1_000;

/// Dead jobs that one search looks at, at most, and at once.
pub const SEARCHED_MAX: usize = 20_000;
const SEARCHED_AT_ONCE: usize = 500;

impl Queue {
    /// Returns job `id`, or `None` when there is none (any more).
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn job(&self, id: &str) -> Result<Option<JobRecord>, StoreError> {
        let mut connection = self.redis().calls();
        let (fields, data, result): (Fields, Option<Vec<u8>>, Option<String>) = redis::pipe()
            .hgetall(self.keys().meta(id))
            .hget(self.keys().data(), id)
            .lindex(self.keys().result(id), 0)
            .query_async(&mut connection)
            .await?;
        Ok((!fields.is_empty()).then(|| JobRecord::decode(id, &fields).with(data, result)))
    }

    /// Returns what is remembered of the bill `external_id`, or `None` when it is unknown.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn bill(&self, external_id: &str) -> Result<Option<BillRecord>, StoreError> {
        let mut connection = self.redis().calls();
        let bill: Option<Vec<u8>> = connection.get(self.keys().bill(external_id)).await?;
        Ok(bill.map(|json| BillRecord::decode(&json)))
    }

    /// Returns up to `count` ids of dead jobs, the latest first, after skipping `offset`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn dead_ids(&self, offset: usize, count: usize) -> Result<Vec<String>, StoreError> {
        let mut connection = self.redis().calls();
        Ok(redis::cmd("ZRANGE")
            .arg(self.keys().dead())
            .arg(offset)
            .arg(offset + count.max(1) - 1)
            .arg("REV")
            .query_async(&mut connection)
            .await?)
    }

    /// Returns the external ids of jobs, in one round trip; `None` for those that have none or are unknown.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn external_ids(&self, ids: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut connection = self.redis().calls();
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.hget(self.keys().meta(id), "external_id");
        }
        Ok(pipeline.query_async(&mut connection).await?)
    }

    /// Returns the newest dead job under the name `external_id`, also of an entry that is no job and so has no bill.
    /// Looks at the latest [`SEARCHED_MAX`] dead jobs.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn dead_with(&self, external_id: &str) -> Result<Option<String>, StoreError> {
        for offset in (0..SEARCHED_MAX).step_by(SEARCHED_AT_ONCE) {
            let ids = self.dead_ids(offset, SEARCHED_AT_ONCE).await?;
            if ids.is_empty() {
                break;
            }
            let names = self.external_ids(&ids).await?;
            let is_meant = |name: &Option<String>| name.as_deref() == Some(external_id);
            if let Some(found) = names.iter().position(is_meant) {
                return Ok(ids.into_iter().nth(found));
            }
        }
        Ok(None)
    }

    /// Returns for each of `ids` whether it is in the inbox or has a record, in one round trip.
    ///
    /// Unknown ones never existed here, or ended longer ago than records are kept.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn are_known(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        let mut connection = self.redis().calls();
        let inbox = self.keys().inbox();
        let mut pipeline = redis::pipe();
        // The inbox first: an entry that is accepted in between has its record by then.
        for id in ids {
            pipeline.cmd("XRANGE").arg(&inbox).arg(id).arg(id);
        }
        for id in ids {
            pipeline.cmd("EXISTS").arg(self.keys().meta(id));
        }
        let replies: Vec<Value> = pipeline.query_async(&mut connection).await?;
        let (entries, records) = replies.split_at(replies.len() / 2);
        let is_in_inbox =
            |entry: &Value| matches!(entry, Value::Array(entries) if !entries.is_empty());
        let has_record = |record: &Value| *record == Value::Int(1);
        let pairs = entries.iter().zip(records);
        Ok(pairs.map(|(entry, record)| is_in_inbox(entry) || has_record(record)).collect())
    }

    /// Returns the instant (Unix ms) in the largest id that the inbox ever had; `None` without an inbox.
    ///
    /// Later ids must be larger. So one that is in the future stays there, and the largest that there can be
    /// closes the inbox.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::WrongType`] when it is no stream.
    pub async fn inbox_last_ms(&self) -> Result<Option<u64>, StoreError> {
        let mut connection = self.redis().calls();
        let inbox = self.keys().inbox();
        if !connection.exists::<_, bool>(&inbox).await? {
            return Ok(None);
        }
        let info: HashMap<String, Value> =
            redis::cmd("XINFO").arg("STREAM").arg(&inbox).query_async(&mut connection).await?;
        let last =
            info.get("last-generated-id").and_then(|id| String::from_redis_value_ref(id).ok());
        let milliseconds = last.and_then(|id| id.split('-').next()?.parse().ok());
        milliseconds.map(Some).ok_or_else(|| StoreError::reply("XINFO", "it has no last id"))
    }

    /// Returns the progress of `batch`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn batch(&self, batch: &str) -> Result<BatchProgress, StoreError> {
        let mut connection = self.redis().calls();
        let fields: Fields = connection.hgetall(self.keys().batch(batch)).await?;
        Ok(BatchProgress::decode(&fields))
    }
}

impl Redis {
    /// Returns the names of all accounts that a worker ever served on this server.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn accounts(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self.at(ACCOUNTS).calls();
        let mut accounts: Vec<String> = connection.smembers(ACCOUNTS).await?;
        accounts.sort();
        Ok(accounts)
    }

    /// Returns for each account of which type its inbox is: `stream`, `none`, or another one that some other
    /// program made; one round trip.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn inbox_types(&self, accounts: &[AccountName]) -> Result<Vec<String>, StoreError> {
        // A pipeline without commands is an error.
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.calls();
        let mut pipeline = redis::pipe();
        for account in accounts {
            pipeline.cmd("TYPE").arg(Keys::new(account).inbox());
        }
        Ok(pipeline.query_async(&mut connection).await?)
    }

    /// Returns the names in all keys `antre:{name}:inbox`, served or not, valid or not: a mistyped account in an
    /// `XADD` without `NOMKSTREAM` makes one. Scans the keyspace, at most a million keys of it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn inbox_names(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for server in self.each_server().await? {
            server.add_inbox_names(&mut names).await?;
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    async fn add_inbox_names(&self, names: &mut Vec<String>) -> Result<(), StoreError> {
        let mut connection = self.calls();
        let mut cursor = 0_u64;
        for _ in 0..SCAN_CALLS_MAX {
            let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg("antre:{*}:inbox")
                .arg("COUNT")
                .arg(SCAN_KEYS)
                .query_async(&mut connection)
                .await?;
            let found =
                keys.iter().filter_map(|key| key.strip_prefix("antre:{")?.strip_suffix("}:inbox"));
            names.extend(found.map(str::to_owned));
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        Ok(())
    }
}
